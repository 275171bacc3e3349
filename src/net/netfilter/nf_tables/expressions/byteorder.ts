import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { byteorder as schema, NFT_BYTEORDER_HTON } from '../../../../netlink/nfnl/expressions/byteorder.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';
import { swap32 } from './bytes.js';

/** On a little-endian host both directions do the same. */
class Byteorder extends Expression {
  constructor(
    readonly from: number,
    readonly to: number,
    readonly op: number,
    readonly length: number,
    readonly size: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { registers } = packet;
    const { from, to, size } = this;
    const words = wordsOf(this.length);
    for (let i = 0; i < words; i++) {
      const word = registers[from + i]!;
      if (size === 2) registers[to + i] = ((word & 0x00ff_00ff) << 8) | ((word >>> 8) & 0x00ff_00ff);
      else if (size === 4) registers[to + i] = swap32(word);
      else if ((i & 1) === 0) {
        const second = registers[from + i + 1]!;
        registers[to + i] = swap32(second);
        registers[to + i + 1] = swap32(word);
      }
    }
    return CONTINUE;
  }

  override compile(code: CodeWriter): boolean {
    if (this.size !== 2 && this.size !== 4) return false;
    for (let i = 0; i < wordsOf(this.length); i++) {
      const r = code.word(this.from + i);
      const swapped = this.size === 2 ? `(${r}&0xff00ff)<<8|(${r}>>>8)&0xff00ff` : `${r}<<24|(${r}&0xff00)<<8|(${r}>>>8)&0xff00|${r}>>>24`;
      code.line(`${code.word(this.to + i)}=${swapped};`);
    }
    return true;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.from, wordsOf(this.length)]];
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.to, wordsOf(this.length)]];
  }

  describe() {
    return { sreg: showRegister(this.from), dreg: showRegister(this.to), op: this.op, len: this.length, size: this.size };
  }
}

export const byteorder = expressionKind(schema, (values) => {
  const { op, len, size } = values;
  if (op === undefined || len === undefined || size === undefined) return fail(EINVAL);
  if (op > NFT_BYTEORDER_HTON || (size !== 2 && size !== 4 && size !== 8)) return fail(EINVAL);
  return new Byteorder(loadRegister(values.sreg, len), storeRegister(values.dreg, len), op, len, size);
});
