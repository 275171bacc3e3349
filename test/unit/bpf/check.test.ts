import { EINVAL } from '../../../src/base/errno.js';
import { checkProgram, programFault } from '../../../src/bpf/check.js';
import * as bpf from '../../../src/bpf/instruction.js';

const accept = bpf.statement(bpf.RET | bpf.K, 0xffff);
const loadMemory = bpf.statement(bpf.LD | bpf.MEM, 3);
const storeMemory = bpf.statement(bpf.ST, 3);

test('a program that only returns is taken', () => expect(programFault([accept])).toBe(''));

test.each([
  ['is empty', []],
  ['has more than 4096 instructions', Array.from({ length: 4097 }, () => accept)],
  ['does not end with a return', [accept, bpf.statement(bpf.LD | bpf.IMM, 0)]],
  ['returns X, which Linux does not know', [bpf.statement(bpf.RET | bpf.X, 0)]],
  ['divides by zero', [bpf.statement(bpf.ALU | bpf.DIV | bpf.K, 0), accept]],
  ['takes the remainder by zero', [bpf.statement(bpf.ALU | bpf.MOD | bpf.K, 0), accept]],
  ['shifts by 32', [bpf.statement(bpf.ALU | bpf.LSH | bpf.K, 32), accept]],
  ['stores to word 16', [bpf.statement(bpf.STX, 16), accept]],
  ['jumps over its end', [bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, 0, 1, 0), accept]],
  ['jumps far over its end', [bpf.statement(bpf.JMP | bpf.JA, 0xffffffff), accept]],
  ['asks for an extension that is none', [bpf.statement(bpf.LD | bpf.W | bpf.ABS, 0xfffff040), accept]],
  ['asks for an extension between two', [bpf.statement(bpf.LD | bpf.W | bpf.ABS, 0xfffff001), accept]],
  ['has an unknown code', [bpf.statement(0x1234, 0), accept]],
  ['reads a word never written', [loadMemory, accept]],
  ['reads a word that one path did not write', [bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, 0, 0, 1), storeMemory, loadMemory, accept]],
])('a program that %s is refused', (_, program) => {
  expect(programFault(program)).not.toBe('');
  expect(() => checkProgram(program)).toThrow(expect.objectContaining({ errno: EINVAL }));
});

test('a word that both paths wrote may be read', () => {
  const program = [
    bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, 0, 0, 2),
    storeMemory,
    bpf.statement(bpf.JMP | bpf.JA, 1),
    storeMemory,
    loadMemory,
    accept,
  ];
  expect(programFault(program)).toBe('');
});

test('struct sock_filter is read as it was written', () => {
  const program = [bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, 0x86dd, 2, 3), bpf.statement(bpf.RET | bpf.K, 0xffffffff)];
  const bytes = bpf.encodeProgram(program);
  expect([...bytes.subarray(0, 8)]).toEqual([0x15, 0, 2, 3, 0xdd, 0x86, 0, 0]);
  expect(bpf.decodeProgram(new DataView(bytes.buffer), 0, 2)).toEqual(program);
});
