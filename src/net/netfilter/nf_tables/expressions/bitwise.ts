import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import {
  bitwise as schema,
  NFT_BITWISE_LSHIFT,
  NFT_BITWISE_MASK_XOR,
  NFT_BITWISE_RSHIFT,
} from '../../../../netlink/nfnl/expressions/bitwise.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';
import { toWords } from './bytes.js';

class MaskXor extends Expression {
  readonly masks: Int32Array;
  readonly xors: Int32Array;

  constructor(
    readonly from: number,
    readonly to: number,
    readonly length: number,
    readonly mask: Uint8Array,
    readonly xor: Uint8Array,
  ) {
    super();
    this.masks = toWords(mask);
    this.xors = toWords(xor);
  }

  run(packet: PacketInfo): number {
    const { registers } = packet;
    const { from, to, masks, xors } = this;
    for (let i = 0; i < masks.length; i++) registers[to + i] = (registers[from + i]! & masks[i]!) ^ xors[i]!;
    return CONTINUE;
  }

  override compile(code: CodeWriter): boolean {
    this.masks.forEach((mask, i) => {
      const xor = this.xors[i]! === 0 ? '' : `^${this.xors[i]}`;
      code.line(`${code.word(this.to + i)}=(${code.word(this.from + i)}&${mask})${xor};`);
    });
    return true;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.from, this.masks.length]];
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.to, this.masks.length]];
  }

  describe() {
    return {
      sreg: showRegister(this.from),
      dreg: showRegister(this.to),
      len: this.length,
      op: NFT_BITWISE_MASK_XOR,
      mask: { value: this.mask },
      xor: { value: this.xor },
    };
  }
}

/** Words are shifted as one number, the first word its highest; each is taken as the host has it. */
class Shift extends Expression {
  constructor(
    readonly from: number,
    readonly to: number,
    readonly length: number,
    readonly op: number,
    readonly bits: number,
    readonly data: Uint8Array,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { registers } = packet;
    const { from, to, bits } = this;
    const words = wordsOf(this.length);
    let carry = 0;
    if (this.op === NFT_BITWISE_LSHIFT)
      for (let i = words - 1; i >= 0; i--) {
        const word = registers[from + i]!;
        registers[to + i] = (word << bits) | carry;
        carry = bits === 0 ? 0 : word >>> (32 - bits);
      }
    else
      for (let i = 0; i < words; i++) {
        const word = registers[from + i]!;
        registers[to + i] = carry | (word >>> bits);
        carry = bits === 0 ? 0 : word << (32 - bits);
      }
    return CONTINUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.from, wordsOf(this.length)]];
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.to, wordsOf(this.length)]];
  }

  describe() {
    return { sreg: showRegister(this.from), dreg: showRegister(this.to), len: this.length, op: this.op, data: { value: this.data } };
  }
}

export const bitwise = expressionKind(schema, (values) => {
  const length = values.len ?? fail(EINVAL);
  const from = loadRegister(values.sreg, length);
  const to = storeRegister(values.dreg, length);
  const op = values.op ?? NFT_BITWISE_MASK_XOR;
  if (op === NFT_BITWISE_MASK_XOR) {
    const mask = values.mask?.value ?? fail(EINVAL);
    const xor = values.xor?.value ?? fail(EINVAL);
    if (values.data !== undefined || mask.length !== length || xor.length !== length) return fail(EINVAL);
    return new MaskXor(from, to, length, mask, xor);
  }
  if (op !== NFT_BITWISE_LSHIFT && op !== NFT_BITWISE_RSHIFT) return fail(EOPNOTSUPP);
  const data = values.data?.value ?? fail(EINVAL);
  if (data.length !== 4 || values.mask !== undefined || values.xor !== undefined) return fail(EINVAL);
  const bits = toWords(data)[0]!;
  if (bits < 0 || bits >= 32) return fail(EINVAL);
  return new Shift(from, to, length, op, bits, data);
});
