// Filters of pcap-filter(7) as programs of classic BPF, instruction by instruction those of libpcap 1.10.
import { type Instruction, RET, statement } from '../../../bpf/instruction.js';
import { and, backpatch, FilterError, filterError, type Graph, returnBlock } from './code.js';
import { emit } from './emit.js';
import { optimise } from './optimise.js';
import { Parser } from './parse.js';
import { type FilterTarget, State } from './state.js';
import { tokenise } from './tokens.js';
import { computeOffsets, ppiCheck } from './variable-headers.js';

export type { FilterTarget };
export { FilterError };

/** Throws FilterError with what libpcap says. */
export function compileFilter(text: string, target: FilterTarget): Instruction[] {
  const state = new State(target);
  const tokens = tokenise(text);
  if (tokens[0]!.kind === 'end') return [statement(RET, target.snapshot)];
  let block = new Parser(tokens, state).parse();
  computeOffsets(state, block.head);
  const ppi = ppiCheck(state);
  if (ppi !== null) block = and(ppi, block);
  backpatch(block, returnBlock(target.snapshot));
  block.sense = !block.sense;
  backpatch(block, returnBlock(0));
  const graph: Graph = { root: block.head, mark: 0 };
  if (target.optimise && !state.cannotOptimise) {
    optimise(graph);
    if (graph.root.code === RET && graph.root.k === 0) filterError('expression rejects all packets');
  }
  return emit(graph);
}

/** Are there names in the filter that need files of the system? */
export const hasNames = (text: string) => tokenise(text).some(({ kind }) => kind === 'id');
