// Checked programs as JavaScript functions, which V8 turns into machine code. Jumps go forward alone: each place that is jumped to
// ends a labelled block that is open from the start, and a jump is a `break` out of it.
import * as ad from './ancillary.js';
import type { FilterInput } from './input.js';
import * as bpf from './instruction.js';
import type { Program } from './instruction.js';
import { load, loadExtension } from './machine.js';

export type CompiledFilter = (input: FilterInput) => number;

/** Larger functions stay with the interpreter: V8 would not optimise them, and its parser nests no deeper than some thousand blocks. */
export const MAX_COMPILED = 1000;

type Load = typeof load;
type LoadExtension = typeof loadExtension;

/** A function equal to interpret() on `program`, which was checked; null: it is too large. */
export function compileProgram(program: Program): CompiledFilter | null {
  if (program.length > MAX_COMPILED) return null;
  const make = new Function('load', 'loadExtension', source(program)) as (load: Load, extension: LoadExtension) => CompiledFilter;
  return make(load, loadExtension);
}

function source(program: Program): string {
  const targets = new Set<number>();
  const words = new Set<number>();
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    if (code === (bpf.JMP | bpf.JA)) targets.add(at + 1 + k);
    else if (bpf.classOf(code) === bpf.JMP) targets.add(at + 1 + jt).add(at + 1 + jf);
    if (bpf.classOf(code) === bpf.ST || bpf.classOf(code) === bpf.STX) words.add(k);
  }
  const lines = [
    'return function (input) {',
    'const v = input.view, start = input.start, end = input.end;',
    `let ${['a = 0', 'x = 0', 'm = 0', ...[...words].map((word) => `m${word} = 0`)].join(', ')};`,
    [...targets]
      .sort((one, other) => other - one)
      .map((target) => `L${target}: {`)
      .join(' '),
  ];
  for (const [at, instruction] of program.entries()) {
    if (targets.has(at)) lines.push('}');
    lines.push(translate(instruction, at));
  }
  lines.push('}');
  return lines.join('\n');
}

function translate({ code, jt, jf, k }: bpf.Instruction, at: number): string {
  switch (code) {
    case bpf.LD | bpf.W | bpf.ABS:
    case bpf.LD | bpf.H | bpf.ABS:
    case bpf.LD | bpf.B | bpf.ABS:
      if (k === ad.SKF_AD_OFF + ad.AD_ALU_XOR_X) return 'a = (a ^ x) >>> 0;';
      if (k >= ad.SKF_AD_OFF) return `m = loadExtension(input, ${k - ad.SKF_AD_OFF}, a, x); if (m < 0) return 0; a = m;`;
      return read('a', String(k), bpf.loadBytes(code), k < ad.SKF_LL_OFF);
    case bpf.LD | bpf.W | bpf.IND:
    case bpf.LD | bpf.H | bpf.IND:
    case bpf.LD | bpf.B | bpf.IND: {
      const bytes = bpf.loadBytes(code);
      return `m = (x + ${k}) >>> 0; if (m < ${ad.SKF_LL_OFF}) { ${read('a', 'm', bytes, true)} } else { ${read('a', 'm', bytes, false)} }`;
    }
    case bpf.LDX | bpf.B | bpf.MSH:
      return `${read('x', String(k), 1, k < ad.SKF_LL_OFF)} x = (x & 15) << 2;`;
    case bpf.LD | bpf.W | bpf.LEN:
      return 'a = input.length;';
    case bpf.LDX | bpf.W | bpf.LEN:
      return 'x = input.length;';
    case bpf.LD | bpf.IMM:
      return `a = ${k};`;
    case bpf.LDX | bpf.IMM:
      return `x = ${k};`;
    case bpf.LD | bpf.MEM:
      return `a = m${k};`;
    case bpf.LDX | bpf.MEM:
      return `x = m${k};`;
    case bpf.ST:
      return `m${k} = a;`;
    case bpf.STX:
      return `m${k} = x;`;
    case bpf.MISC | bpf.TAX:
      return 'x = a;';
    case bpf.MISC | bpf.TXA:
      return 'a = x;';
    case bpf.RET | bpf.K:
      return `return ${k};`;
    case bpf.RET | bpf.A:
      return 'return a;';
    case bpf.JMP | bpf.JA:
      return k === 0 ? '' : `break L${at + 1 + k};`;
    default: {
      const operand = bpf.sourceOf(code) === bpf.X ? 'x' : String(k);
      if (bpf.classOf(code) === bpf.JMP)
        return branch(condition(code, operand), jt === 0 ? '' : `L${at + 1 + jt}`, jf === 0 ? '' : `L${at + 1 + jf}`);
      return calculation(bpf.operationOf(code), operand, bpf.sourceOf(code) === bpf.X);
    }
  }
}

/** Bytes of the packet into a register; `plain`: at an offset that counts from the packet's start. */
function read(register: string, offset: string, bytes: number, plain: boolean): string {
  if (!plain) return `m = load(input, ${offset}, ${bytes}); if (m < 0) return 0; ${register} = m;`;
  return `if (start + ${offset} + ${bytes} > end) return 0; ${register} = v.getUint${bytes * 8}(start + ${offset});`;
}

/** An empty label is the next instruction. */
function branch(test: string, yes: string, no: string): string {
  if (yes === no) return yes === '' ? '' : `break ${yes};`;
  if (yes === '') return `if (!(${test})) break ${no};`;
  return no === '' ? `if (${test}) break ${yes};` : `if (${test}) break ${yes}; else break ${no};`;
}

function condition(code: number, operand: string): string {
  switch (bpf.operationOf(code)) {
    case bpf.JEQ:
      return `a === ${operand}`;
    case bpf.JGT:
      return `a > ${operand}`;
    case bpf.JGE:
      return `a >= ${operand}`;
    default:
      return `(a & ${operand}) !== 0`;
  }
}

function calculation(operation: number, operand: string, ofX: boolean): string {
  const guard = ofX ? 'if (x === 0) return 0; ' : '';
  switch (operation) {
    case bpf.ADD:
      return `a = (a + ${operand}) >>> 0;`;
    case bpf.SUB:
      return `a = (a - ${operand}) >>> 0;`;
    case bpf.MUL:
      return `a = Math.imul(a, ${operand}) >>> 0;`;
    case bpf.DIV:
      return `${guard}a = Math.floor(a / ${operand});`;
    case bpf.MOD:
      return `${guard}a = a % ${operand};`;
    case bpf.AND:
      return `a = (a & ${operand}) >>> 0;`;
    case bpf.OR:
      return `a = (a | ${operand}) >>> 0;`;
    case bpf.XOR:
      return `a = (a ^ ${operand}) >>> 0;`;
    case bpf.LSH:
      return `a = (a << (${operand} & 31)) >>> 0;`;
    case bpf.RSH:
      return `a = a >>> (${operand} & 31);`;
    default:
      return 'a = -a >>> 0;';
  }
}
