import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { lookup as schema, NFT_LOOKUP_F_INV } from '../../../../netlink/nfnl/expressions/lookup.js';
import { NFT_DATA_VERDICT } from '../../../../netlink/nfnl/data.js';
import { NFT_SET_MAP } from '../../../../netlink/nfnl/nf-tables.js';
import type { Chain } from '../chain.js';
import { Expression, expressionKind, loadRegister, parseRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import type { NftSet } from '../set.js';
import { bindSet, findSet, unbindSet } from '../set-binding.js';
import type { Transaction } from '../transaction.js';
import { BREAK, CONTINUE } from '../verdict.js';

class Lookup extends Expression {
  constructor(
    readonly set: NftSet,
    readonly word: number,
    /** Word of a map's value; -1 its verdict; null: only whether the key is there. */
    readonly to: number | null,
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const element = this.set.lookup(packet.registers, this.word);
    const inverted = (this.flags & NFT_LOOKUP_F_INV) !== 0;
    if (element === null) return inverted ? CONTINUE : BREAK;
    if (inverted) return BREAK;
    for (let i = 0; i < element.expressions.length; i++) {
      const verdict = element.expressions[i]!.expression.run(packet);
      if (verdict !== CONTINUE) return verdict;
    }
    const { to } = this;
    if (to === null) return CONTINUE;
    if (to < 0) {
      packet.target = element.chain;
      return element.verdict;
    }
    const data = element.data!;
    for (let i = 0; i < data.length; i++) packet.registers[to + i] = data[i]!;
    return CONTINUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.set.parameters.keyBytes)]];
  }

  override get writes(): readonly (readonly [number, number])[] {
    return this.to === null || this.to < 0 ? [] : [[this.to, wordsOf(this.set.parameters.dataBytes)]];
  }

  override activate(transaction: Transaction): void {
    bindSet(this.set, transaction);
  }

  override deactivate(transaction: Transaction): void {
    unbindSet(this.set, transaction);
  }

  override targets(visit: (chain: Chain) => void): void {
    if (this.to !== null && this.to < 0) for (const { chain } of this.set.elements()) if (chain !== null) visit(chain);
  }

  describe() {
    return {
      set: this.set.name,
      sreg: showRegister(this.word),
      ...(this.to === null ? {} : { dreg: this.to < 0 ? 0 : showRegister(this.to) }),
      flags: this.flags,
    };
  }
}

export const lookup = expressionKind(schema, (values, context) => {
  const set = findSet(context, values.set, values.setId) ?? fail(ENOENT);
  const flags = values.flags ?? 0;
  if ((flags & ~NFT_LOOKUP_F_INV) !== 0) return fail(EINVAL);
  const word = loadRegister(values.sreg, set.parameters.keyBytes);
  if (values.dreg === undefined) return new Lookup(set, word, null, flags);
  if ((flags & NFT_LOOKUP_F_INV) !== 0 || (set.flags & NFT_SET_MAP) === 0) return fail(EINVAL);
  const to = parseRegister(values.dreg);
  if (to < 0 !== (set.parameters.dataType === NFT_DATA_VERDICT)) return fail(EINVAL);
  if (to >= 0) storeRegister(values.dreg, set.parameters.dataBytes);
  if (context.chain === null && to < 0) return fail(EOPNOTSUPP);
  return new Lookup(set, word, to, flags);
});
