import { NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER } from '../../../netlink/nfnl/expressions/payload.js';
import type { Chain } from './chain.js';
import { evaluate } from './evaluate.js';
import type { Expression } from './expression.js';
import { REGISTER_WORDS, type PacketInfo } from './packet-info.js';
import type { Rule } from './rule.js';
import { BREAK, CONTINUE, GOTO, JUMP, RETURN } from './verdict.js';

/** V8's optimiser gives up on functions that are much longer (and the code is then a hundred times slower). */
const CHUNK_RULES = 250;

/** Of a chunk: its rules have decided nothing. Not a verdict. */
const ON = -100;

/** Where expressions write their JavaScript. Registers are local variables of the function; a rule is a labelled block. */
export class CodeWriter {
  readonly constants: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #loads = new Map<string, string>();
  readonly #used = new Set<number>();
  #hoists = '';
  #body = '';
  #rule = 0;
  /** The packet's bytes may change on the way: nothing is read ahead. */
  readonly mangled: boolean;

  constructor(mangled: boolean) {
    this.mangled = mangled;
  }

  /** The name of a value that the code refers to. */
  constant(value: unknown): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `c${this.constants.length}`;
      this.constants.push(value);
      this.#names.set(value, name);
    }
    return name;
  }

  /** The local variable of a register's word. */
  word(word: number): string {
    this.#used.add(word);
    return `r${word}`;
  }

  line(code: string): void {
    this.#body += `${code}\n`;
  }

  /** The rule ends unless `condition`. */
  breakUnless(condition: string): void {
    this.line(`if(!(${condition}))break L${this.#rule};`);
  }

  /**
   * Names of a condition that the packet has `bytes` (1, 2 or 4) at `offset` of a header, and of their value as a word of a register; read
   * once for all rules of the function.
   */
  load(base: number, offset: number, bytes: number): readonly [there: string, value: string] {
    const start = base === NFT_PAYLOAD_NETWORK_HEADER ? 'n' : 't';
    const there = `${base === NFT_PAYLOAD_TRANSPORT_HEADER ? 't>=0&&' : ''}${start}+${offset + bytes}<=e`;
    const read = bytes === 4 ? 'getInt32' : bytes === 2 ? 'getUint16' : 'getUint8';
    const value = `${this.mangled ? 's.view' : 'd'}.${read}(${start}+${offset}${bytes === 1 ? '' : ',true'})`;
    if (this.mangled) return [there, value];
    const key = `${base} ${offset} ${bytes}`;
    let name = this.#loads.get(key);
    if (name === undefined) {
      name = `${this.#loads.size}`;
      this.#loads.set(key, name);
      this.#hoists += `const k${name}=${there},v${name}=k${name}?${value}:0;\n`;
    }
    return [`k${name}`, `v${name}`];
  }

  rule(chain: Chain, rule: Rule, index: number): void {
    this.#rule = index;
    this.line(`L${index}:{`);
    for (const expression of rule.expressions) if (!expression.compile(this)) this.#call(expression, chain, index);
    this.line('}');
  }

  /** A jump to a chain: what it decides holds, otherwise the rules go on. */
  jump(target: Chain): void {
    this.line(`if((v=${this.constant(target)}.run(p))!==${CONTINUE})return v;`);
  }

  goto(target: Chain): void {
    this.line(`return ${this.constant(target)}.run(p);`);
  }

  verdict(code: number): void {
    this.line(`return ${code === RETURN ? CONTINUE : code};`);
  }

  #call(expression: Expression, _chain: Chain, index: number): void {
    for (const [first, count] of expression.reads) for (let w = first; w < first + count; w++) this.line(`R[${w}]=${this.word(w)};`);
    this.line(`if((v=${this.constant(expression)}.run(p))!==${CONTINUE}){`);
    this.line(`if(v===${BREAK})break L${index};`);
    this.line(`if(v===${JUMP}){if((v=p.target.run(p))!==${CONTINUE})return v;break L${index};}`);
    this.line(`if(v===${GOTO})return p.target.run(p);`);
    this.line(`return v===${RETURN}?${CONTINUE}:v;}`);
    for (const [first, count] of expression.writes)
      for (let w = first; w < first + count && w < REGISTER_WORDS; w++) this.line(`${this.word(w)}=R[${w}];`);
  }

  function(): (packet: PacketInfo) => number {
    const registers = [...this.#used].map((word) => `r${word}=0`);
    const source = `return function(p){
const s=p.skb,d=s.view,n=s.networkHeader,t=p.fragmentOffset===0?p.transport:-1,e=s.tail,R=p.registers,l4=p.protocol;
let ${['v=0', ...registers].join(',')};
${this.#hoists}${this.#body}return ${ON};}`;
    return new Function(...this.constants.map((_, i) => `c${i}`), source)(...this.constants) as (packet: PacketInfo) => number;
  }
}

/** The rules of a chain as JavaScript, in functions that V8 can optimise; null: they must be interpreted. */
export function compileChain(chain: Chain): ((packet: PacketInfo) => number) | null {
  const rules = chain.active;
  if (rules.some((rule) => rule.expressions.some((expression) => expression.startsTrace))) return null;
  const mangled = mangles(chain, new Set());
  const chunks: ((packet: PacketInfo) => number)[] = [];
  for (let from = 0; from < rules.length; from += CHUNK_RULES) {
    const code = new CodeWriter(mangled);
    for (let i = from; i < Math.min(from + CHUNK_RULES, rules.length); i++) code.rule(chain, rules[i]!, i);
    chunks.push(code.function());
  }
  if (chunks.length === 0) return () => CONTINUE;
  return (packet) => {
    for (let i = 0; i < chunks.length; i++) {
      const verdict = chunks[i]!(packet);
      if (verdict !== ON) return verdict;
      // Rules elsewhere began to trace it: on by the interpreter, which tells of each step.
      if (packet.skb.trace !== 0) return evaluate(chain, packet, (i + 1) * CHUNK_RULES);
    }
    return CONTINUE;
  };
}

/** Whether packets may be changed by a chain's rules, or by those that they lead to. */
function mangles(chain: Chain, seen: Set<Chain>): boolean {
  if (seen.has(chain)) return false;
  seen.add(chain);
  for (const rule of chain.active)
    for (const expression of rule.expressions) {
      if (expression.mangles) return true;
      let below = false;
      expression.targets((target) => {
        below ||= mangles(target, seen);
      });
      if (below) return true;
    }
  return false;
}
