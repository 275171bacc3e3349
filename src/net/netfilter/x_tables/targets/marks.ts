import * as layout from '../../conntrack/layout.js';
import { CONTINUE } from '../../nf_tables/verdict.js';
import type { Target } from '../extension.js';

// linux/netfilter/xt_mark.h, xt_connmark.h, xt_CT.h, xt_CLASSIFY.h

/** The bits of `mask` go, then those of `mark` change. */
export const mark: Target = {
  name: 'MARK',
  bytes: [0, 0, 8],
  make(info) {
    const value = info.u32(0);
    const mask = info.u32(4);
    return ({ skb }) => {
      skb.mark = ((skb.mark & ~mask) ^ value) >>> 0;
      return CONTINUE;
    };
  },
};

const CONNMARK_SET = 0;
const CONNMARK_SAVE = 1;

export const connmark: Target = {
  name: 'CONNMARK',
  bytes: [0, 13, 16],
  conntrack: true,
  make(info, revision) {
    const [ctMark, ctMask, nfMask] = [info.u32(0), info.u32(4), info.u32(8)];
    const [shiftRight, shift, mode] = revision === 2 ? [info.u8(12) === 1, info.u8(13), info.u8(14)] : [false, 0, info.u8(12)];
    const shifted = (value: number) => (shiftRight ? value >>> shift : value << shift) >>> 0;
    return ({ skb, tables }) => {
      const id = skb.conntrack;
      if (id === 0) return CONTINUE;
      const { conntrack } = tables.namespace;
      const { table } = conntrack;
      const before = table.get(id, layout.MARK);
      if (mode !== CONNMARK_SET && mode !== CONNMARK_SAVE) {
        skb.mark = ((skb.mark & ~nfMask) ^ shifted(before & ctMask)) >>> 0;
        return CONTINUE;
      }
      const after =
        mode === CONNMARK_SET ? shifted((before & ~ctMask) ^ ctMark) | 0 : ((before & ~ctMask) ^ shifted(skb.mark & nfMask)) | 0;
      if (after === before) return CONTINUE;
      table.set(id, layout.MARK, after);
      conntrack.event(id, layout.IPCT_MARK);
      return CONTINUE;
    };
  },
};

const CT_NOTRACK = 1;
const CT_NOTRACK_ALIAS = 2;
const CT_ZONE_ORIGINAL = 4;
const CT_ZONE_REPLY = 8;
const CT_ZONE_MARK = 16;

/** What is to hold for a connection that is not looked for yet: none, a zone, a helper. */
export const ct: Target = {
  name: 'CT',
  bytes: [32, 64, 64],
  conntrack: true,
  make(info, _revision, { namespace }) {
    const flags = info.u16(0);
    const zone = info.u16(2);
    const helper = namespace.conntrack.helpers.numberOf(info.text(12, 16));
    let directions = ((flags & CT_ZONE_ORIGINAL) !== 0 ? 1 : 0) | ((flags & CT_ZONE_REPLY) !== 0 ? 2 : 0);
    if (directions === 0) directions = layout.ZONE_BOTH;
    return ({ skb }) => {
      if (skb.conntrack !== 0) return CONTINUE;
      if ((flags & (CT_NOTRACK | CT_NOTRACK_ALIAS)) !== 0) {
        skb.conntrackInfo = layout.IP_CT_UNTRACKED;
        return CONTINUE;
      }
      const number = (flags & CT_ZONE_MARK) !== 0 ? skb.mark & 0xffff : zone;
      if (number !== 0) skb.conntrackZone = (skb.conntrackZone & ~layout.TEMPLATE_ZONE_MASK) | number | (directions << 16);
      if (helper !== 0) skb.conntrackZone = (skb.conntrackZone & layout.TEMPLATE_ZONE_MASK) | (helper << layout.TEMPLATE_HELPER_SHIFT);
      return CONTINUE;
    };
  },
};

export const notrack: Target = {
  name: 'NOTRACK',
  bytes: [0],
  make:
    () =>
    ({ skb }) => {
      if (skb.conntrack === 0) skb.conntrackInfo = layout.IP_CT_UNTRACKED;
      return CONTINUE;
    },
};

export const classify: Target = {
  name: 'CLASSIFY',
  bytes: [4],
  make(info) {
    const priority = info.u32(0);
    return ({ skb }) => {
      skb.priority = priority;
      return CONTINUE;
    };
  },
};
