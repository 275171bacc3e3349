import type { InstancePort } from './instance-port.js';
import type { Transport } from './transport.js';

/**
 * A command: words in, text out, exit status back. It touches no global state, so that it can run in a process of its own,
 * in a warm worker of the daemon, or inside a test, with no visible difference.
 */
export type Command = (argv: readonly string[], io: CommandIo, env: CommandEnvironment) => Promise<number>;

/** What surrounds a command, handed in by whoever starts it. */
export interface CommandEnvironment {
  /** Environment variables of the caller. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The way to the stack; opened at first use only, so that `ip help` needs none. Throws NetError with a text for the user. */
  transport(): Promise<Transport>;
  /** Instances and daemons, for the `tapstack` command alone; absent inside an in-process instance. */
  readonly instances?: InstancePort;
}

export interface CommandIo {
  readonly stdin: InputPort;
  readonly stdout: OutputPort;
  readonly stderr: OutputPort;
  readonly files: FilePort;
  readonly processes: ProcessPort;
  /** Aborted when the command is to end (SIGINT, SIGTERM, the client gone); the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Called for a signal the command wants itself (ping prints its summary on SIGINT); returns how to stop listening. */
  onSignal(name: 'SIGINT' | 'SIGQUIT' | 'SIGUSR1' | 'SIGTERM', handler: () => void): () => void;
  /** Resolves after `us` microseconds of the stack's clock (virtual in tests), or at once when `signal` aborts. */
  sleepUs(us: number, signal?: AbortSignal): Promise<void>;
  /** Microseconds since the epoch, of the same clock. */
  nowUs(): number;
}

export interface OutputPort {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Text or bytes; resolves when the reader has taken enough for more (back-pressure). A closed reader throws EPIPE. */
  write(text: string | Uint8Array): Promise<void> | void;
}

export interface InputPort {
  readonly isTerminal: boolean;
  /** Chunks as they come. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface OpenFile {
  /** Puts what follows, `count` bytes at most, into `buffer` at `at`, and says how much came; 0: the file's end. */
  read(buffer: Uint8Array, at: number, count: number): Promise<number>;
  /** The same without a wait, for files that have their bytes at hand; absent for pipes and whatever else may keep a reader waiting. */
  readonly readNow?: (buffer: Uint8Array, at: number, count: number) => number;
  close(): Promise<void>;
}

/** Files, relative to the caller's working directory. Errors are NetErrors. */
export interface FilePort {
  read(path: string): Promise<Uint8Array>;
  /** The file piece by piece, for files that need not fit into memory. ENOENT and the like come with the first piece. */
  chunks(path: string): AsyncIterable<Uint8Array>;
  /** The file, to be read into the caller's buffer: for files so large that each piece's own memory would be felt. */
  open?(path: string): Promise<OpenFile>;
  write(path: string, bytes: Uint8Array, options?: { readonly append?: boolean }): Promise<void>;
  /** Names inside a directory; ENOENT, ENOTDIR. */
  list(path: string): Promise<readonly string[]>;
  /** Where a symbolic link leads; EINVAL for what is none. Absent where there are no links. */
  readLink?(path: string): Promise<string>;
}

export interface SpawnRequest {
  readonly argv: readonly string[];
  /** Added to, or with undefined taken from, the caller's variables. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /**
   * Starts it away from the host's network (DESIGN section 3, "Never the host's network"): in an empty network namespace, with
   * the instance's own etc. Left out, or with TAPSTACK_TARGET=kernel: as the caller is.
   */
  readonly walled?: boolean;
  /** With `walled`: files of /etc/netns/NAME lie over /etc, as `ip netns exec NAME` has it. */
  readonly namespaceName?: string;
}

export interface ProcessPort {
  /** The caller's effective uid. */
  readonly uid: number;
  /**
   * Runs a program in the caller's process with its stdio; resolves with its exit status (128 + n after signal n).
   * Throws NetError ENOENT, EACCES when it cannot be started.
   */
  spawn(request: SpawnRequest): Promise<number>;
}

/** All of standard input as text. */
export async function readAll(input: InputPort): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of input.chunks()) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
