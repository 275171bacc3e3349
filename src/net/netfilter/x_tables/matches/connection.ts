import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { get64 } from '../../conntrack/conntrack.js';
import * as layout from '../../conntrack/layout.js';
import type { PacketInfo } from '../../nf_tables/packet-info.js';
import type { Info, Match } from '../extension.js';

// linux/netfilter/xt_conntrack.h, xt_state.h, xt_connmark.h, xt_helper.h, xt_connbytes.h

const STATE = 0x1;
const PROTO = 0x2;
const ADDRESSES = [0x4, 0x8, 0x10, 0x20] as const;
const STATUS = 0x40;
const EXPIRES = 0x80;
const PORTS = [0x100, 0x200, 0x400, 0x800] as const;
const DIRECTION = 0x1000;

const STATE_INVALID = 1;
const STATE_SNAT = 1 << 6;
const STATE_DNAT = 1 << 7;
const STATE_UNTRACKED = 1 << 8;
/** xt_state's own, where xt_conntrack has SNAT. */
const OLD_STATE_UNTRACKED = 1 << 6;

const stateBit = (info: number): number => 1 << ((info % layout.IP_CT_IS_REPLY) + 1);

export const state: Match = {
  name: 'state',
  bytes: [4],
  conntrack: true,
  make(info) {
    const mask = info.u32(0);
    return ({ skb }) => {
      if (skb.conntrack !== 0) return (mask & stateBit(skb.conntrackInfo)) !== 0;
      return (mask & (skb.conntrackInfo === layout.IP_CT_UNTRACKED ? OLD_STATE_UNTRACKED : STATE_INVALID)) !== 0;
    };
  },
};

/** Where a tuple's words lie, in the order of the struct: origsrc, origdst, replsrc, repldst. */
const places = [layout.ORIGINAL, layout.ORIGINAL + 4, layout.REPLY, layout.REPLY + 4] as const;

interface AddressTest {
  readonly flag: number;
  readonly place: number;
  readonly address: Uint32Array;
  readonly mask: Uint32Array;
}

interface PortTest {
  readonly flag: number;
  readonly place: number;
  readonly shift: number;
  readonly min: number;
  readonly max: number;
}

function portTests(info: Info, revision: number, flags: number): PortTest[] {
  return PORTS.flatMap((flag, i) => {
    if ((flags & flag) === 0) return [];
    const at = 138 + 2 * i;
    const port = revision < 3 ? info.be16(at) : info.u16(at);
    const last = revision < 3 ? port : info.u16(154 + 2 * i);
    return [{ flag, place: i < 2 ? layout.ORIGINAL_PORTS : layout.REPLY_PORTS, shift: (i & 1) === 0 ? 16 : 0, min: port, max: last }];
  });
}

export const conntrack: Match = {
  name: 'conntrack',
  bytes: [0, 152, 160, 168],
  conntrack: true,
  make(info, revision) {
    const flags = info.u16(146);
    const invert = info.u16(148);
    const stateMask = revision === 1 ? info.u8(150) : info.u16(150);
    const statusMask = revision === 1 ? info.u8(151) : info.u16(152);
    const expiresMin = info.u32(128);
    const expiresMax = info.u32(132);
    const protocol = info.u16(136);
    const addresses: AddressTest[] = ADDRESSES.flatMap((flag, i) =>
      (flags & flag) === 0 ? [] : [{ flag, place: places[i]!, address: info.address(32 * i), mask: info.address(32 * i + 16) }],
    );
    const ports = portTests(info, revision, flags);
    const fits = (flag: number, matches: boolean) => matches !== ((invert & flag) !== 0);
    return (packet) => {
      const { skb, tables } = packet;
      const id = skb.conntrack;
      const tracking = tables.namespace.conntrack;
      const { table } = tracking;
      if ((flags & STATE) !== 0) {
        let bits: number;
        if (id === 0) bits = skb.conntrackInfo === layout.IP_CT_UNTRACKED ? STATE_UNTRACKED : STATE_INVALID;
        else {
          bits = stateBit(skb.conntrackInfo);
          const status = table.status(id);
          if ((status & layout.IPS_SRC_NAT) !== 0) bits |= STATE_SNAT;
          if ((status & layout.IPS_DST_NAT) !== 0) bits |= STATE_DNAT;
        }
        if (!fits(STATE, (bits & stateMask) !== 0)) return false;
      }
      if (id === 0) return (flags & ~STATE) === 0;
      const w = table.words(id);
      const base = table.base(id);
      if ((flags & DIRECTION) !== 0 && !fits(DIRECTION, layout.directionOf(skb.conntrackInfo) === 0)) return false;
      for (const { flag, place, address, mask } of addresses) if (!fits(flag, sameNet(w, base + place, address, mask))) return false;
      if ((flags & PROTO) !== 0 && !fits(PROTO, (w[base + layout.PROTOCOL]! & 0xff) === protocol)) return false;
      for (const { flag, place, shift, min, max } of ports) {
        const port = (w[base + place]! >>> shift) & 0xffff;
        if (!fits(flag, port >= min && port <= max)) return false;
      }
      if (
        (flags & STATUS) !== 0 &&
        !fits(STATUS, statusMask === 0 ? (table.status(id) & 0xf) === 0 : (table.status(id) & statusMask) !== 0)
      )
        return false;
      if ((flags & EXPIRES) === 0) return true;
      const seconds = tracking.secondsLeft(id);
      return fits(EXPIRES, seconds >= expiresMin && seconds <= expiresMax);
    };
  },
};

function sameNet(w: Int32Array, at: number, address: Uint32Array, mask: Uint32Array): boolean {
  for (let i = 0; i < 4; i++) if (((w[at + i]! ^ address[i]!) & mask[i]!) !== 0) return false;
  return true;
}

export const connmark: Match = {
  name: 'connmark',
  bytes: [0, 12],
  conntrack: true,
  make(info) {
    const mark = info.u32(0);
    const mask = info.u32(4);
    const inverted = info.u8(8) !== 0;
    return ({ skb, tables }) => {
      if (skb.conntrack === 0) return false;
      return ((tables.namespace.conntrack.table.get(skb.conntrack, layout.MARK) & mask) >>> 0 === mark) !== inverted;
    };
  },
};

/** Of the connection that the packet's own came of, or its own. */
export const helper: Match = {
  name: 'helper',
  bytes: [34],
  conntrack: true,
  make(info) {
    const inverted = info.u32(0) !== 0;
    const name = info.text(4, 29);
    return ({ skb, tables }) => {
      if (skb.conntrack === 0) return inverted;
      const { table, helpers } = tables.namespace.conntrack;
      const master = table.get(skb.conntrack, layout.MASTER);
      const found = master === 0 ? null : helpers.nameOf(master);
      if (found === null) return inverted;
      return (name === '' || found === name) !== inverted;
    };
  },
};

const BYTES_PACKETS = 0;
const BYTES_BYTES = 1;

export const connbytes: Match = {
  name: 'connbytes',
  bytes: [24],
  conntrack: true,
  make(info, _revision, { namespace }) {
    // Linux: connbytes_mt_check() turns accounting on, as the counters would all be 0.
    namespace.conntrack.settings.acct = 1;
    const from = Number(info.view.getBigUint64(0, true));
    const to = Number(info.view.getBigUint64(8, true));
    const what = info.u8(16);
    const direction = info.u8(17);
    return ({ skb, tables }) => {
      if (skb.conntrack === 0) return false;
      const { table } = tables.namespace.conntrack;
      const w = table.words(skb.conntrack);
      const at = table.base(skb.conntrack) + layout.COUNTERS;
      const of = (place: number) => (direction === 1 ? 0 : get64(w, at + place)) + (direction === 0 ? 0 : get64(w, at + 4 + place));
      const packets = of(0);
      const bytes = of(2);
      const value = what === BYTES_PACKETS ? packets : what === BYTES_BYTES ? bytes : packets === 0 ? 0 : Math.floor(bytes / packets);
      return to >= from ? value >= from && value <= to : value < to || value > from;
    };
  },
};

/** linux/netfilter/xt_connlimit.h: how many connections of one net are there. */
export const connlimit: Match = {
  name: 'connlimit',
  bytes: [0, 32],
  conntrack: true,
  make(info, _revision, { family }) {
    const mask = info.address(0);
    const limit = info.u32(16);
    const flags = info.u32(20);
    const inverted = (flags & 1) !== 0;
    const byDestination = (flags & 2) !== 0;
    const nets = new Map<string, Set<number>>();
    return (packet) => {
      const id = packet.skb.conntrack;
      if (id === 0) return false;
      const key = netOf(packet, byDestination, mask, family === NFPROTO_IPV4);
      let seen = nets.get(key);
      if (seen === undefined) {
        seen = new Set();
        nets.set(key, seen);
      }
      const tracking = packet.tables.namespace.conntrack;
      if (!seen.has(id)) {
        for (const other of seen)
          if ((tracking.table.status(other) & layout.IPS_CONFIRMED) === 0 || tracking.expired(other)) seen.delete(other);
        seen.add(id);
      }
      return seen.size > limit !== inverted;
    };
  },
};

function netOf({ skb }: PacketInfo, byDestination: boolean, mask: Uint32Array, four: boolean): string {
  const at = skb.networkHeader + (four ? (byDestination ? 16 : 12) : byDestination ? 24 : 8);
  let key = '';
  for (let i = 0; i < (four ? 1 : 4); i++) key += `${(skb.view.getUint32(at + 4 * i) & mask[i]!) >>> 0} `;
  return key;
}
