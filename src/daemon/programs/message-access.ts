import { EFAULT, EINVAL, EMSGSIZE } from '../../base/errno.js';
import type { ProgramCall } from './program-call.js';
import { CONTROL_BYTES, IO_BYTES, IOVEC, MOST_IOVECS, MSGHDR, type Workbench } from './workbench.js';

// struct msghdr of 64-bit Linux:
//     0 name | 8 its length, i32 | 16 iovec | 24 their number | 32 control | 40 its length | 48 flags, i32
const NAME_LENGTH = 8;
const CONTROL_LENGTH = 40;
const FLAGS = 48;

/** The buffers, address and control messages that one call names, read from its program's memory. */
export class MessageAccess {
  readonly #bench: Workbench;
  /** Where the struct msghdr lies in the program; 0: a call with a plain buffer. */
  #header = 0;
  name = 0;
  nameLength = 0;
  control = 0;
  controlLength = 0;
  /** Bytes of its buffers together. */
  length = 0;
  #vectors = 0;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** recvfrom(), sendto(): one buffer. */
  plain(buffer: number, length: number): void {
    const { memory, iovecs } = this.#bench;
    this.#header = 0;
    this.name = 0;
    this.nameLength = 0;
    this.control = 0;
    this.controlLength = 0;
    this.length = length;
    this.#vectors = 1;
    memory.setWord(iovecs, buffer);
    memory.setWord(iovecs + 8, length);
  }

  /** Reads a struct msghdr: 0 or a negative errno. */
  load(call: ProgramCall, header: number): number {
    const { memory, msghdr, iovecs } = this.#bench;
    if (!call.read(header, MSGHDR, memory.address + msghdr)) return -EFAULT;
    this.#header = header;
    this.name = memory.word(msghdr);
    this.nameLength = memory.view.getInt32(msghdr + NAME_LENGTH, true);
    if (this.name === 0) this.nameLength = 0;
    if (this.nameLength < 0) return -EINVAL;
    this.#vectors = memory.word(msghdr + 24);
    if (this.#vectors > MOST_IOVECS) return -EMSGSIZE;
    if (!call.read(memory.word(msghdr + 16), this.#vectors * IOVEC, memory.address + iovecs)) return -EFAULT;
    this.control = memory.word(msghdr + 32);
    this.controlLength = this.control === 0 ? 0 : memory.word(msghdr + CONTROL_LENGTH);
    this.length = 0;
    for (let i = 0; i < this.#vectors; i++) this.length += memory.word(iovecs + i * IOVEC + 8);
    return 0;
  }

  /** Copies what the program sends to the beginning of `io`: its length or a negative errno. */
  gather(call: ProgramCall): number {
    const { access, io, memory, iovecs } = this.#bench;
    if (this.length > IO_BYTES) return -EMSGSIZE;
    if (this.length === 0) return 0;
    const count = access.readVector(call.tid, memory.address + iovecs, this.#vectors, this.length, io.address);
    return count === this.length ? count : -EFAULT;
  }

  /** Copies `count` bytes of `io` to the program's buffers: 0 or -EFAULT. */
  scatter(call: ProgramCall, count: number): number {
    const { access, io, memory, iovecs } = this.#bench;
    if (count === 0) return 0;
    return access.writeVector(call.tid, memory.address + iovecs, this.#vectors, count, io.address) === count ? 0 : -EFAULT;
  }

  /** Copies the control messages that the program sends to `bench.control`: their length or a negative errno. */
  readControl(call: ProgramCall): number {
    const { memory, control } = this.#bench;
    if (this.controlLength === 0) return 0;
    if (this.controlLength > CONTROL_BYTES) return -EINVAL;
    return call.read(this.control, this.controlLength, memory.address + control) ? this.controlLength : -EFAULT;
  }

  /**
   * Writes back what recvmsg() tells: the sender (`nameLength` bytes at `bench.address`), control messages and flags. 0 or -EFAULT.
   */
  answer(call: ProgramCall, nameLength: number, controlLength: number, flags: number): number {
    const { memory, address, control, msghdr } = this.#bench;
    if (this.#header === 0) return 0;
    if (this.name !== 0 && !call.write(this.name, Math.min(nameLength, this.nameLength), memory.address + address)) return -EFAULT;
    if (!call.write(this.control, Math.min(controlLength, this.controlLength), memory.address + control)) return -EFAULT;
    memory.view.setInt32(msghdr, this.name === 0 ? 0 : nameLength, true);
    memory.view.setInt32(msghdr + 16, flags, true);
    memory.setWord(msghdr + 8, controlLength);
    if (!call.write(this.#header + NAME_LENGTH, 4, memory.address + msghdr)) return -EFAULT;
    if (!call.write(this.#header + CONTROL_LENGTH, 8, memory.address + msghdr + 8)) return -EFAULT;
    return call.copyOut(this.#header + FLAGS, 4, memory.address + msghdr + 16);
  }
}
