import type { Tcb } from './tcb.js';

/** Connections of one listener that wait for accept(), and how many are still in the handshake (icsk_accept_queue). */
export class ListenQueue {
  /** Length the accept queue may have: the backlog, cut to net.core.somaxconn. */
  maxBacklog: number;
  /** Requests between SYN and the last ACK. */
  requests = 0;
  length = 0;
  /** Connections of Fast Open whose handshake is not complete. */
  fastOpens = 0;
  /** When a SYN cookie was last sent. */
  lastOverflowUs = Number.NEGATIVE_INFINITY;
  #head: Tcb | null = null;
  #tail: Tcb | null = null;

  constructor(maxBacklog: number) {
    this.maxBacklog = maxBacklog;
  }

  /** Linux: sk_acceptq_is_full(): a backlog of n lets n + 1 connections wait. */
  get full(): boolean {
    return this.length > this.maxBacklog;
  }

  /** Linux: inet_csk_reqsk_queue_is_full() */
  get requestsFull(): boolean {
    return this.requests >= this.maxBacklog;
  }

  push(child: Tcb): void {
    child.nextAccept = null;
    if (this.#tail === null) this.#head = child;
    else this.#tail.nextAccept = child;
    this.#tail = child;
    this.length++;
  }

  shift(): Tcb | null {
    const child = this.#head;
    if (child === null) return null;
    this.#head = child.nextAccept;
    if (this.#head === null) this.#tail = null;
    child.nextAccept = null;
    child.parent = null;
    this.length--;
    return child;
  }
}
