import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { objref as schema } from '../../../../netlink/nfnl/expressions/objref.js';
import { NFT_SET_OBJECT } from '../../../../netlink/nfnl/nf-tables.js';
import { Expression, expressionKind, loadRegister, showRegister, wordsOf } from '../expression.js';
import type { StatefulObject } from '../object.js';
import type { PacketInfo } from '../packet-info.js';
import type { NftSet } from '../set.js';
import { bindSet, findSet, unbindSet } from '../set-binding.js';
import { Table } from '../table.js';
import type { Transaction } from '../transaction.js';
import { BREAK } from '../verdict.js';

class Objref extends Expression {
  constructor(readonly object: StatefulObject) {
    super();
  }

  run(packet: PacketInfo): number {
    return this.object.behaviour.run(packet);
  }

  override activate(): void {
    this.object.use++;
  }

  override deactivate(): void {
    this.object.use--;
  }

  describe() {
    return { immType: this.object.type, immName: this.object.name };
  }
}

class ObjrefMap extends Expression {
  constructor(
    readonly set: NftSet,
    readonly word: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const element = this.set.lookup(packet.registers, this.word);
    return element === null || element.object === null ? BREAK : element.object.behaviour.run(packet);
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.set.parameters.keyBytes)]];
  }

  override activate(transaction: Transaction): void {
    bindSet(this.set, transaction);
  }

  override deactivate(transaction: Transaction): void {
    unbindSet(this.set, transaction);
  }

  describe() {
    return { setSreg: showRegister(this.word), setName: this.set.name };
  }
}

export const objref = expressionKind(schema, (values, context) => {
  if (values.setSreg !== undefined && (values.setName !== undefined || values.setId !== undefined)) {
    const set = findSet(context, values.setName, values.setId) ?? fail(ENOENT);
    if ((set.flags & NFT_SET_OBJECT) === 0) return fail(EINVAL);
    return new ObjrefMap(set, loadRegister(values.setSreg, set.parameters.keyBytes));
  }
  if (values.immType === undefined || values.immName === undefined) return fail(EINVAL);
  return new Objref(context.table.objects.get(Table.objectKey(values.immType, values.immName)) ?? fail(ENOENT));
});
