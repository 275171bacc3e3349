import { NFT_PAYLOAD_NETWORK_HEADER } from '../../../netlink/nfnl/expressions/payload.js';
import type { Chain } from './chain.js';
import { evaluate } from './evaluate.js';
import type { Expression } from './expression.js';
import type { PacketInfo } from './packet-info.js';
import { CONTINUE, GOTO, JUMP, NF_ACCEPT, RETURN } from './verdict.js';

// Instructions: an operation and its operands, a word each.
/** [next rule, number of this one] */
const RULE = 0;
const END = 1;
/** [bytes, base, offset, register]: payload of a header. */
const LOAD = 2;
/** [register, mask, value] */
const EQUAL = 3;
const DIFFERS = 4;
/** [bytes, base, offset, register, mask, value]: LOAD and EQUAL in one, as most rules have them. */
const LOAD_EQUAL = 5;
/** [register] */
const L4PROTO = 6;
/** [register, mask, value] */
const L4PROTO_EQUAL = 7;
/** [number of the counts] */
const COUNT = 8;
/** [verdict] */
const VERDICT = 9;
/** [number of the expression]: what is none of the above does it by itself. */
const CALL = 10;

const NETWORK = 0;
const TRANSPORT = 1;

/** Where expressions write their instructions. */
export class Assembler {
  readonly code: number[] = [];
  readonly expressions: Expression[] = [];
  readonly counts: Float64Array[] = [];
  /** Where the last instruction begins. */
  #last = -1;
  #rule = -1;

  rule(index: number): void {
    this.#close();
    this.#rule = this.code.length;
    this.#emit(RULE, 0, index);
  }

  /** `bytes`: 1, 2 or 4, of the network's or the transport's header. */
  load(base: number, offset: number, bytes: number, register: number): void {
    this.#emit(LOAD, bytes, base === NFT_PAYLOAD_NETWORK_HEADER ? NETWORK : TRANSPORT, offset, register);
  }

  compare(equal: boolean, register: number, mask: number, value: number): void {
    const { code } = this;
    const at = this.#last;
    if (equal && code[at] === LOAD && code[at + 4] === register) {
      code[at] = LOAD_EQUAL;
      code.push(mask, value);
    } else if (equal && code[at] === L4PROTO && code[at + 1] === register) {
      code[at] = L4PROTO_EQUAL;
      code.push(mask, value);
    } else this.#emit(equal ? EQUAL : DIFFERS, register, mask, value);
  }

  l4proto(register: number): void {
    this.#emit(L4PROTO, register);
  }

  count(counts: Float64Array): void {
    this.#emit(COUNT, this.counts.push(counts) - 1);
  }

  verdict(code: number): void {
    this.#emit(VERDICT, code);
  }

  call(expression: Expression): void {
    this.#emit(CALL, this.expressions.push(expression) - 1);
  }

  end(): void {
    this.#close();
    this.#emit(END);
  }

  #close(): void {
    if (this.#rule >= 0) this.code[this.#rule + 1] = this.code.length;
  }

  #emit(...words: number[]): void {
    this.#last = this.code.length;
    this.code.push(...words);
  }
}

/** The rules of a chain as instructions: what runs before a chain is hot enough to be made JavaScript of. */
export class Program {
  readonly #chain: Chain;
  readonly #code: Int32Array;
  readonly #expressions: readonly Expression[];
  readonly #counts: readonly Float64Array[];

  private constructor(chain: Chain, assembler: Assembler) {
    this.#chain = chain;
    this.#code = Int32Array.from(assembler.code);
    this.#expressions = assembler.expressions;
    this.#counts = assembler.counts;
  }

  /** Null: the chain's rules must be interpreted, as they begin traces. */
  static of(chain: Chain): Program | null {
    const assembler = new Assembler();
    for (const [index, rule] of chain.active.entries()) {
      assembler.rule(index);
      for (const expression of rule.expressions) {
        if (expression.startsTrace) return null;
        if (!expression.assemble(assembler)) assembler.call(expression);
      }
    }
    assembler.end();
    return new Program(chain, assembler);
  }

  /** A verdict, or CONTINUE where nobody decides. */
  run(packet: PacketInfo): number {
    const code = this.#code;
    const { skb, registers } = packet;
    let { view, networkHeader, tail } = skb;
    let transport = packet.fragmentOffset === 0 ? packet.transport : -1;
    const { protocol } = packet;
    let next = 0;
    let rule = 0;
    for (let at = 0; ; ) {
      switch (code[at]!) {
        case RULE:
          next = code[at + 1]!;
          rule = code[at + 2]!;
          at += 3;
          continue;
        case LOAD:
        case LOAD_EQUAL: {
          const start = code[at + 2] === NETWORK ? networkHeader : transport;
          const from = start + code[at + 3]!;
          const bytes = code[at + 1]!;
          if (start < 0 || from + bytes > tail) {
            at = next;
            continue;
          }
          const value = bytes === 4 ? view.getInt32(from, true) : bytes === 2 ? view.getUint16(from, true) : view.getUint8(from);
          registers[code[at + 4]!] = value;
          if (code[at] === LOAD) at += 5;
          else at = (value & code[at + 5]!) === code[at + 6] ? at + 7 : next;
          continue;
        }
        case EQUAL:
          at = (registers[code[at + 1]!]! & code[at + 2]!) === code[at + 3] ? at + 4 : next;
          continue;
        case DIFFERS:
          at = (registers[code[at + 1]!]! & code[at + 2]!) !== code[at + 3] ? at + 4 : next;
          continue;
        case L4PROTO:
          if (protocol < 0) at = next;
          else {
            registers[code[at + 1]!] = protocol;
            at += 2;
          }
          continue;
        case L4PROTO_EQUAL:
          if (protocol < 0) at = next;
          else {
            registers[code[at + 1]!] = protocol;
            at = (protocol & code[at + 2]!) === code[at + 3] ? at + 4 : next;
          }
          continue;
        case COUNT: {
          const counts = this.#counts[code[at + 1]!]!;
          counts[0]!++;
          counts[1]! += tail - skb.data;
          at += 2;
          continue;
        }
        case VERDICT: {
          const verdict = code[at + 1]!;
          return verdict === RETURN ? CONTINUE : verdict;
        }
        case CALL: {
          let verdict = this.#expressions[code[at + 1]!]!.run(packet);
          at += 2;
          // It may have changed the packet.
          ({ view, networkHeader, tail } = skb);
          transport = packet.fragmentOffset === 0 ? packet.transport : -1;
          if (verdict === CONTINUE) continue;
          if (verdict >= NF_ACCEPT || verdict === 0) return verdict;
          if (verdict === GOTO) return packet.target!.run(packet);
          if (verdict === RETURN) return CONTINUE;
          if (verdict === JUMP) {
            verdict = packet.target!.run(packet);
            if (verdict !== CONTINUE) return verdict;
            // Rules elsewhere began to trace it: on by the interpreter, which tells of each step.
            if (skb.trace !== 0) return evaluate(this.#chain, packet, rule + 1);
            ({ view, networkHeader, tail } = skb);
          }
          at = next;
          continue;
        }
        default:
          return CONTINUE;
      }
    }
  }
}
