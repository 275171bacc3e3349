import type { MessageReceiver } from './message-receiver.js';

// sys/epoll.h
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;

export const READABLE = EPOLLIN | EPOLLERR | EPOLLHUP;
export const WRITABLE = EPOLLOUT;

export interface Watcher {
  /** Events of epoll(7) that came. */
  ready(events: number): void;
}

/** What of the epoll loop those see who bring descriptors into it. */
export interface DescriptorLoop {
  watch(fd: number, events: number, watcher: Watcher): void;
  change(fd: number, events: number): void;
  unwatch(fd: number): void;
  /** Runs `work` before the loop next waits. */
  defer(work: () => void): void;
  /** Where streams read to; shared, since a chunk is handled before the next is read. */
  readonly readBuffer: Uint8Array;
  /** recvmsg(2), with room for descriptors that are sent along. */
  readonly receiver: MessageReceiver;
}
