import type { Namespace } from '../core/namespace.js';
import type { ProgramUnixSocket } from '../core/program-unix-socket.js';
import { UnixSocket } from './unix-socket.js';

/**
 * The Unix sockets of one namespace. Names of both kinds, a file's and those behind a zero byte, are the namespace's own: the stack
 * has no file system, so a path is but a name here, free again when its socket closes.
 */
export class Unix {
  readonly sockets = new Set<UnixSocket>();
  /** Datagrams that wait in one socket at most (one more than that, as in Linux). */
  maxDgramQlen = 10;
  readonly #namespace: Namespace;
  readonly #byName = new Map<string, UnixSocket>();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Those that programs have from the host's kernel, where there are any. */
  get ofPrograms(): readonly ProgramUnixSocket[] {
    return this.#namespace.stack.unixSocketsOfPrograms?.(this.#namespace) ?? [];
  }

  createSocket(type: number, uid: number): UnixSocket {
    const socket = new UnixSocket(this.#namespace, this, type, uid);
    this.sockets.add(socket);
    return socket;
  }

  find(name: Uint8Array): UnixSocket | undefined {
    return this.#byName.get(keyOf(name));
  }

  /** False: the name is taken. */
  bind(socket: UnixSocket, name: Uint8Array): boolean {
    const key = keyOf(name);
    if (this.#byName.has(key)) return false;
    this.#byName.set(key, socket);
    return true;
  }

  /** unix_autobind(): a zero byte and five hexadecimal digits that nobody has; null: none is free. */
  autobind(socket: UnixSocket): Uint8Array | null {
    const first = this.#namespace.stack.random.u32() & 0xfffff;
    for (let i = 0; i <= 0xfffff; i++) {
      const digits = ((first + i) & 0xfffff).toString(16).padStart(5, '0');
      const name = Uint8Array.from(`\0${digits}`, (character) => character.charCodeAt(0));
      if (this.bind(socket, name)) return name;
    }
    return null;
  }

  remove(socket: UnixSocket): void {
    this.sockets.delete(socket);
    const name = socket.local.bytes;
    if (name !== null && this.find(name) === socket) this.#byName.delete(keyOf(name));
  }
}

/** One character a byte. */
const keyOf = (name: Uint8Array): string => String.fromCharCode(...name);
