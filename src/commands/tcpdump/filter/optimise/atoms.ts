// What instructions of a filter read and write: the accumulator, the index and the scratch memory.
import * as bpf from '../../../../bpf/instruction.js';
import { A_ATOM, AX_ATOM, type Block, NOP, type Statement, X_ATOM } from '../code.js';

export const isMember = (set: number, atom: number) => (set & (1 << atom)) !== 0;

/** The atom that an instruction reads; AX_ATOM for A and X; -1: none. */
export function atomUsed(code: number, k: number): number {
  if (code === NOP) return -1;
  switch (bpf.classOf(code)) {
    case bpf.RET:
      return (code & 0x18) === bpf.A ? A_ATOM : (code & 0x18) === bpf.X ? X_ATOM : -1;
    case bpf.LD:
    case bpf.LDX:
      return bpf.modeOf(code) === bpf.IND ? X_ATOM : bpf.modeOf(code) === bpf.MEM ? k : -1;
    case bpf.ST:
      return A_ATOM;
    case bpf.STX:
      return X_ATOM;
    case bpf.JMP:
    case bpf.ALU:
      return bpf.sourceOf(code) === bpf.X ? AX_ATOM : A_ATOM;
    default:
      return (code & 0xf8) === bpf.TXA ? X_ATOM : A_ATOM;
  }
}

/** The atom that an instruction writes; -1: none. */
export function atomDefined(code: number, k: number): number {
  if (code === NOP) return -1;
  switch (bpf.classOf(code)) {
    case bpf.LD:
    case bpf.ALU:
      return A_ATOM;
    case bpf.LDX:
      return X_ATOM;
    case bpf.ST:
    case bpf.STX:
      return k;
    case bpf.MISC:
      return (code & 0xf8) === bpf.TAX ? X_ATOM : A_ATOM;
    default:
      return -1;
  }
}

/** The next statement that is left, from `statement` on. */
export function left(statement: Statement | null): Statement | null {
  let at = statement;
  while (at !== null && at.code === NOP) at = at.next;
  return at;
}

/** What a block reads before it writes it (`used`) and writes before it reads it (`killed`). */
export function localUses(block: Block): void {
  let defined = 0;
  let used = 0;
  let killed = 0;
  const use = (code: number, k: number) => {
    const atom = atomUsed(code, k);
    const atoms = atom === AX_ATOM ? (1 << X_ATOM) | (1 << A_ATOM) : atom >= 0 ? 1 << atom : 0;
    used |= atoms & ~defined;
  };
  for (let s = block.statements; s !== null; s = s.next) {
    use(s.code, s.k);
    const atom = atomDefined(s.code, s.k);
    if (atom < 0) continue;
    if (!isMember(used, atom)) killed |= 1 << atom;
    defined |= 1 << atom;
  }
  if (bpf.classOf(block.code) === bpf.JMP) use(block.code, block.k);
  block.killed = killed;
  block.used = used;
}
