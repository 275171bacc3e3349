import type { Config } from '../config.js';
import { Connection } from '../connection.js';
import type { Expression } from '../language/ast.js';
import type { World } from '../world.js';
import { ArgumentError, integer } from './arguments.js';
import { type Descriptor, SocketDescriptor } from './descriptors.js';

/** What a call came to: its result or a negative errno, and what is not as the script has it. */
export interface Outcome {
  readonly value: number;
  readonly problem?: string | null;
}

/** A call under way: tried whenever something may have changed, until it has an outcome. */
export interface Attempt {
  /** null: it still blocks. */
  try(): Outcome | null;
  /** When it ends by itself (SO_RCVTIMEO, the timeout of poll()); Infinity: never. */
  readonly deadlineUs: number;
}

export interface Call {
  readonly machine: Machine;
  readonly args: readonly Expression[];
  /** What the script expects. */
  readonly result: Expression;
}

export type CallHandler = (call: Call) => Attempt;

/** The process of a script: its open files, and the connection that its packets are of. */
export class Machine {
  readonly config: Config;
  readonly world: World;
  readonly descriptors = new Map<number, Descriptor>();
  /** Of the socket made last, or of the SYN that a listening one got last: the packets of the script are its. */
  current: Connection | null = null;
  /** Connections that came in and that no accept() has taken. */
  readonly arrived: Connection[] = [];
  /** Sockets in the order in which they were made. */
  readonly sockets: SocketDescriptor[] = [];
  readonly readFile: (path: string) => Uint8Array;
  /** Wall time at the script's time 0. */
  startWallUs = 0;
  #nextPort = 40_000;

  constructor(config: Config, world: World, readFile: (path: string) => Uint8Array) {
    this.config = config;
    this.world = world;
    this.readFile = readFile;
  }

  get nowUs(): number {
    return this.world.nowUs;
  }

  /** A port of the peer's that no connection has had. */
  nextRemotePort(): number {
    return this.#nextPort++;
  }

  /** A connection of the peer to a listening socket of the script. */
  arrive(protocol: number, remoteIsn: number): Connection {
    const connection = new Connection(protocol);
    connection.state = 'received';
    connection.remoteIsn = remoteIsn;
    connection.local = { address: this.config.local, port: this.config.bindPort };
    connection.remote = { address: this.config.remote, port: this.nextRemotePort() };
    this.current = connection;
    this.arrived.push(connection);
    return connection;
  }

  /** Registers a new file under the number that the script expects. */
  open(result: Expression, descriptor: Descriptor): Outcome {
    const fd = result.kind === 'ellipsis' ? this.#free() : integer(result, 'file descriptor');
    if (fd < 0) {
      descriptor.close();
      return { value: this.#free() };
    }
    // A script may use a number again without close(): its earlier file stays open, and nobody's.
    this.descriptors.set(fd, descriptor);
    if (descriptor instanceof SocketDescriptor) this.sockets.push(descriptor);
    return { value: fd };
  }

  #free(): number {
    for (let fd = 3; ; fd++) if (!this.descriptors.has(fd)) return fd;
  }

  close(fd: number): boolean {
    const descriptor = this.descriptors.get(fd);
    if (descriptor === undefined) return false;
    this.descriptors.delete(fd);
    descriptor.close();
    return true;
  }

  /** An open file; undefined: the number is none's. */
  descriptor(expression: Expression | undefined): Descriptor | undefined {
    return this.descriptors.get(integer(expression, 'file descriptor'));
  }

  /** The socket that code is told of (TCP_INFO): the newest that is open and connected, else the newest. */
  get socketForCode(): SocketDescriptor | null {
    const open = this.sockets.filter((descriptor) => !descriptor.closed && descriptor.socket.type === 1);
    const current = open.find((descriptor) => descriptor.connection === this.current && this.current !== null);
    return current ?? open.at(-1) ?? null;
  }

  get isIpv6(): boolean {
    return this.config.ipVersion === 'ipv6';
  }
}

/** An outcome that is there at once. */
export const done = (value: number, problem: string | null = null): Attempt => ({
  try: () => ({ value, problem }),
  deadlineUs: Number.POSITIVE_INFINITY,
});

export const refuse = (what: string): never => {
  throw new ArgumentError(what);
};
