import { EINVAL, EOVERFLOW, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { hash2, hashStep } from '../../../../base/hash.js';
import { jhash } from '../../../../base/jhash.js';
import { hash as schema, NFT_HASH_JENKINS, NFT_HASH_SYM } from '../../../../netlink/nfnl/expressions/hash.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';

/** A number below `modulus` from a whole hash, without division. Linux: reciprocal_scale() */
const scale = (hash: number, modulus: number): number => Math.floor(((hash >>> 0) / 0x1_0000_0000) * modulus);

class Jhash extends Expression {
  constructor(
    readonly from: number,
    readonly to: number,
    readonly length: number,
    readonly modulus: number,
    readonly seed: number,
    readonly givenSeed: boolean,
    readonly offset: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const hash = jhash(packet.bytes, this.from * 4, this.length, this.seed);
    packet.registers[this.to] = scale(hash, this.modulus) + this.offset;
    return CONTINUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.from, wordsOf(this.length)]];
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.to, 1]];
  }

  describe() {
    return {
      sreg: showRegister(this.from),
      dreg: showRegister(this.to),
      len: this.length,
      modulus: this.modulus,
      ...(this.givenSeed ? { seed: this.seed } : {}),
      ...(this.offset === 0 ? {} : { offset: this.offset }),
      type: NFT_HASH_JENKINS,
    };
  }
}

class Symhash extends Expression {
  constructor(
    readonly to: number,
    readonly modulus: number,
    readonly offset: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    packet.registers[this.to] = scale(symmetricHash(packet), this.modulus) + this.offset;
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.to, 1]];
  }

  describe() {
    return {
      dreg: showRegister(this.to),
      modulus: this.modulus,
      ...(this.offset === 0 ? {} : { offset: this.offset }),
      type: NFT_HASH_SYM,
    };
  }
}

/** The same for both directions of a connection. Linux: __skb_get_hash_symmetric() */
function symmetricHash(packet: PacketInfo): number {
  const { skb } = packet;
  const { hashSeed } = packet.tables.namespace.stack;
  const at = skb.networkHeader;
  let a = 0;
  let b = 0;
  if (packet.networkFamily === NFPROTO_IPV4) {
    a = skb.view.getUint32(at + 12);
    b = skb.view.getUint32(at + 16);
  } else if (at + 40 <= skb.tail)
    for (let i = 0; i < 16; i += 4) {
      a = hashStep(a, skb.view.getUint32(at + 8 + i));
      b = hashStep(b, skb.view.getUint32(at + 24 + i));
    }
  let ports = 0;
  if (packet.transport >= 0 && packet.fragmentOffset === 0 && packet.transport + 4 <= skb.tail)
    ports = skb.view.getUint16(packet.transport) + skb.view.getUint16(packet.transport + 2);
  return hash2(hashSeed, hashStep((a ^ b) | 0, ports), packet.protocol);
}

export const hash = expressionKind(schema, (values, context) => {
  const { dreg, modulus, offset = 0 } = values;
  if (dreg === undefined || modulus === undefined) return fail(EINVAL);
  const type = values.type ?? NFT_HASH_JENKINS;
  if (type !== NFT_HASH_JENKINS && type !== NFT_HASH_SYM) return fail(EOPNOTSUPP);
  if (modulus < 1) return fail(EINVAL);
  if (offset + modulus - 1 > 0xffff_ffff) return fail(EOVERFLOW);
  const to = storeRegister(dreg, 4);
  if (type === NFT_HASH_SYM) return new Symhash(to, modulus, offset);
  const length = values.len ?? fail(EINVAL);
  if (length === 0 || length > 64) return fail(EINVAL);
  const seed = values.seed ?? context.namespace.stack.random.u32();
  return new Jhash(loadRegister(values.sreg, length), to, length, modulus, seed, values.seed !== undefined, offset);
});
