import type { Workbench } from './workbench.js';

const SO_SNDBUF = 7;
const MSG_DONTWAIT_NOSIGNAL = 0x4040;
const PIECE = 1024;
/** What a program's end has when it is made (net.core.wmem_default). */
const USUAL_BUFFER = 106_496;

interface FilledSocket {
  readonly bench: Workbench;
  readonly end: number;
  takeEnd(): number;
}

/**
 * Keeps a program's end from being writable while a connect() is under way: its send buffer is made small and filled. Taken out
 * again, the end becomes writable, which is what the program waits for.
 */
export class ConnectFiller {
  readonly #socket: FilledSocket;
  #bytes = 0;

  constructor(socket: FilledSocket) {
    this.#socket = socket;
    const { bench } = socket;
    const program = socket.takeEnd();
    if (program < 0) return;
    bench.setEndOption(program, SO_SNDBUF, 0);
    for (;;) {
      const count = bench.libc.sendAt(program, bench.io.address, PIECE, MSG_DONTWAIT_NOSIGNAL);
      if (count <= 0) break;
      this.#bytes += count;
    }
    bench.libc.close(program);
  }

  drain(): void {
    const { bench, end } = this.#socket;
    const program = this.#socket.takeEnd();
    if (program >= 0) {
      bench.setEndOption(program, SO_SNDBUF, USUAL_BUFFER);
      bench.libc.close(program);
    }
    while (this.#bytes > 0) {
      const count = bench.libc.receiveAt(end, bench.io.address, this.#bytes, MSG_DONTWAIT_NOSIGNAL);
      if (count <= 0) return;
      this.#bytes -= count;
    }
  }
}
