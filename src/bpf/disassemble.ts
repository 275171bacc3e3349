// Programs as text, as libpcap's bpf_dump() and bpf_image() have them: tcpdump's -d, -dd and -ddd, and `tc`'s and `ss`'s too.
import { extensionOf } from './ancillary.js';
import * as ad from './ancillary.js';
import * as bpf from './instruction.js';
import type { Instruction, Program } from './instruction.js';

const extensionNames: Readonly<Record<number, string>> = {
  [ad.AD_PROTOCOL]: 'proto',
  [ad.AD_PKTTYPE]: 'type',
  [ad.AD_IFINDEX]: 'ifidx',
  [ad.AD_NLATTR]: 'nla',
  [ad.AD_NLATTR_NEST]: 'nlan',
  [ad.AD_MARK]: 'mark',
  [ad.AD_QUEUE]: 'queue',
  [ad.AD_HATYPE]: 'hatype',
  [ad.AD_RXHASH]: 'rxhash',
  [ad.AD_CPU]: 'cpu',
  [ad.AD_ALU_XOR_X]: 'xor_x',
  [ad.AD_VLAN_TAG]: 'vlan_tci',
  [ad.AD_VLAN_TAG_PRESENT]: 'vlanp',
  [ad.AD_PAY_OFFSET]: 'poff',
  [ad.AD_RANDOM]: 'random',
  [ad.AD_VLAN_TPID]: 'vlan_tpid',
};

const hex = (k: number) => `#0x${k.toString(16)}`;
const decimal = (k: number) => `#${k | 0}`;
const nothing = () => '';
const byX = () => 'x';
const word = (k: number) => `M[${k | 0}]`;
const indexed = (k: number) => `[x + ${k | 0}]`;
const absolute = (k: number) => `[${extensionNames[extensionOf(k)] ?? k | 0}]`;

/** Name and operand of each instruction. */
const forms: ReadonlyMap<number, readonly [name: string, operand: (k: number) => string]> = new Map([
  [bpf.RET | bpf.K, ['ret', decimal]],
  [bpf.RET | bpf.A, ['ret', nothing]],
  [bpf.LD | bpf.W | bpf.ABS, ['ld', absolute]],
  [bpf.LD | bpf.H | bpf.ABS, ['ldh', absolute]],
  [bpf.LD | bpf.B | bpf.ABS, ['ldb', absolute]],
  [bpf.LD | bpf.W | bpf.LEN, ['ld', () => '#pktlen']],
  [bpf.LD | bpf.W | bpf.IND, ['ld', indexed]],
  [bpf.LD | bpf.H | bpf.IND, ['ldh', indexed]],
  [bpf.LD | bpf.B | bpf.IND, ['ldb', indexed]],
  [bpf.LD | bpf.IMM, ['ld', hex]],
  [bpf.LDX | bpf.IMM, ['ldx', hex]],
  [bpf.LDX | bpf.MSH | bpf.B, ['ldxb', (k) => `4*([${k | 0}]&0xf)`]],
  [bpf.LD | bpf.MEM, ['ld', word]],
  [bpf.LDX | bpf.MEM, ['ldx', word]],
  [bpf.ST, ['st', word]],
  [bpf.STX, ['stx', word]],
  [bpf.ALU | bpf.NEG, ['neg', nothing]],
  [bpf.MISC | bpf.TAX, ['tax', nothing]],
  [bpf.MISC | bpf.TXA, ['txa', nothing]],
  ...both(bpf.JMP, { jgt: bpf.JGT, jge: bpf.JGE, jeq: bpf.JEQ, jset: bpf.JSET }, hex),
  ...both(bpf.ALU, { and: bpf.AND, or: bpf.OR, xor: bpf.XOR }, hex),
  ...both(bpf.ALU, { add: bpf.ADD, sub: bpf.SUB, mul: bpf.MUL, div: bpf.DIV, mod: bpf.MOD, lsh: bpf.LSH, rsh: bpf.RSH }, decimal),
] as [number, readonly [string, (k: number) => string]][]);

/** Operations by K and by X. */
function both(group: number, operations: Readonly<Record<string, number>>, ofK: (k: number) => string) {
  return Object.entries(operations).flatMap(([name, operation]) => [
    [group | operation | bpf.K, [name, ofK]],
    [group | operation | bpf.X, [name, byX]],
  ]);
}

/** One instruction at `at`: `(002) jeq      #0x800           jt 3	jf 8`. */
export function disassemble({ code, jt, jf, k }: Instruction, at: number): string {
  const line = `(${String(at).padStart(3, '0')})`;
  const [name, operand] =
    code === (bpf.JMP | bpf.JA) ? ['ja', () => String((at + 1 + k) | 0)] : (forms.get(code) ?? ['unimp', () => `0x${code.toString(16)}`]);
  if (bpf.classOf(code) !== bpf.JMP || bpf.operationOf(code) === bpf.JA) return `${line} ${name.padEnd(8)} ${operand(k)}`;
  return `${line} ${name.padEnd(8)} ${operand(k).padEnd(16)} jt ${at + 1 + jt}\tjf ${at + 1 + jf}`;
}

/** `style` 1: for people; 2: as a fragment of C; 3: as decimal numbers, the count first. Ends with a newline. */
export function dumpProgram(program: Program, style: 1 | 2 | 3): string {
  switch (style) {
    case 1:
      return program.map((instruction, at) => `${disassemble(instruction, at)}\n`).join('');
    case 2:
      return program
        .map(({ code, jt, jf, k }) => `{ 0x${code.toString(16)}, ${jt}, ${jf}, 0x${k.toString(16).padStart(8, '0')} },\n`)
        .join('');
    case 3:
      return `${program.length}\n${program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k}\n`).join('')}`;
  }
}
