import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import {
  NFT_PAYLOAD_CSUM_INET,
  NFT_PAYLOAD_CSUM_NONE,
  NFT_PAYLOAD_CSUM_SCTP,
  NFT_PAYLOAD_INNER_HEADER,
  NFT_PAYLOAD_L4CSUM_PSEUDOHDR,
  NFT_PAYLOAD_LL_HEADER,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  payload as schema,
} from '../../../../netlink/nfnl/expressions/payload.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { Assembler } from '../machine.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { replaceBytes } from '../replace-bytes.js';

/** Where a header begins, absolute; -1: the packet has none. */
function baseOf(packet: PacketInfo, base: number): number {
  const { skb } = packet;
  if (base === NFT_PAYLOAD_NETWORK_HEADER) return skb.networkHeader;
  if (base === NFT_PAYLOAD_LL_HEADER) return skb.macHeader;
  if (packet.transport < 0 || packet.fragmentOffset !== 0) return -1;
  return base === NFT_PAYLOAD_TRANSPORT_HEADER ? packet.transport : innerHeader(packet);
}

/** Behind the transport's header. Linux: nft_payload_inner_offset() */
function innerHeader(packet: PacketInfo): number {
  const { skb, transport } = packet;
  if (packet.protocol === 17) return transport + 8;
  if (packet.protocol === 6) return transport + 20 > skb.tail ? -1 : transport + ((skb.view.getUint8(transport + 12) >>> 4) << 2);
  return -1;
}

class PayloadLoad extends Expression {
  constructor(
    readonly word: number,
    readonly base: number,
    readonly offset: number,
    readonly length: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb } = packet;
    const base = baseOf(packet, this.base);
    const at = base + this.offset;
    const { length, word } = this;
    const link = this.base === NFT_PAYLOAD_LL_HEADER;
    if (base < 0 || at < 0 || at + length > (link ? skb.networkHeader : skb.tail)) return BREAK;
    if (length === 4) {
      packet.registers[word] = skb.view.getInt32(at, true);
      return CONTINUE;
    }
    if (length === 2) {
      packet.registers[word] = skb.view.getUint16(at, true);
      return CONTINUE;
    }
    packet.registers[word + ((length - 1) >> 2)] = 0;
    for (let i = 0; i < length; i++) packet.bytes[word * 4 + i] = skb.bytes[at + i]!;
    return CONTINUE;
  }

  override assemble(assembler: Assembler): boolean {
    const { base, offset, length, word } = this;
    if (base !== NFT_PAYLOAD_NETWORK_HEADER && base !== NFT_PAYLOAD_TRANSPORT_HEADER) return false;
    if (length !== 1 && length !== 2 && length !== 4) return false;
    assembler.load(base, offset, length, word);
    return true;
  }

  override compile(code: CodeWriter): boolean {
    const { base, length } = this;
    if (base !== NFT_PAYLOAD_NETWORK_HEADER && base !== NFT_PAYLOAD_TRANSPORT_HEADER) return false;
    if (length !== 1 && length !== 2 && (length & 3) !== 0) return false;
    if (length <= 4) {
      const [there, value] = code.load(base, this.offset, length);
      code.breakUnless(there);
      code.line(`${code.word(this.word)}=${value};`);
      return true;
    }
    for (let i = 0; i < length; i += 4) {
      const [there, value] = code.load(base, this.offset + i, 4);
      code.breakUnless(there);
      code.line(`${code.word(this.word + (i >> 2))}=${value};`);
    }
    return true;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.length)]];
  }

  describe() {
    return { dreg: showRegister(this.word), base: this.base, offset: this.offset, len: this.length };
  }
}

class PayloadSet extends Expression {
  constructor(
    readonly word: number,
    readonly base: number,
    readonly offset: number,
    readonly length: number,
    readonly csumType: number,
    readonly csumOffset: number,
    readonly csumFlags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb } = packet;
    const base = baseOf(packet, this.base);
    const at = base + this.offset;
    if (base < 0 || at < 0 || at + this.length > skb.tail) return BREAK;
    const network = this.base === NFT_PAYLOAD_NETWORK_HEADER || this.base === NFT_PAYLOAD_TRANSPORT_HEADER;
    const checksumAt = this.csumType === NFT_PAYLOAD_CSUM_INET && network ? base + this.csumOffset : -1;
    const pseudo = (this.csumFlags & NFT_PAYLOAD_L4CSUM_PSEUDOHDR) !== 0;
    return replaceBytes(packet, at, packet.bytes, this.word * 4, this.length, checksumAt, pseudo) ? CONTINUE : BREAK;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.length)]];
  }

  override get mangles(): boolean {
    return true;
  }

  describe() {
    return {
      sreg: showRegister(this.word),
      base: this.base,
      offset: this.offset,
      len: this.length,
      csumType: this.csumType,
      csumOffset: this.csumOffset,
      csumFlags: this.csumFlags,
    };
  }
}

export const payload = expressionKind(schema, (values) => {
  const { base, offset, len } = values;
  if (base === undefined || offset === undefined || len === undefined) return fail(EINVAL);
  if (base > NFT_PAYLOAD_INNER_HEADER) return fail(EOPNOTSUPP);
  if (len === 0 || len > 64 || offset > 255 * 4) return fail(EINVAL);
  if (values.sreg !== undefined) {
    if (values.dreg !== undefined) return fail(EINVAL);
    const csumType = values.csumType ?? NFT_PAYLOAD_CSUM_NONE;
    if (csumType > NFT_PAYLOAD_CSUM_SCTP) return fail(EOPNOTSUPP);
    const flags = values.csumFlags ?? 0;
    if ((flags & ~NFT_PAYLOAD_L4CSUM_PSEUDOHDR) !== 0) return fail(EINVAL);
    return new PayloadSet(loadRegister(values.sreg, len), base, offset, len, csumType, values.csumOffset ?? 0, flags);
  }
  return new PayloadLoad(storeRegister(values.dreg, len), base, offset, len);
});
