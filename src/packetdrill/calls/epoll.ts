import { EEXIST, ENOENT } from '../../base/errno.js';
import { POLLERR, POLLHUP, POLLIN } from '../../net/core/socket.js';
import { Descriptor, SocketDescriptor } from './descriptors.js';

export const EPOLLONESHOT = 0x4000_0000;
export const EPOLLET = 0x8000_0000;
/** What is a way of waiting and no event. */
const MODES = 0xf000_0000;

export interface EpollEvent {
  readonly events: number;
  /** The user's word: fd, u32, u64 or ptr. */
  readonly data: number;
}

interface Item {
  readonly descriptor: Descriptor;
  events: number;
  data: number;
  /** Something has happened since it was last told of. */
  armed: boolean;
  /** EPOLLONESHOT has been told; until EPOLL_CTL_MOD there is nothing more. */
  disabled: boolean;
  stop(): void;
}

const wanted = (item: Item): number => (item.events & ~MODES) | POLLERR | POLLHUP;

/** epoll(7): level-triggered, edge-triggered and one-shot. Items are told of in the order in which they became ready. */
export class EpollDescriptor extends Descriptor {
  readonly #items = new Map<number, Item>();
  readonly #ready = new Set<number>();

  poll(): number {
    return this.collect(1, false).length > 0 ? POLLIN : 0;
  }

  add(fd: number, descriptor: Descriptor, events: number, data: number): number {
    if (this.#items.has(fd)) return -EEXIST;
    const item: Item = { descriptor, events, data, armed: false, disabled: false, stop: () => undefined };
    this.#items.set(fd, item);
    if (descriptor instanceof SocketDescriptor) item.stop = descriptor.listen(() => this.#happened(fd, item));
    this.#happened(fd, item);
    return 0;
  }

  modify(fd: number, events: number, data: number): number {
    const item = this.#items.get(fd);
    if (item === undefined) return -ENOENT;
    item.events = events;
    item.data = data;
    item.disabled = false;
    this.#happened(fd, item);
    return 0;
  }

  remove(fd: number): number {
    const item = this.#items.get(fd);
    if (item === undefined) return -ENOENT;
    item.stop();
    this.#items.delete(fd);
    this.#ready.delete(fd);
    return 0;
  }

  #happened(fd: number, item: Item): void {
    if ((item.descriptor.poll() & wanted(item)) === 0) return;
    item.armed = true;
    this.#ready.add(fd);
  }

  /** Up to `most` events; `take`: they count as told. */
  collect(most: number, take = true): EpollEvent[] {
    const found: EpollEvent[] = [];
    // What is no socket tells nobody: it is looked at.
    for (const [fd, item] of this.#items) if (!this.#ready.has(fd) && (item.events & EPOLLET) === 0) this.#happened(fd, item);
    for (const fd of [...this.#ready]) {
      if (found.length >= most) break;
      const item = this.#items.get(fd)!;
      const events = item.descriptor.poll() & wanted(item);
      const edge = (item.events & EPOLLET) !== 0;
      if (events === 0 || item.disabled || (edge && !item.armed)) {
        if (take) this.#ready.delete(fd);
        continue;
      }
      found.push({ events, data: item.data });
      if (!take) continue;
      item.armed = false;
      if (edge || (item.events & EPOLLONESHOT) !== 0) this.#ready.delete(fd);
      if ((item.events & EPOLLONESHOT) !== 0) item.disabled = true;
    }
    return found;
  }

  close(): void {
    for (const item of this.#items.values()) item.stop();
    this.#items.clear();
  }
}
