import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as exthdrs from '../../../../netlink/nfnl/expressions/exthdr.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as ip6 from '../../../../wire/ipv6.js';
import { isExtensionHeader } from '../../../../wire/ipv6.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { replaceBytes } from '../replace-bytes.js';
import { BREAK, CONTINUE } from '../verdict.js';

interface Place {
  readonly op: number;
  readonly type: number;
  readonly offset: number;
  readonly length: number;
  readonly flags: number;
}

/** Where the option or header is, absolute, and in `found` how long it is; -1: the packet has none. */
function find(packet: PacketInfo, place: Place): number {
  switch (place.op) {
    case exthdrs.NFT_EXTHDR_OP_TCPOPT:
      return tcpOption(packet, place.type);
    case exthdrs.NFT_EXTHDR_OP_IPV4:
      return ipOption(packet, place.type);
    case exthdrs.NFT_EXTHDR_OP_SCTP:
      return sctpChunk(packet, place.type);
    default:
      return ipv6Header(packet, place.type);
  }
}

function tcpOption(packet: PacketInfo, kind: number): number {
  const { skb, transport } = packet;
  if (packet.protocol !== 6 || transport < 0 || packet.fragmentOffset !== 0 || transport + 20 > skb.tail) return -1;
  const end = Math.min(transport + ((skb.view.getUint8(transport + 12) >>> 4) << 2), skb.tail);
  return option(skb.bytes, transport + 20, end, kind);
}

function ipOption(packet: PacketInfo, kind: number): number {
  const { skb } = packet;
  if (packet.networkFamily !== NFPROTO_IPV4) return -1;
  return option(skb.bytes, skb.networkHeader + 20, packet.transport, kind);
}

/** Kinds 0 and 1 are single bytes; others have their length behind them. */
function option(bytes: Uint8Array, from: number, end: number, kind: number): number {
  for (let at = from; at < end; ) {
    const here = bytes[at]!;
    if (here === kind) return at;
    if (here === 0) return -1;
    if (here === 1) at++;
    else {
      const length = at + 1 < end ? bytes[at + 1]! : 0;
      if (length < 2) return -1;
      at += length;
    }
  }
  return -1;
}

function sctpChunk(packet: PacketInfo, type: number): number {
  const { skb, transport } = packet;
  if (packet.protocol !== 132 || transport < 0 || packet.fragmentOffset !== 0) return -1;
  for (let at = transport + 12; at + 4 <= skb.tail; ) {
    if (skb.bytes[at] === type) return at;
    const length = skb.view.getUint16(at + 2);
    if (length < 4) return -1;
    at += (length + 3) & ~3;
  }
  return -1;
}

// Linux: ipv6_find_hdr()
function ipv6Header(packet: PacketInfo, type: number): number {
  const { skb } = packet;
  if (packet.networkFamily !== NFPROTO_IPV6) return -1;
  let next = skb.view.getUint8(skb.networkHeader + 6);
  let at = skb.networkHeader + ip6.HEADER;
  while (isExtensionHeader(next) && next !== ip6.NEXTHDR_NONE && at + 8 <= skb.tail) {
    if (next === type) return at;
    const bytes = next === ip6.NEXTHDR_FRAGMENT ? 8 : next === 51 ? (skb.bytes[at + 1]! + 2) << 2 : (skb.bytes[at + 1]! + 1) << 3;
    next = skb.bytes[at]!;
    at += bytes;
  }
  return -1;
}

class ExthdrLoad extends Expression {
  constructor(
    readonly word: number,
    readonly place: Place,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { place, word } = this;
    const { skb } = packet;
    const at = find(packet, place);
    if ((place.flags & exthdrs.NFT_EXTHDR_F_PRESENT) !== 0) {
      packet.registers[word] = at < 0 ? 0 : 1;
      return CONTINUE;
    }
    const from = at + place.offset;
    if (at < 0 || from + place.length > skb.tail) return BREAK;
    packet.registers[word + ((place.length - 1) >> 2)] = 0;
    for (let i = 0; i < place.length; i++) packet.bytes[word * 4 + i] = skb.bytes[from + i]!;
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.place.length)]];
  }

  describe() {
    const { type, offset, length, flags, op } = this.place;
    return { dreg: showRegister(this.word), type, offset, len: length, flags, op };
  }
}

class ExthdrSet extends Expression {
  constructor(
    readonly word: number,
    readonly place: Place,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { place, word } = this;
    const at = find(packet, place);
    if (at < 0) return CONTINUE;
    const from = at + place.offset;
    if (from + place.length > packet.skb.tail) return BREAK;
    const length = packet.skb.bytes[at + 1]!;
    if (place.offset + place.length > length) return BREAK;
    // The maximum segment size is only ever made smaller. Linux: nft_exthdr_tcp_set_eval()
    if (place.type === 2 && place.length === 2) {
      const wanted = (packet.bytes[word * 4]! << 8) | packet.bytes[word * 4 + 1]!;
      if (packet.skb.view.getUint16(from) <= wanted) return CONTINUE;
    }
    return replaceBytes(packet, from, packet.bytes, word * 4, place.length, packet.transport + 16, false) ? CONTINUE : BREAK;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.place.length)]];
  }

  override get mangles(): boolean {
    return true;
  }

  describe() {
    const { type, offset, length, op } = this.place;
    return { sreg: showRegister(this.word), type, offset, len: length, op };
  }
}

const nops = new Uint8Array(40).fill(1);

/** `reset tcp option`: no-operations in its place. */
class ExthdrReset extends Expression {
  constructor(readonly place: Place) {
    super();
  }

  run(packet: PacketInfo): number {
    const at = find(packet, this.place);
    if (at < 0) return CONTINUE;
    const length = packet.skb.bytes[at + 1]!;
    return replaceBytes(packet, at, nops, 0, Math.min(length, 40), packet.transport + 16, false) ? CONTINUE : BREAK;
  }

  override get mangles(): boolean {
    return true;
  }

  describe() {
    return { type: this.place.type, op: this.place.op };
  }
}

export const exthdr = expressionKind(exthdrs.exthdr, (values) => {
  const { dreg, sreg, type, offset = 0, len = 0, flags = 0, op = exthdrs.NFT_EXTHDR_OP_IPV6 } = values;
  if (op > exthdrs.NFT_EXTHDR_OP_SCTP) return fail(EOPNOTSUPP);
  const place = { op, type: type ?? fail(EINVAL), offset, length: len, flags };
  if (dreg === undefined && sreg === undefined) return op === exthdrs.NFT_EXTHDR_OP_TCPOPT ? new ExthdrReset(place) : fail(EOPNOTSUPP);
  if (values.offset === undefined || values.len === undefined || offset > 255 || len > 255) return fail(EINVAL);
  if ((flags & ~exthdrs.NFT_EXTHDR_F_PRESENT) !== 0) return fail(EINVAL);
  if (sreg !== undefined) {
    if (op !== exthdrs.NFT_EXTHDR_OP_TCPOPT || dreg !== undefined) return fail(EOPNOTSUPP);
    if (offset < 2 || (len !== 2 && len !== 4)) return fail(EOPNOTSUPP);
    return new ExthdrSet(loadRegister(sreg, len), place);
  }
  return new ExthdrLoad(storeRegister(dreg, len), place);
});
