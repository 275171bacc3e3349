import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { immediate as schema } from '../../../../netlink/nfnl/expressions/immediate.js';
import type { Chain } from '../chain.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind, parseRegister, showRegister, storeRegister } from '../expression.js';
import type { Assembler } from '../machine.js';
import type { PacketInfo } from '../packet-info.js';
import type { Transaction } from '../transaction.js';
import { CONTINUE, GOTO, JUMP } from '../verdict.js';
import { toWords } from './bytes.js';
import { describeVerdict, verdictOf } from './verdict-data.js';

class ImmediateData extends Expression {
  readonly words: Int32Array;

  constructor(
    readonly word: number,
    readonly value: Uint8Array,
  ) {
    super();
    this.words = toWords(value);
  }

  run(packet: PacketInfo): number {
    const { words, word } = this;
    const { registers } = packet;
    for (let i = 0; i < words.length; i++) registers[word + i] = words[i]!;
    return CONTINUE;
  }

  override compile(code: CodeWriter): boolean {
    this.words.forEach((value, i) => {
      code.line(`${code.word(this.word + i)}=${value};`);
    });
    return true;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, this.words.length]];
  }

  describe() {
    return { dreg: showRegister(this.word), data: { value: this.value } };
  }
}

class ImmediateVerdict extends Expression {
  constructor(
    readonly code: number,
    readonly chain: Chain | null,
  ) {
    super();
  }

  override assemble(assembler: Assembler): boolean {
    if (this.code === JUMP || this.code === GOTO) return false;
    if (this.code !== CONTINUE) assembler.verdict(this.code);
    return true;
  }

  run(packet: PacketInfo): number {
    packet.target = this.chain;
    return this.code;
  }

  override compile(code: CodeWriter): boolean {
    if (this.code === JUMP) code.jump(this.chain!);
    else if (this.code === GOTO) code.goto(this.chain!);
    else if (this.code !== CONTINUE) code.verdict(this.code);
    return true;
  }

  override activate(transaction: Transaction): void {
    const { chain } = this;
    if (chain === null) return;
    transaction.needsValidation = true;
    chain.references++;
    if ((chain.flags & BINDING) !== 0) chain.bound = true;
  }

  override deactivate(transaction: Transaction): void {
    const { chain } = this;
    if (chain === null) return;
    chain.references--;
    // A chain that came with the verdict goes with it.
    if ((chain.flags & BINDING) === 0) return;
    chain.bound = false;
    const { rules } = chain;
    const { chains } = chain.table;
    for (const rule of rules) rule.deactivate(transaction);
    chain.rules = [];
    chains.delete(chain.name);
    transaction.did(() => {
      chains.set(chain.name, chain);
      chain.rules = rules;
      for (const rule of rules) rule.activate(transaction);
    });
  }

  override targets(visit: (chain: Chain) => void): void {
    if (this.chain !== null) visit(this.chain);
  }

  describe() {
    return { dreg: 0, data: { verdict: describeVerdict(this.code, this.chain) } };
  }
}

const BINDING = 4;

export const immediate = expressionKind(schema, (values, context) => {
  const { dreg, data } = values;
  if (dreg === undefined || data === undefined) return fail(EINVAL);
  if (parseRegister(dreg) < 0) {
    const { code, chain } = verdictOf(data.verdict ?? fail(EINVAL), context);
    return new ImmediateVerdict(code, chain);
  }
  const value = data.value ?? fail(EINVAL);
  return new ImmediateData(storeRegister(dreg, value.length), value);
});
