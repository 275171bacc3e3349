import { dumpProgram } from '../../../src/bpf/disassemble.js';
import * as bpf from '../../../src/bpf/instruction.js';

// `tcpdump -y EN10MB -d 'ip[6:4]&0x1fff>4 and len > 2'`, tcpdump 4.99.3
const program = [
  bpf.statement(bpf.LD | bpf.H | bpf.ABS, 12),
  bpf.jump(bpf.JMP | bpf.JEQ | bpf.K, 0x800, 0, 6),
  bpf.statement(bpf.LD | bpf.W | bpf.ABS, 20),
  bpf.statement(bpf.ALU | bpf.AND | bpf.K, 0x1fff),
  bpf.jump(bpf.JMP | bpf.JGT | bpf.K, 4, 0, 3),
  bpf.statement(bpf.LD | bpf.W | bpf.LEN, 0),
  bpf.jump(bpf.JMP | bpf.JGT | bpf.K, 2, 0, 1),
  bpf.statement(bpf.RET | bpf.K, 0x40000),
  bpf.statement(bpf.RET | bpf.K, 0),
];

test('-d: one instruction a line, with its place', () => {
  expect(dumpProgram(program, 1)).toBe(`(000) ldh      [12]
(001) jeq      #0x800           jt 2\tjf 8
(002) ld       [20]
(003) and      #0x1fff
(004) jgt      #0x4             jt 5\tjf 8
(005) ld       #pktlen
(006) jgt      #0x2             jt 7\tjf 8
(007) ret      #262144
(008) ret      #0
`);
});

test('-dd: a fragment of C', () => {
  expect(dumpProgram(program.slice(0, 3), 2)).toBe(
    '{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 6, 0x00000800 },\n{ 0x20, 0, 0, 0x00000014 },\n',
  );
});

test('-ddd: decimal numbers, the count first', () => {
  expect(dumpProgram(program.slice(0, 2), 3)).toBe('2\n40 0 0 12\n21 0 6 2048\n');
});

test('extensions have names, offsets from the headers are negative numbers', () => {
  const loads = [0xfffff030, 0xfffff004, 0xfff00000].map((k) => bpf.statement(bpf.LD | bpf.B | bpf.ABS, k));
  expect(dumpProgram(loads, 1)).toBe('(000) ldb      [vlanp]\n(001) ldb      [type]\n(002) ldb      [-1048576]\n');
});

test('what is no instruction is shown as a number', () => {
  expect(dumpProgram([bpf.statement(0xff, 0)], 1)).toBe('(000) unimp    0xff\n');
});
