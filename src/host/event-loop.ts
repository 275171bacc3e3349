import type { Clock } from '../base/clock.js';

/**
 * What the stack's thread runs on: one thread, one wait, everything that can happen is a descriptor or a deadline. Two makers:
 * `epoll-loop.ts` (koffi; TAPs possible) and `node-loop.ts` (libuv; where koffi does not load).
 */
export interface EventLoop {
  /** Listens at a Unix socket path, mode 0600. Throws NetError of bind(2). */
  listen(path: string, accept: (stream: ByteStream) => void): Listener;
  /** Runs `work` before the loop next waits. */
  defer(work: () => void): void;
  /** Descriptors of frames; null where this loop cannot watch them. */
  readonly frames: FrameDescriptors | null;
  /** Goes round until stop(). Rejects or throws with whatever a callback threw. */
  run(work: LoopWork): Promise<void>;
  stop(): void;
}

/** What has to be done besides descriptors: the stack's rounds and timers. */
export interface LoopWork {
  readonly clock: Clock;
  /** One round; true: there is more to do at once. */
  poll(): boolean;
  /** When poll() is next needed if nothing else happens, on `clock`; Infinity: never. */
  nextDeadlineUs(): number;
}

/** Descriptors that are read until empty and, while frames flow, a little longer (SPIKES section 1). */
export interface FrameDescriptors {
  /** `drain` reads what there is, up to its budget, and says how many frames that were. */
  add(fd: number, drain: () => number): void;
  remove(fd: number): void;
}

export interface Listener {
  close(): void;
}

/** Who is at the other end of a Unix socket (SO_PEERCRED), as this process's namespaces show it. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface StreamHandler {
  /** `bytes` are valid during the call only. */
  data(bytes: Uint8Array): void;
  /** What was pending is with the host. */
  drained(): void;
  /** Either side closed; called once. */
  closed(): void;
}

export interface ByteStream {
  /** null where the host does not say (no koffi): only the socket's owner and root can have connected. */
  readonly peer: PeerCredentials | null;
  /** Bytes written that the host has not taken yet. */
  readonly pending: number;
  handler: StreamHandler | null;
  /** Takes `bytes`; they are the stream's from here on. */
  write(bytes: Uint8Array): void;
  /** The oldest descriptor that came along with the bytes and nobody took; -1: none, or none can come here. */
  takeDescriptor(): number;
  /** Closes once what is pending is written. */
  end(): void;
  close(): void;
}
