import fc from 'fast-check';
import * as bpf from '../../../src/bpf/instruction.js';
import type { Instruction } from '../../../src/bpf/instruction.js';
import { BytesInput, type FilterInput } from '../../../src/bpf/input.js';

const offset = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 70 }) },
  { weight: 1, arbitrary: fc.constantFrom(0xffffffff, 0xfff00000, 0xfff00004, 0xffe00000, 0xffe0000c, 0x7fffffff, 0x80000000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }).map((n) => 0xfffff000 + n * 4) },
);
const value = fc.oneof(
  fc.integer({ min: 0, max: 64 }),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 31, 0x80000000, 0xffffffff),
);
const size = fc.constantFrom(bpf.W, bpf.H, bpf.B);
const word = fc.integer({ min: 0, max: 15 });
const operation = fc.constantFrom(bpf.ADD, bpf.SUB, bpf.MUL, bpf.DIV, bpf.MOD, bpf.AND, bpf.OR, bpf.XOR, bpf.LSH, bpf.RSH);
const comparison = fc.constantFrom(bpf.JEQ, bpf.JGT, bpf.JGE, bpf.JSET);
const distance = fc.integer({ min: 0, max: 255 });

const straight: fc.Arbitrary<Instruction> = fc.oneof(
  fc.tuple(size, offset).map(([s, k]) => bpf.statement(bpf.LD | s | bpf.ABS, k === 0xffffffff ? 0xffffefff : k)),
  fc.tuple(size, offset).map(([s, k]) => bpf.statement(bpf.LD | s | bpf.IND, k)),
  offset.map((k) => bpf.statement(bpf.LDX | bpf.B | bpf.MSH, k)),
  value.map((k) => bpf.statement(bpf.LD | bpf.IMM, k)),
  value.map((k) => bpf.statement(bpf.LDX | bpf.IMM, k)),
  word.map((k) => bpf.statement(bpf.LD | bpf.MEM, k)),
  word.map((k) => bpf.statement(bpf.LDX | bpf.MEM, k)),
  word.map((k) => bpf.statement(bpf.ST, k)),
  word.map((k) => bpf.statement(bpf.STX, k)),
  fc.tuple(operation, value).map(([o, k]) => bpf.statement(bpf.ALU | o | bpf.K, shaped(o, k))),
  operation.map((o) => bpf.statement(bpf.ALU | o | bpf.X, 0)),
  fc
    .constantFrom(bpf.ALU | bpf.NEG, bpf.MISC | bpf.TAX, bpf.MISC | bpf.TXA, bpf.LD | bpf.W | bpf.LEN, bpf.LDX | bpf.W | bpf.LEN)
    .map((code) => bpf.statement(code, 0)),
);
const branching: fc.Arbitrary<Instruction> = fc.oneof(
  fc.tuple(comparison, value, distance, distance).map(([c, k, jt, jf]) => bpf.jump(bpf.JMP | c | bpf.K, k, jt, jf)),
  fc.tuple(comparison, distance, distance).map(([c, jt, jf]) => bpf.jump(bpf.JMP | c | bpf.X, 0, jt, jf)),
  distance.map((k) => bpf.statement(bpf.JMP | bpf.JA, k)),
);

const shaped = (o: number, k: number) => (o === bpf.LSH || o === bpf.RSH ? k & 31 : o === bpf.DIV || o === bpf.MOD ? k || 1 : k);

/** Programs that the checker takes: all scratch words are written first, jumps are folded into the program, a return comes last. */
export const validProgram: fc.Arbitrary<Instruction[]> = fc
  .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: straight }, { weight: 1, arbitrary: branching }), { maxLength: 60 }), value)
  .map(([body, last]) => {
    const program = [...Array.from({ length: bpf.MEMORY_WORDS }, (_, k) => bpf.statement(bpf.ST, k)), ...body];
    const count = program.length;
    return [
      ...program.map((i, at) => {
        const following = count - at;
        if (i.code === (bpf.JMP | bpf.JA)) return { ...i, k: i.k % following };
        return bpf.classOf(i.code) === bpf.JMP ? { ...i, jt: i.jt % following, jf: i.jf % following } : i;
      }),
      last % 2 === 0 ? bpf.statement(bpf.RET | bpf.A, 0) : bpf.statement(bpf.RET | bpf.K, last),
    ];
  });

/** Any words at all. */
export const anyProgram: fc.Arbitrary<Instruction[]> = fc.array(
  fc.oneof(
    straight,
    branching,
    fc.record({
      code: fc.integer({ min: 0, max: 0xff }),
      jt: fc.integer({ min: 0, max: 8 }),
      jf: fc.integer({ min: 0, max: 8 }),
      k: fc.integer({ min: 0, max: 20 }),
    }),
  ),
  { maxLength: 20 },
);

/** A packet in the stack: headers at 14, extensions that say their own number, and one it lacks. */
export function stackInput(bytes: Uint8Array): FilterInput {
  return Object.assign(Object.create(new BytesInput(bytes)) as FilterInput, {
    link: 0,
    network: Math.min(14, bytes.length),
    ancillary: (extension: number) => (extension === 8 ? -1 : extension * 1000),
  });
}
