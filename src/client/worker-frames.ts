/**
 * What the native client and the command worker say to each other: frames over a Unix stream socket, both ways. The other side of
 * this file, and what each frame means, is native/protocol.h.
 *
 *     u8 type | u8 number | u16 value | u32 bytes that follow       little-endian
 */
export const PROTOCOL_MAJOR = 1;
export const FRAME_HEADER = 8;
/** Linux takes arguments and variables of 2 MB by default, of a quarter of the stack's limit at most: a longer frame is garbage. */
export const FRAME_LIMIT = 64 << 20;

export const FRAME_REQUEST = 1;
export const FRAME_INPUT = 2;
export const FRAME_SIGNAL = 3;
export const FRAME_SIZE = 4;
export const FRAME_SPAWNED = 5;
export const FRAME_BROKEN = 6;

export const FRAME_ACCEPTED = 16;
export const FRAME_OUTPUT = 17;
export const FRAME_EXIT = 18;
export const FRAME_CATCH = 19;
export const FRAME_RELEASE = 20;
export const FRAME_READ = 21;
export const FRAME_SPAWN = 22;
export const FRAME_REFUSED = 23;

export interface WorkerFrame {
  readonly type: number;
  readonly number: number;
  readonly value: number;
  readonly payload: Buffer;
}

export function workerFrame(type: number, number = 0, value = 0, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  frame[0] = type;
  frame[1] = number;
  frame.writeUInt16LE(value, 2);
  frame.writeUInt32LE(payload.length, 4);
  frame.set(payload, FRAME_HEADER);
  return frame;
}

/** Cuts a byte stream into frames, whatever the pieces it comes in. */
export class WorkerFrameReader {
  #held: Buffer = Buffer.alloc(0);

  /** False: the stream is garbage from here on. */
  push(chunk: Buffer, take: (frame: WorkerFrame) => void): boolean {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER) {
      const length = bytes.readUInt32LE(at + 4);
      if (length > FRAME_LIMIT) return false;
      const end = at + FRAME_HEADER + length;
      if (end > bytes.length) break;
      take({
        type: bytes[at]!,
        number: bytes[at + 1]!,
        value: bytes.readUInt16LE(at + 2),
        payload: bytes.subarray(at + FRAME_HEADER, end),
      });
      at = end;
    }
    this.#held = bytes.subarray(at);
    return true;
  }
}

/** A command line and what surrounds it, as the client has them. */
export interface WorkerRequest {
  readonly name: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly umask: number;
  /** 0: unknown. */
  readonly columns: number;
  readonly isTerminal: readonly [stdin: boolean, stdout: boolean, stderr: boolean];
}

/** struct request: u32 major, words, variables, umask; u16 columns, terminals. */
const REQUEST = 20;

/** Null: the request is garbage or of another major version. */
export function parseRequest(payload: Buffer): WorkerRequest | null {
  if (payload.length < REQUEST || payload.readUInt32LE(0) !== PROTOCOL_MAJOR) return null;
  const words = payload.readUInt32LE(4);
  const count = payload.readUInt32LE(8);
  const terminals = payload.readUInt16LE(18);
  const strings = payload.toString('utf8', REQUEST).split('\0');
  // The last string ends with a zero byte too.
  if (strings.length !== 2 + words + count + 1) return null;
  const variables: Record<string, string> = {};
  for (const variable of strings.slice(2 + words, -1)) {
    const end = variable.indexOf('=');
    // The first of a name counts, as for getenv(3).
    if (end > 0) variables[variable.slice(0, end)] ??= variable.slice(end + 1);
  }
  return {
    name: strings[0]!,
    cwd: strings[1]!,
    argv: strings.slice(2, 2 + words),
    variables,
    umask: payload.readUInt32LE(12),
    columns: payload.readUInt16LE(16),
    isTerminal: [(terminals & 1) !== 0, (terminals & 2) !== 0, (terminals & 4) !== 0],
  };
}

/** A program that the client starts in its own process. */
export interface WorkerSpawn {
  readonly file: string;
  readonly argv: readonly string[];
  /** Set, or with undefined taken away. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** It reports through the descriptor that TAPSTACK_SPAWN_REPORT names. */
  readonly reports: boolean;
}

export function spawnFrame(spawn: WorkerSpawn): Buffer {
  const variables = Object.entries(spawn.variables).map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
  const head = Buffer.alloc(12);
  head.writeUInt32LE(spawn.argv.length, 0);
  head.writeUInt32LE(variables.length, 4);
  head.writeUInt32LE(spawn.reports ? 1 : 0, 8);
  const strings = [spawn.file, ...spawn.argv, ...variables].map((string) => Buffer.from(`${string}\0`));
  return workerFrame(FRAME_SPAWN, 0, 0, Buffer.concat([head, ...strings]));
}
