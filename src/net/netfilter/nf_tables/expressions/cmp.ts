import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import {
  cmp as schema,
  NFT_CMP_EQ,
  NFT_CMP_GT,
  NFT_CMP_GTE,
  NFT_CMP_LT,
  NFT_CMP_LTE,
  NFT_CMP_NEQ,
} from '../../../../netlink/nfnl/expressions/cmp.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind, loadRegister, showRegister, wordsOf } from '../expression.js';
import type { Assembler } from '../machine.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { compareRegister, lastMask, toWords } from './bytes.js';

class Cmp extends Expression {
  readonly word: number;
  readonly op: number;
  readonly value: Uint8Array;
  readonly words: Int32Array;
  readonly mask: number;

  constructor(word: number, op: number, value: Uint8Array) {
    super();
    this.word = word;
    this.op = op;
    this.value = value;
    this.words = toWords(value);
    this.mask = lastMask(value.length);
  }

  run(packet: PacketInfo): number {
    if (this.op === NFT_CMP_EQ || this.op === NFT_CMP_NEQ) return this.#equal(packet) === (this.op === NFT_CMP_EQ) ? CONTINUE : BREAK;
    const order = compareRegister(packet.bytes, this.word * 4, this.value);
    let holds = order >= 0;
    if (this.op === NFT_CMP_LT) holds = order < 0;
    else if (this.op === NFT_CMP_LTE) holds = order <= 0;
    else if (this.op === NFT_CMP_GT) holds = order > 0;
    return holds ? CONTINUE : BREAK;
  }

  override assemble(assembler: Assembler): boolean {
    if (this.words.length !== 1 || (this.op !== NFT_CMP_EQ && this.op !== NFT_CMP_NEQ)) return false;
    assembler.compare(this.op === NFT_CMP_EQ, this.word, this.mask, this.words[0]!);
    return true;
  }

  override compile(code: CodeWriter): boolean {
    const last = this.words.length - 1;
    if (this.op === NFT_CMP_EQ || this.op === NFT_CMP_NEQ) {
      const parts: string[] = [];
      for (let i = 0; i <= last; i++) {
        const mask = i === last ? this.mask : -1;
        parts.push(`${mask === -1 ? code.word(this.word + i) : `(${code.word(this.word + i)}&${mask})`}===${this.words[i]}`);
      }
      code.breakUnless(this.op === NFT_CMP_EQ ? parts.join('&&') : `!(${parts.join('&&')})`);
      return true;
    }
    if (last !== 0) return false;
    // As bytes compare: the first is the highest.
    const r = code.word(this.word);
    let big = 0;
    for (const byte of this.value) big = big * 256 + byte;
    const bytes = this.value.length;
    let value = `(${r}&255)`;
    if (bytes === 2) value = `((${r}&255)<<8|(${r}>>>8)&255)`;
    else if (bytes === 3) value = `((${r}&255)<<16|${r}&0xff00|(${r}>>>16)&255)`;
    else if (bytes === 4) value = `((${r}<<24|(${r}&0xff00)<<8|(${r}>>>8)&0xff00|${r}>>>24)>>>0)`;
    const operator = this.op === NFT_CMP_LT ? '<' : this.op === NFT_CMP_LTE ? '<=' : this.op === NFT_CMP_GT ? '>' : '>=';
    code.breakUnless(`${value}${operator}${big}`);
    return true;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, this.words.length]];
  }

  describe() {
    return { sreg: showRegister(this.word), op: this.op, data: { value: this.value } };
  }

  #equal(packet: PacketInfo): boolean {
    const { words, word } = this;
    const { registers } = packet;
    const last = words.length - 1;
    for (let i = 0; i < last; i++) if (registers[word + i] !== words[i]) return false;
    return (registers[word + last]! & this.mask) === words[last];
  }
}

export const cmp = expressionKind(schema, (values) => {
  const value = values.data?.value ?? fail(EINVAL);
  const op = values.op ?? fail(EINVAL);
  if (op > NFT_CMP_GTE) fail(EINVAL);
  if (value.length === 0) fail(EOPNOTSUPP);
  return new Cmp(loadRegister(values.sreg, wordsOf(value.length) * 4), op, value);
});
