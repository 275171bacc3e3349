import type { ProgramCall } from './program-call.js';
import type { Workbench } from './workbench.js';

/** BPF_MAXINSNS */
const MOST_INSTRUCTIONS = 4096;

/** struct sock_fprog: 0 number of instructions, u16 | 8 where they lie. The instructions, 8 bytes each; null: they cannot be read. */
export function socketFilter(bench: Workbench, call: ProgramCall, value: Uint8Array): Uint8Array | null {
  if (value.length < 16) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const count = view.getUint16(0, true);
  const pointer = view.getUint32(8, true) + view.getUint32(12, true) * 0x1_0000_0000;
  if (count > MOST_INSTRUCTIONS || !call.read(pointer, count * 8, bench.io.address)) return null;
  return bench.io.bytes.slice(0, count * 8);
}
