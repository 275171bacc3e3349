import { EINVAL, EOPNOTSUPP, EPROTO } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/ct.js';
import { NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../../netlink/nfnl/nfnetlink.js';
import { get64 } from '../../conntrack/conntrack.js';
import * as layout from '../../conntrack/layout.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';
import { expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { nameWords, swap16, swap32 } from './bytes.js';

// linux/netfilter/nf_conntrack_common.h: NF_CT_STATE_*
const STATE_INVALID = 1;
const STATE_UNTRACKED = 1 << 6;

class CtLoad extends ConntrackUser {
  constructor(
    readonly key: number,
    readonly word: number,
    readonly bytes: number,
    readonly direction: number | null,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb, registers, tables } = packet;
    const { word, key } = this;
    const id = skb.conntrack;
    if (key === keys.NFT_CT_STATE) {
      if (id !== 0) registers[word] = 1 << ((skb.conntrackInfo % layout.IP_CT_IS_REPLY) + 1);
      else registers[word] = skb.conntrackInfo === layout.IP_CT_UNTRACKED ? STATE_UNTRACKED : STATE_INVALID;
      return CONTINUE;
    }
    if (id === 0) return BREAK;
    const conntrack = tables.namespace.conntrack;
    const { table } = conntrack;
    const w = table.words(id);
    const base = table.base(id);
    switch (key) {
      case keys.NFT_CT_DIRECTION:
        registers[word] = layout.directionOf(skb.conntrackInfo);
        return CONTINUE;
      case keys.NFT_CT_STATUS:
        registers[word] = w[base + layout.STATUS]!;
        return CONTINUE;
      case keys.NFT_CT_MARK:
        registers[word] = w[base + layout.MARK]!;
        return CONTINUE;
      case keys.NFT_CT_SECMARK:
        registers[word] = w[base + layout.SECMARK]!;
        return CONTINUE;
      case keys.NFT_CT_EXPIRATION:
        registers[word] = Math.max(0, (w[base + layout.EXPIRES]! - conntrack.nowMs()) | 0);
        return CONTINUE;
      case keys.NFT_CT_HELPER: {
        // That of the connection which announced it. Linux: nft_ct_get_eval()
        const master = w[base + layout.MASTER]!;
        const name = master === 0 ? null : conntrack.helpers.nameOf(master);
        if (name === null) return BREAK;
        const words = nameWords(name);
        for (let i = 0; i < 4; i++) registers[word + i] = words[i]!;
        return CONTINUE;
      }
      case keys.NFT_CT_LABELS:
        for (let i = 0; i < 4; i++) registers[word + i] = w[base + layout.LABELS + i]!;
        return CONTINUE;
      case keys.NFT_CT_BYTES:
      case keys.NFT_CT_PKTS:
      case keys.NFT_CT_AVGPKT:
        return this.#counter(registers, w, base + layout.COUNTERS);
      case keys.NFT_CT_ZONE:
        registers[word] = w[base + layout.ZONE]! & 0xffff;
        return CONTINUE;
      case keys.NFT_CT_ID:
        registers[word] = w[base + layout.ID]!;
        return CONTINUE;
      case keys.NFT_CT_L3PROTOCOL:
        registers[word] = w[base + layout.PROTOCOL]! >>> 8;
        return CONTINUE;
      case keys.NFT_CT_PROTOCOL:
        registers[word] = w[base + layout.PROTOCOL]! & 0xff;
        return CONTINUE;
      default:
        return this.#tuple(registers, w, base);
    }
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.bytes)]];
  }

  describe() {
    return { dreg: showRegister(this.word), key: this.key, ...(this.direction === null ? {} : { direction: this.direction }) };
  }

  /** Of one direction, or of both together. */
  #counter(registers: Int32Array, w: Int32Array, at: number): number {
    const of = (place: number) => {
      const original = get64(w, at + place);
      const reply = get64(w, at + 4 + place);
      return this.direction === null ? original + reply : this.direction === 0 ? original : reply;
    };
    const packets = of(0);
    const bytes = of(2);
    let value = this.key === keys.NFT_CT_PKTS ? packets : bytes;
    if (this.key === keys.NFT_CT_AVGPKT) value = packets === 0 ? 0 : Math.floor(bytes / packets);
    registers[this.word] = value | 0;
    registers[this.word + 1] = Math.floor(value / 0x1_0000_0000);
    return CONTINUE;
  }

  #tuple(registers: Int32Array, w: Int32Array, base: number): number {
    const reply = this.direction === 1;
    const at = base + (reply ? layout.REPLY : layout.ORIGINAL);
    const ports = w[base + (reply ? layout.REPLY_PORTS : layout.ORIGINAL_PORTS)]!;
    const four = w[base + layout.PROTOCOL]! >>> 8 === NFPROTO_IPV4;
    const { key, word } = this;
    switch (key) {
      case keys.NFT_CT_PROTO_SRC:
        registers[word] = swap16(ports >>> 16);
        return CONTINUE;
      case keys.NFT_CT_PROTO_DST:
        registers[word] = swap16(ports & 0xffff);
        return CONTINUE;
      case keys.NFT_CT_SRC_IP:
      case keys.NFT_CT_DST_IP:
        if (!four) return BREAK;
        registers[word] = swap32(w[at + (key === keys.NFT_CT_SRC_IP ? 0 : 4)]!);
        return CONTINUE;
      case keys.NFT_CT_SRC_IP6:
      case keys.NFT_CT_DST_IP6:
        if (four) return BREAK;
        for (let i = 0; i < 4; i++) registers[word + i] = swap32(w[at + (key === keys.NFT_CT_SRC_IP6 ? 0 : 4) + i]!);
        return CONTINUE;
      default:
        for (let i = 0; i < wordsOf(this.bytes); i++) registers[word + i] = swap32(w[at + (key === keys.NFT_CT_SRC ? 0 : 4) + i]!);
        return CONTINUE;
    }
  }
}

class CtSet extends ConntrackUser {
  constructor(
    readonly key: number,
    readonly word: number,
    readonly bytes: number,
    readonly direction: number | null,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb, registers, tables } = packet;
    const value = registers[this.word]!;
    if (this.key === keys.NFT_CT_ZONE) {
      // It counts for the tracking that is still to come.
      if (skb.conntrack !== 0) return BREAK;
      const directions = this.direction === null ? layout.ZONE_BOTH : 1 << this.direction;
      skb.conntrackZone = (skb.conntrackZone & ~layout.TEMPLATE_ZONE_MASK) | (value & 0xffff) | (directions << 16);
      return CONTINUE;
    }
    const id = skb.conntrack;
    if (id === 0) return BREAK;
    const conntrack = tables.namespace.conntrack;
    const { table } = conntrack;
    const w = table.words(id);
    const base = table.base(id);
    if (this.key === keys.NFT_CT_MARK) {
      if (w[base + layout.MARK] === value) return CONTINUE;
      w[base + layout.MARK] = value;
      conntrack.event(id, layout.IPCT_MARK);
    } else if (this.key === keys.NFT_CT_LABELS) {
      let changed = false;
      for (let i = 0; i < 4; i++) {
        const before = w[base + layout.LABELS + i]!;
        const after = before | registers[this.word + i]!;
        changed ||= after !== before;
        w[base + layout.LABELS + i] = after;
      }
      if (changed) conntrack.event(id, layout.IPCT_LABEL);
    } else if (this.key === keys.NFT_CT_EVENTMASK) {
      if ((w[base + layout.STATUS]! & layout.IPS_CONFIRMED) === 0) w[base + layout.EVENT_MASK] = value;
    } else if (this.key === keys.NFT_CT_SECMARK) {
      if (w[base + layout.SECMARK] === value) return CONTINUE;
      w[base + layout.SECMARK] = value;
      conntrack.event(id, layout.IPCT_SECMARK);
    }
    return CONTINUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.bytes)]];
  }

  describe() {
    return { key: this.key, ...(this.direction === null ? {} : { direction: this.direction }), sreg: showRegister(this.word) };
  }
}

/** Bytes of a key's value; undefined: it does not exist here. */
function bytesOf(key: number, family: number): number | undefined {
  switch (key) {
    case keys.NFT_CT_DIRECTION:
    case keys.NFT_CT_L3PROTOCOL:
    case keys.NFT_CT_PROTOCOL:
      return 1;
    case keys.NFT_CT_ZONE:
    case keys.NFT_CT_PROTO_SRC:
    case keys.NFT_CT_PROTO_DST:
      return 2;
    case keys.NFT_CT_STATE:
    case keys.NFT_CT_STATUS:
    case keys.NFT_CT_MARK:
    case keys.NFT_CT_EXPIRATION:
    case keys.NFT_CT_ID:
    case keys.NFT_CT_SRC_IP:
    case keys.NFT_CT_DST_IP:
    case keys.NFT_CT_SECMARK:
      return 4;
    case keys.NFT_CT_SRC:
    case keys.NFT_CT_DST:
      if (family === NFPROTO_IPV4) return 4;
      return family === NFPROTO_IPV6 || family === NFPROTO_INET ? 16 : undefined;
    case keys.NFT_CT_BYTES:
    case keys.NFT_CT_PKTS:
    case keys.NFT_CT_AVGPKT:
      return 8;
    case keys.NFT_CT_HELPER:
    case keys.NFT_CT_LABELS:
    case keys.NFT_CT_SRC_IP6:
    case keys.NFT_CT_DST_IP6:
      return 16;
    default:
      return undefined;
  }
}

/** Keys that are of one direction: it must be named. */
const directed = new Set([
  keys.NFT_CT_SRC,
  keys.NFT_CT_DST,
  keys.NFT_CT_PROTO_SRC,
  keys.NFT_CT_PROTO_DST,
  keys.NFT_CT_SRC_IP,
  keys.NFT_CT_DST_IP,
  keys.NFT_CT_SRC_IP6,
  keys.NFT_CT_DST_IP6,
]);
/** Keys that may have one. */
const mayBeDirected = new Set([...directed, keys.NFT_CT_BYTES, keys.NFT_CT_PKTS, keys.NFT_CT_AVGPKT, keys.NFT_CT_ZONE]);

export const ct = expressionKind(keys.ct, (values, { table, namespace }) => {
  const key = values.key ?? fail(EINVAL);
  const { direction } = values;
  if (table.family === NFPROTO_NETDEV) return fail(EPROTO);
  if (table.family === NFPROTO_BRIDGE && key === keys.NFT_CT_HELPER) return fail(EOPNOTSUPP);
  if (direction !== undefined && direction > 1) return fail(EINVAL);
  if (values.sreg !== undefined) {
    if (values.dreg !== undefined) return fail(EINVAL);
    const bytes = setBytes.get(key) ?? fail(EOPNOTSUPP);
    if (direction !== undefined && key !== keys.NFT_CT_ZONE) return fail(EINVAL);
    return inNamespace(new CtSet(key, loadRegister(values.sreg, bytes), bytes, direction ?? null), namespace);
  }
  const bytes = bytesOf(key, table.family) ?? fail(EOPNOTSUPP);
  // Linux says nothing of a direction where there is none.
  if (key === keys.NFT_CT_L3PROTOCOL || key === keys.NFT_CT_PROTOCOL)
    return inNamespace(new CtLoad(key, storeRegister(values.dreg, bytes), bytes, null), namespace);
  if (direction === undefined ? directed.has(key) : !mayBeDirected.has(key)) return fail(EINVAL);
  return inNamespace(new CtLoad(key, storeRegister(values.dreg, bytes), bytes, direction ?? null), namespace);
});

const setBytes = new Map([
  [keys.NFT_CT_MARK, 4],
  [keys.NFT_CT_LABELS, 16],
  [keys.NFT_CT_ZONE, 2],
  [keys.NFT_CT_EVENTMASK, 4],
  [keys.NFT_CT_SECMARK, 4],
]);
