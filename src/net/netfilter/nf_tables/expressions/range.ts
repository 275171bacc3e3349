import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_RANGE_EQ, NFT_RANGE_NEQ, range as schema } from '../../../../netlink/nfnl/expressions/range.js';
import { Expression, expressionKind, loadRegister, showRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { compareRegister } from './bytes.js';

class Range extends Expression {
  constructor(
    readonly word: number,
    readonly op: number,
    readonly from: Uint8Array,
    readonly to: Uint8Array,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const at = this.word * 4;
    const inside = compareRegister(packet.bytes, at, this.from) >= 0 && compareRegister(packet.bytes, at, this.to) <= 0;
    return inside === (this.op === NFT_RANGE_EQ) ? CONTINUE : BREAK;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.from.length)]];
  }

  describe() {
    return { sreg: showRegister(this.word), op: this.op, fromData: { value: this.from }, toData: { value: this.to } };
  }
}

export const range = expressionKind(schema, (values) => {
  const from = values.fromData?.value ?? fail(EINVAL);
  const to = values.toData?.value ?? fail(EINVAL);
  const op = values.op ?? fail(EINVAL);
  if (from.length !== to.length || from.length === 0 || op > NFT_RANGE_NEQ) fail(EINVAL);
  return new Range(loadRegister(values.sreg, wordsOf(from.length) * 4), op, from, to);
});
