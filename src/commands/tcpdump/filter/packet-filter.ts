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
  readonly #takesAll: boolean;
  /** Null: the program has a loop, and is `#looping`. */
  readonly #filter: Filter | null = null;
  readonly #looping: Int32Array = new Int32Array(0);

  constructor(program: Program) {
    this.#takesAll = program.length === 1 && classOf(program[0]!.code) === RET && program[0]!.k !== 0;
    if (hasLoop(program)) this.#looping = flatten(program);
    else this.#filter = new Filter(program);
  }

  takes(packet: CapturedPacket): boolean {
    if (this.#takesAll) return true;
    const input = this.#input;
    input.view = packet.view;
    input.start = packet.start;
    input.end = packet.end;
    input.length = packet.length;
    return (this.#filter === null ? interpret(this.#looping, input, MAXIMUM_TURNS) : this.#filter.run(input)) !== 0;
  }
}
