import fc from 'fast-check';
import { programFault } from '../../../src/bpf/check.js';
import { compileProgram } from '../../../src/bpf/compile.js';
import { Filter } from '../../../src/bpf/filter.js';
import { BytesInput } from '../../../src/bpf/input.js';
import * as bpf from '../../../src/bpf/instruction.js';
import { flatten, interpret } from '../../../src/bpf/machine.js';
import { anyProgram, stackInput, validProgram } from './programs.js';

const packet = fc.uint8Array({ maxLength: 80 });

test('a compiled program says of every packet what the interpreter says', () => {
  fc.assert(
    fc.property(validProgram, packet, packet, (program, one, other) => {
      expect(programFault(program)).toBe('');
      const compiled = compileProgram(program)!;
      const flat = flatten(program);
      for (const input of [new BytesInput(one), stackInput(other), new BytesInput(other, other.length + 1000)])
        expect(compiled(input)).toBe(interpret(flat, input));
    }),
    { numRuns: 2000 },
  );
});

test('whatever the checker takes runs to an end with a u32', () => {
  fc.assert(
    fc.property(anyProgram, packet, (program, bytes) => {
      if (programFault(program) !== '') return;
      const input = stackInput(bytes);
      const verdict = interpret(flatten(program), input);
      expect(verdict).toBe(verdict >>> 0);
      expect(compileProgram(program)!(input)).toBe(verdict);
    }),
    { numRuns: 3000 },
  );
});

test('a filter gives the same verdicts before and after it is compiled', () => {
  const longerThan60 = new Filter([
    bpf.statement(bpf.LD | bpf.W | bpf.LEN, 0),
    bpf.jump(bpf.JMP | bpf.JGT | bpf.K, 60, 0, 1),
    bpf.statement(bpf.RET | bpf.K, 0x40000),
    bpf.statement(bpf.RET | bpf.K, 0),
  ]);
  for (let n = 0; n < 200; n++) {
    expect(longerThan60.run(new BytesInput(new Uint8Array(61)))).toBe(0x40000);
    expect(longerThan60.run(new BytesInput(new Uint8Array(60)))).toBe(0);
  }
});

test('a program too large to compile stays with the interpreter', () => {
  const program = [...Array.from({ length: 4095 }, (_, k) => bpf.statement(bpf.LD | bpf.IMM, k)), bpf.statement(bpf.RET | bpf.A, 0)];
  expect(compileProgram(program)).toBeNull();
  const filter = new Filter(program);
  for (let n = 0; n < 100; n++) expect(filter.run(new BytesInput())).toBe(4094);
});

test('the deepest nest of jumps that is compiled can be compiled', () => {
  const jumps = Array.from({ length: 999 }, (_, at) => bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, at, Math.min(1, 998 - at), 0));
  const program = [...jumps, bpf.statement(bpf.RET | bpf.K, 7)];
  expect(programFault(program)).toBe('');
  expect(compileProgram(program)!(new BytesInput())).toBe(7);
});
