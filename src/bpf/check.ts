// Whether a program may run: jumps only forward and inside it, every path ends in a return, scratch words are written before they
// are read. Linux: bpf_check_classic(), check_load_and_stores() (sk_chk_filter)
import { EINVAL } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { extensionOf, SKF_AD_OFF } from './ancillary.js';
import * as bpf from './instruction.js';
import type { Instruction, Program } from './instruction.js';

const operations = [bpf.ADD, bpf.SUB, bpf.MUL, bpf.DIV, bpf.MOD, bpf.AND, bpf.OR, bpf.XOR, bpf.LSH, bpf.RSH];
const comparisons = [bpf.JEQ, bpf.JGT, bpf.JGE, bpf.JSET];
const sizes = [bpf.W, bpf.H, bpf.B];

const knownCodes: ReadonlySet<number> = new Set([
  ...operations.flatMap((operation) => [bpf.ALU | operation | bpf.K, bpf.ALU | operation | bpf.X]),
  bpf.ALU | bpf.NEG,
  ...sizes.flatMap((size) => [bpf.LD | size | bpf.ABS, bpf.LD | size | bpf.IND]),
  bpf.LD | bpf.W | bpf.LEN,
  bpf.LD | bpf.IMM,
  bpf.LD | bpf.MEM,
  bpf.LDX | bpf.W | bpf.LEN,
  bpf.LDX | bpf.B | bpf.MSH,
  bpf.LDX | bpf.IMM,
  bpf.LDX | bpf.MEM,
  bpf.ST,
  bpf.STX,
  bpf.MISC | bpf.TAX,
  bpf.MISC | bpf.TXA,
  bpf.RET | bpf.K,
  bpf.RET | bpf.A,
  bpf.JMP | bpf.JA,
  ...comparisons.flatMap((comparison) => [bpf.JMP | comparison | bpf.K, bpf.JMP | comparison | bpf.X]),
]);

/** Throws NetError EINVAL for a program that Linux would not take. */
export function checkProgram(program: Program): void {
  const fault = programFault(program);
  if (fault !== '') throw new NetError(EINVAL, fault);
}

/** What is wrong with `program`, in words; '': nothing. */
export function programFault(program: Program): string {
  if (program.length === 0) return 'the program is empty';
  if (program.length > bpf.MAX_INSTRUCTIONS) return `the program has more than ${bpf.MAX_INSTRUCTIONS} instructions`;
  for (const [at, instruction] of program.entries()) {
    const fault = instructionFault(instruction, program.length - at - 1);
    if (fault !== '') return `instruction ${at}: ${fault}`;
  }
  const last = program.at(-1)!.code;
  if (last !== (bpf.RET | bpf.K) && last !== (bpf.RET | bpf.A)) return 'the program does not end with a return';
  return memoryFault(program);
}

/** `following`: how many instructions come after this one. */
function instructionFault({ code, jt, jf, k }: Instruction, following: number): string {
  if (!knownCodes.has(code)) return `0x${code.toString(16)} is no instruction`;
  switch (code) {
    case bpf.ALU | bpf.DIV | bpf.K:
    case bpf.ALU | bpf.MOD | bpf.K:
      return k === 0 ? 'division by zero' : '';
    case bpf.ALU | bpf.LSH | bpf.K:
    case bpf.ALU | bpf.RSH | bpf.K:
      return k >= 32 ? 'a shift by more than 31 bits' : '';
    case bpf.LD | bpf.MEM:
    case bpf.LDX | bpf.MEM:
    case bpf.ST:
    case bpf.STX:
      return k >= bpf.MEMORY_WORDS ? 'no such scratch word' : '';
    case bpf.JMP | bpf.JA:
      return k >= following ? 'a jump out of the program' : '';
    case bpf.LD | bpf.W | bpf.ABS:
    case bpf.LD | bpf.H | bpf.ABS:
    case bpf.LD | bpf.B | bpf.ABS:
      return k >= SKF_AD_OFF && extensionOf(k) < 0 ? 'no such extension' : '';
    default:
      return bpf.classOf(code) === bpf.JMP && (jt >= following || jf >= following) ? 'a jump out of the program' : '';
  }
}

/** Follows every path, a mask of written scratch words for each instruction: once through the program, since jumps go forward. */
function memoryFault(program: Program): string {
  const masks = new Uint16Array(program.length).fill(0xffff);
  let written = 0;
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    written &= masks[at]!;
    switch (bpf.classOf(code)) {
      case bpf.ST:
      case bpf.STX:
        written |= 1 << k;
        break;
      case bpf.LD:
      case bpf.LDX:
        if (bpf.modeOf(code) === bpf.MEM && (written & (1 << k)) === 0) return `instruction ${at}: reads a scratch word never written`;
        break;
      case bpf.JMP:
        if (bpf.operationOf(code) === bpf.JA) masks[at + 1 + k]! &= written;
        else {
          masks[at + 1 + jt]! &= written;
          masks[at + 1 + jf]! &= written;
        }
        written = 0xffff;
        break;
    }
  }
  return '';
}
