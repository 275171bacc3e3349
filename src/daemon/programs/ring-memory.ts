import { ENOMEM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Libc } from '../../host/libc.js';
import { systemCallNumber } from '../../host/system-calls.js';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MFD_CLOEXEC = 1;

/** Memory that a program and we share: a memfd, which the program maps. */
export class RingMemory {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;
  readonly #libc: Libc;
  readonly #address: number;

  /** Throws NetError ENOMEM. */
  constructor(libc: Libc, size: number) {
    this.#libc = libc;
    this.fd = libc.memfdCreate('tpacket', MFD_CLOEXEC);
    if (this.fd < 0) fail(ENOMEM);
    if (libc.ftruncate(this.fd, size) < 0) this.#refuse();
    this.#address = libc.systemCall(systemCallNumber('mmap'), 0, size, PROT_READ_WRITE, MAP_SHARED, this.fd, 0);
    if (this.#address < 0) this.#refuse();
    this.bytes = libc.memoryAt(this.#address, size);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, size);
    this.words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, size >> 2);
  }

  #refuse(): never {
    this.#libc.close(this.fd);
    return fail(ENOMEM);
  }

  close(): void {
    this.#libc.systemCall(systemCallNumber('munmap'), this.#address, this.bytes.length, 0, 0, 0, 0);
    this.#libc.close(this.fd);
  }
}
