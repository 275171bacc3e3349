import { Filter } from '../../../bpf/filter.js';
import { BytesInput } from '../../../bpf/input.js';
import { classOf, JA, JMP, type Program, RET } from '../../../bpf/instruction.js';
import { flatten, interpret } from '../../../bpf/machine.js';
import type { CapturedPacket } from '../print-packet.js';

/** Turns that a filter with a loop (protochain) may take for a packet: a chain has fewer headers than a packet has bytes. */
const MAXIMUM_TURNS = 1 << 16;

/** protochain jumps back: no kernel takes such a program. */
export const hasLoop = (program: Program) => program.some(({ code, k }) => code === (JMP | JA) && k > 0x7fffffff);

/** A filter over packets of files, which have bytes and a length alone. */
export class PacketFilter {
  readonly #input = new BytesInput();
  readonly #run: ((input: BytesInput) => number) | null;

  constructor(program: Program) {
    if (program.length === 1 && classOf(program[0]!.code) === RET && program[0]!.k !== 0) this.#run = null;
    else if (hasLoop(program)) {
      const flat = flatten(program);
      this.#run = (input) => interpret(flat, input, MAXIMUM_TURNS);
    } else {
      const filter = new Filter(program);
      this.#run = (input) => filter.run(input);
    }
  }

  takes(packet: CapturedPacket): boolean {
    if (this.#run === null) return true;
    const input = this.#input;
    input.view = packet.view;
    input.start = packet.start;
    input.end = packet.end;
    input.length = packet.length;
    return this.#run(input) !== 0;
  }
}
