import { EINVAL, EOVERFLOW } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_NG_INCREMENTAL, NFT_NG_RANDOM, numgen as schema } from '../../../../netlink/nfnl/expressions/numgen.js';
import { Expression, expressionKind, showRegister, storeRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';

class Numgen extends Expression {
  /** The last number given; the first is 0. */
  #counter: number;

  constructor(
    readonly word: number,
    readonly type: number,
    readonly modulus: number,
    readonly offset: number,
  ) {
    super();
    this.#counter = modulus - 1;
  }

  run(packet: PacketInfo): number {
    let value: number;
    if (this.type === NFT_NG_INCREMENTAL) {
      this.#counter = this.#counter + 1 < this.modulus ? this.#counter + 1 : 0;
      value = this.#counter;
    } else value = Math.floor((packet.tables.namespace.stack.random.u32() / 0x1_0000_0000) * this.modulus);
    packet.registers[this.word] = value + this.offset;
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, 1]];
  }

  describe() {
    return { dreg: showRegister(this.word), modulus: this.modulus, type: this.type, offset: this.offset };
  }
}

export const numgen = expressionKind(schema, (values) => {
  const { dreg, modulus, type, offset = 0 } = values;
  if (dreg === undefined || modulus === undefined || type === undefined) return fail(EINVAL);
  if (type > NFT_NG_RANDOM) return fail(EINVAL);
  if (modulus === 0) return fail(type === NFT_NG_RANDOM ? EINVAL : EINVAL);
  if (offset + modulus - 1 > 0xffff_ffff) return fail(EOVERFLOW);
  return new Numgen(storeRegister(dreg, 4), type, modulus, offset);
});
