// Classic BPF's instruction words, linux/bpf_common.h and linux/filter.h. A code is class | size | mode, or class | operation | source.

/** struct sock_filter: `jt` and `jf` count instructions forward from the next one; `k` is a u32. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export type Program = readonly Instruction[];

/** The most that a program may hold: BPF_MAXINSNS. */
export const MAX_INSTRUCTIONS = 4096;
/** Words of scratch memory: BPF_MEMWORDS. */
export const MEMORY_WORDS = 16;

// Classes.
export const LD = 0x00;
export const LDX = 0x01;
export const ST = 0x02;
export const STX = 0x03;
export const ALU = 0x04;
export const JMP = 0x05;
export const RET = 0x06;
export const MISC = 0x07;

// Sizes of loads.
export const W = 0x00;
export const H = 0x08;
export const B = 0x10;

// Modes of loads.
export const IMM = 0x00;
export const ABS = 0x20;
export const IND = 0x40;
export const MEM = 0x60;
export const LEN = 0x80;
export const MSH = 0xa0;

// Operations of ALU.
export const ADD = 0x00;
export const SUB = 0x10;
export const MUL = 0x20;
export const DIV = 0x30;
export const OR = 0x40;
export const AND = 0x50;
export const LSH = 0x60;
export const RSH = 0x70;
export const NEG = 0x80;
export const MOD = 0x90;
export const XOR = 0xa0;

// Operations of JMP.
export const JA = 0x00;
export const JEQ = 0x10;
export const JGT = 0x20;
export const JGE = 0x30;
export const JSET = 0x40;

// Sources of ALU and JMP; A is RET's alone.
export const K = 0x00;
export const X = 0x08;
export const A = 0x10;

// Operations of MISC.
export const TAX = 0x00;
export const TXA = 0x80;

export const classOf = (code: number) => code & 0x07;
export const sizeOf = (code: number) => code & 0x18;
export const modeOf = (code: number) => code & 0xe0;
export const operationOf = (code: number) => code & 0xf0;
export const sourceOf = (code: number) => code & 0x08;

/** How many bytes a load of this code takes from the packet. */
export const loadBytes = (code: number) => (sizeOf(code) === W ? 4 : sizeOf(code) === H ? 2 : 1);

export const statement = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 });
export const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k: k >>> 0 });

/** Bytes of a struct sock_filter. */
export const INSTRUCTION_BYTES = 8;

/** Reads an array of struct sock_filter (host order, little endian), as SO_ATTACH_FILTER hands it over. */
export function decodeProgram(v: DataView, at: number, count: number): Instruction[] {
  const program: Instruction[] = [];
  for (let i = 0; i < count; i++) {
    const from = at + i * INSTRUCTION_BYTES;
    program.push({ code: v.getUint16(from, true), jt: v.getUint8(from + 2), jf: v.getUint8(from + 3), k: v.getUint32(from + 4, true) });
  }
  return program;
}

/** An array of struct sock_filter, host order. */
export function encodeProgram(program: Program): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const v = new DataView(bytes.buffer);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    const at = i * INSTRUCTION_BYTES;
    v.setUint16(at, code, true);
    v.setUint8(at + 2, jt);
    v.setUint8(at + 3, jf);
    v.setUint32(at + 4, k, true);
  }
  return bytes;
}
