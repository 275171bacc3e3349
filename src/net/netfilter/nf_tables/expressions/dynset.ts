import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import type { WireExpression } from '../../../../netlink/nfnl/expression.js';
import {
  dynset as schema,
  NFT_DYNSET_F_EXPR,
  NFT_DYNSET_F_INV,
  NFT_DYNSET_OP_DELETE,
  NFT_DYNSET_OP_UPDATE,
} from '../../../../netlink/nfnl/expressions/dynset.js';
import { NFT_SET_EVAL, NFT_SET_MAP, NFT_SET_TIMEOUT } from '../../../../netlink/nfnl/nf-tables.js';
import { SetElement } from '../element.js';
import { Expression, expressionKind, loadRegister, showRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import type { RuleExpression } from '../rule.js';
import type { NftSet } from '../set.js';
import { bindSet, findSet, unbindSet } from '../set-binding.js';
import type { Transaction } from '../transaction.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { describeExpression, makeExpression } from './make.js';

class Dynset extends Expression {
  constructor(
    readonly set: NftSet,
    readonly op: number,
    readonly keyWord: number,
    readonly dataWord: number | null,
    /** Milliseconds; 0: the set's. */
    readonly timeoutMs: number,
    readonly templates: readonly RuleExpression[],
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const inverted = (this.flags & NFT_DYNSET_F_INV) !== 0;
    const { set } = this;
    if (this.op === NFT_DYNSET_OP_DELETE) {
      const there = set.backend.lookup(packet.registers, this.keyWord);
      if (there === null) return inverted ? CONTINUE : BREAK;
      set.expire(there);
      return inverted ? BREAK : CONTINUE;
    }
    const element = this.#element(packet);
    if (element === null) return inverted ? CONTINUE : BREAK;
    for (let i = 0; i < element.expressions.length; i++) {
      const verdict = element.expressions[i]!.expression.run(packet);
      if (verdict !== CONTINUE) return verdict === BREAK && inverted ? CONTINUE : verdict;
    }
    return inverted ? BREAK : CONTINUE;
  }

  /** The packet's element, made where there is none; null: the set is full. Linux: nft_dynset_update(), nft_dynset_new() */
  #element(packet: PacketInfo): SetElement | null {
    const { set } = this;
    const { nowUs } = packet.tables.namespace.stack;
    const there = set.backend.lookup(packet.registers, this.keyWord);
    const timeoutMs = this.timeoutMs === 0 ? set.parameters.timeoutMs : this.timeoutMs;
    if (there !== null && !there.expired(nowUs)) {
      if (this.op === NFT_DYNSET_OP_UPDATE && there.expiresUs !== 0 && timeoutMs !== 0) there.expiresUs = nowUs + timeoutMs * 1000;
      return there;
    }
    if (there !== null) set.expire(there);
    const { size, keyBytes, dataBytes } = set.parameters;
    if (size !== 0 && set.count >= size) return null;
    const element = new SetElement(packet.bytes.slice(this.keyWord * 4, this.keyWord * 4 + keyBytes), null, 0);
    element.expressions = this.templates.map(({ kind, expression }) => ({ kind, expression: expression.clone() }));
    if (this.dataWord !== null) {
      element.data = packet.registers.slice(this.dataWord, this.dataWord + wordsOf(dataBytes));
      element.dataBytes = dataBytes;
    }
    if (timeoutMs !== 0) {
      element.timeoutMs = timeoutMs;
      element.ownTimeout = true;
      element.expiresUs = nowUs + timeoutMs * 1000;
    }
    set.add(element);
    return element;
  }

  override get reads(): readonly (readonly [number, number])[] {
    const key = [this.keyWord, wordsOf(this.set.parameters.keyBytes)] as const;
    return this.dataWord === null ? [key] : [key, [this.dataWord, wordsOf(this.set.parameters.dataBytes)]];
  }

  override activate(transaction: Transaction): void {
    bindSet(this.set, transaction);
  }

  override deactivate(transaction: Transaction): void {
    unbindSet(this.set, transaction);
  }

  describe(reset: boolean) {
    const [only] = this.templates;
    // Those of the set itself are told of with the set. Linux: nft_dynset_dump()
    const own = this.set.templates.length === 0;
    const described = this.templates.map((template) => describeExpression(template, reset));
    return {
      sregKey: showRegister(this.keyWord),
      ...(this.dataWord === null ? {} : { sregData: showRegister(this.dataWord) }),
      op: this.op,
      setName: this.set.name,
      timeout: this.timeoutMs,
      ...(own && this.templates.length === 1 && only !== undefined ? { expr: described[0] } : {}),
      ...(own && this.templates.length > 1 ? { expressions: described } : {}),
      flags: this.flags,
    };
  }
}

export const dynset = expressionKind(schema, (values, context) => {
  if (values.setName === undefined || values.op === undefined || values.sregKey === undefined) return fail(EINVAL);
  const flags = values.flags ?? 0;
  if ((flags & ~(NFT_DYNSET_F_INV | NFT_DYNSET_F_EXPR)) !== 0) return fail(EOPNOTSUPP);
  const set = findSet(context, values.setName, values.setId) ?? fail(ENOENT);
  if ((set.flags & NFT_SET_EVAL) === 0 && values.op !== NFT_DYNSET_OP_DELETE && values.expr !== undefined) return fail(EINVAL);
  if (values.op > NFT_DYNSET_OP_DELETE) return fail(EOPNOTSUPP);
  if (!set.takesFromPackets) return fail(EOPNOTSUPP);
  if (values.op === NFT_DYNSET_OP_UPDATE && (set.flags & NFT_SET_TIMEOUT) === 0 && values.timeout !== undefined) return fail(EOPNOTSUPP);
  const timeout = values.timeout ?? 0;
  if (timeout !== 0 && (set.flags & NFT_SET_TIMEOUT) === 0) return fail(EOPNOTSUPP);
  const keyWord = loadRegister(values.sregKey, set.parameters.keyBytes);
  let dataWord: number | null = null;
  if (values.sregData !== undefined) {
    if ((set.flags & NFT_SET_MAP) === 0) return fail(EOPNOTSUPP);
    dataWord = loadRegister(values.sregData, set.parameters.dataBytes);
  } else if ((set.flags & NFT_SET_MAP) !== 0 && values.op !== NFT_DYNSET_OP_DELETE) return fail(EINVAL);
  const wires: readonly WireExpression[] = values.expressions ?? (values.expr === undefined ? [] : [values.expr]);
  const given = wires.map((wire) => statefulExpression(wire, { ...context, set }));
  const templates = given.length > 0 ? given : set.templates;
  return new Dynset(set, values.op, keyWord, dataWord, timeout, templates, flags | (given.length > 0 ? flags : 0));
});

function statefulExpression(wire: WireExpression, context: Parameters<typeof makeExpression>[1]): RuleExpression {
  const made = makeExpression(wire, context);
  return made.expression.stateful ? made : fail(EOPNOTSUPP);
}
