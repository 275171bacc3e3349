// Link types whose headers have a varying length: the program begins by working out where things lie.
import * as bpf from '../../../bpf/instruction.js';
import { append, type Block, chain, compare, Statement } from './code.js';
import { clearTagOffsets } from './encapsulation.js';
import { isWlan } from './link-offsets.js';
import type { State } from './state.js';

const PRISM = 119;
const AVS = 163;
const RADIOTAP = 127;
const PPI = 192;
const PFLOG = 117;

/** Puts what is needed before the first block: insert_compute_vloffsets(). */
export function computeOffsets(state: State, first: Block): void {
  if (state.payload.register >= 0 && state.link.variable && state.link.register < 0) state.link.register = state.allocate();
  let statements: Statement | null = null;
  if (state.link.register >= 0) {
    switch (state.outermostLinkType) {
      case PRISM:
        statements = prismLength(state);
        break;
      case AVS:
        statements = kept(state.link.register, new Statement(bpf.LD | bpf.W | bpf.ABS, 4));
        break;
      case RADIOTAP:
      case PPI:
        statements = kept(
          state.link.register,
          chain(
            new Statement(bpf.LD | bpf.B | bpf.ABS, 3),
            new Statement(bpf.ALU | bpf.LSH | bpf.K, 8),
            new Statement(bpf.MISC | bpf.TAX),
            new Statement(bpf.LD | bpf.B | bpf.ABS, 2),
            new Statement(bpf.ALU | bpf.OR | bpf.X),
          ),
        );
    }
  }
  if (state.outermostLinkType === PRISM) state.cannotOptimise = true;
  if (isWlan(state.outermostLinkType)) statements = wlanHeaderLength(state, statements, first.statements);
  else if (state.outermostLinkType === PFLOG)
    statements =
      state.payload.register < 0
        ? null
        : kept(
            state.payload.register,
            chain(
              new Statement(bpf.LD | bpf.B | bpf.ABS, 0),
              new Statement(bpf.ALU | bpf.ADD | bpf.K, 3),
              new Statement(bpf.ALU | bpf.AND | bpf.K, 0xfffffffc),
            ),
          );
  if (statements === null && state.variableTags) statements = clearTagOffsets(state);
  if (statements === null) return;
  append(statements, first.statements);
  first.statements = statements;
}

/** A goes into a scratch word and X. */
const kept = (register: number, value: Statement) => chain(value, new Statement(bpf.ST, register), new Statement(bpf.MISC | bpf.TAX));

/** Prism headers are 144 bytes long, unless they are AVS ones. */
function prismLength(state: State): Statement {
  const isAvs = new Statement(bpf.JMP | bpf.JEQ | bpf.K, 0x80211000);
  const length = new Statement(bpf.LD | bpf.W | bpf.ABS, 4);
  const fixedLength = new Statement(bpf.LD | bpf.W | bpf.IMM, 144);
  isAvs.jt = length;
  isAvs.jf = fixedLength;
  return kept(
    state.link.register,
    chain(
      new Statement(bpf.LD | bpf.W | bpf.ABS, 0),
      new Statement(bpf.ALU | bpf.AND | bpf.K, 0xfffff000),
      isAvs,
      length,
      new Statement(bpf.JMP | bpf.JA, 1),
      fixedLength,
    ),
  );
}

/** 24 bytes, two more with quality of service, and padding that a radiotap header tells of. `next`: what comes after. */
function wlanHeaderLength(state: State, before: Statement | null, next: Statement | null): Statement | null {
  const { register } = state.payload;
  if (register < 0) return before;
  state.cannotOptimise = true;
  const list = before ?? new Statement(bpf.LDX | bpf.IMM, state.outermostLink.constant);
  const bit = (mask: number) => new Statement(bpf.JMP | bpf.JSET | bpf.K, mask);
  const add = (...statements: Statement[]) => {
    for (const statement of statements) append(list, statement);
  };
  const [isData, isControl, hasQos] = [bit(0x08), bit(0x04), bit(0x80)];
  const longer = new Statement(bpf.LD | bpf.MEM, register);
  add(
    new Statement(bpf.MISC | bpf.TXA),
    new Statement(bpf.ALU | bpf.ADD | bpf.K, 24),
    new Statement(bpf.ST, register),
    new Statement(bpf.LD | bpf.IND | bpf.B, 0),
    isData,
    isControl,
    hasQos,
    longer,
    new Statement(bpf.ALU | bpf.ADD | bpf.IMM, 2),
    new Statement(bpf.ST, register),
  );
  isData.jt = isControl;
  isData.jf = next;
  isControl.jt = next;
  isControl.jf = hasQos;
  hasQos.jt = longer;
  if (state.linkType !== RADIOTAP) {
    hasQos.jf = next;
    return list;
  }
  // The present flags are little endian.
  const [hasFlags, hasMore, hasTsft] = [bit(0x02000000), bit(0x00000080), bit(0x01000000)];
  const present = new Statement(bpf.LD | bpf.ABS | bpf.W, 4);
  const flagsBehindTsft = new Statement(bpf.LD | bpf.ABS | bpf.B, 16);
  const flags = new Statement(bpf.LD | bpf.ABS | bpf.B, 8);
  const [paddedBehindTsft, padded] = [bit(0x20), bit(0x20)];
  const roundUp = new Statement(bpf.LD | bpf.MEM, register);
  add(present, hasFlags, hasMore, hasTsft, flagsBehindTsft, paddedBehindTsft, flags, padded, roundUp);
  add(
    new Statement(bpf.ALU | bpf.ADD | bpf.IMM, 3),
    new Statement(bpf.ALU | bpf.AND | bpf.IMM, 0xfffffffc),
    new Statement(bpf.ST, register),
  );
  hasQos.jf = present;
  hasFlags.jt = hasMore;
  hasFlags.jf = next;
  hasMore.jt = next;
  hasMore.jf = hasTsft;
  hasTsft.jt = flagsBehindTsft;
  hasTsft.jf = flags;
  for (const test of [paddedBehindTsft, padded]) {
    test.jt = roundUp;
    test.jf = next;
  }
  return list;
}

/** PPI carries any link type: filters are for 802.11 in it. */
export function ppiCheck(state: State): Block | null {
  return state.linkType === PPI ? compare(0x69000000, new Statement(bpf.LD | bpf.W | bpf.ABS, 4)) : null;
}
