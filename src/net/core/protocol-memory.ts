import type { InetSocket } from './inet-socket.js';

/** SK_MEM_QUANTUM: memory is taken in pages. */
export const PAGE = 4096;

export const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE);

/** Takes as the sender or as the receiver (SK_MEM_SEND, SK_MEM_RECV). */
export const FOR_SENDING = 0;
export const FOR_RECEIVING = 1;

/** What the CPU of a stack keeps of a protocol's memory before it tells all (net.core.mem_pcpu_rsv); pages. */
export class MemoryReserve {
  pages = 256;
}

/**
 * The memory of all sockets of one protocol in a stack (struct proto: memory_allocated, sysctl_mem, memory_pressure). A socket takes whole pages
 * ahead (sk_forward_alloc) and gives them back as soon as it can; net.ipv4.tcp_mem and udp_mem bound their sum.
 */
export class ProtocolMemory {
  /** Pages: below the first there is never pressure, above the second there is, above the third nothing more is given. */
  readonly limits: [number, number, number];
  /** Milliseconds of the clock since when memory is short; -1: it is not. */
  pressureSinceMs = -1;
  /** Sockets there are; kept where pressure is asked about. */
  sockets = 0;
  readonly #reserve: MemoryReserve;
  #allocated = 0;
  /** Not told yet (per_cpu_fw_alloc). */
  #held = 0;

  constructor(limits: [number, number, number], reserve: MemoryReserve) {
    this.limits = limits;
    this.#reserve = reserve;
  }

  /** Pages, as /proc/net/sockstat shows them: what the CPU holds back is not in it. */
  get allocated(): number {
    return Math.max(this.#allocated, 0);
  }

  get underPressure(): boolean {
    return this.pressureSinceMs >= 0;
  }

  add(pages: number): void {
    this.#held += pages;
    if (this.#held >= this.#reserve.pages || this.#held <= -this.#reserve.pages) {
      this.#allocated += this.#held;
      this.#held = 0;
    }
  }
}

/** What differs between protocols; TCP knows pressure, UDP does not. */
export interface MemoryRules {
  readonly memory: ProtocolMemory;
  /** Bytes that a socket may always have, either way (tcp_rmem[0], udp_rmem_min). */
  leastReceive(): number;
  leastSend(): number;
  /** The sum rose above the second limit, or fell below the first; absent: nothing comes of that. */
  enterPressure?(): void;
  leavePressure?(): void;
  /** There was not enough for a sender: its buffer shrinks (sk_stream_moderate_sndbuf()). */
  moderate?(sk: InetSocket): void;
}

/**
 * Takes pages for `bytes` more ahead of a charge: false if the limits say no (__sk_mem_schedule()). A socket that has little is served
 * beyond them.
 */
export function scheduleMemory(sk: InetSocket, rules: MemoryRules, bytes: number, kind: number): boolean {
  return bytes <= sk.forwardAlloc || raiseMemory(sk, rules, bytes, pagesOf(bytes - sk.forwardAlloc), kind);
}

/** Takes `pages` for `bytes`, as far as the limits allow it. */
export function raiseMemory(sk: InetSocket, rules: MemoryRules, bytes: number, pages: number, kind: number): boolean {
  rules.memory.add(pages);
  if (!mayRaise(sk, rules, bytes, kind)) {
    rules.memory.add(-pages);
    return false;
  }
  sk.forwardAlloc += pages * PAGE;
  return true;
}

/** Linux: __sk_mem_raise_allocated(), the pages being counted already. */
function mayRaise(sk: InetSocket, rules: MemoryRules, bytes: number, kind: number): boolean {
  const { memory } = rules;
  const { allocated, limits } = memory;
  if (allocated <= limits[0]) {
    rules.leavePressure?.();
    return true;
  }
  if (allocated > limits[1]) rules.enterPressure?.();
  if (allocated <= limits[2]) {
    if (kind === FOR_RECEIVING ? sk.receiveMemory < rules.leastReceive() : sk.sendMemory < rules.leastSend()) return true;
    if (rules.enterPressure !== undefined) {
      if (!memory.underPressure) return true;
      const own = pagesOf(sk.sendMemory + sk.receiveMemory + sk.forwardAlloc);
      if (limits[2] > memory.sockets * own) return true;
    }
  }
  if (kind !== FOR_SENDING || rules.moderate === undefined) return false;
  rules.moderate(sk);
  // What does not fit the buffer any more would be refused anyway, and at once.
  return sk.sendMemory + bytes >= sk.sendBuffer;
}

/** Takes them whatever the limits say: without it nothing would move at all (sk_forced_mem_schedule()). */
export function forceMemory(sk: InetSocket, rules: MemoryRules, bytes: number): void {
  if (bytes <= sk.forwardAlloc) return;
  const pages = pagesOf(bytes - sk.forwardAlloc);
  sk.forwardAlloc += pages * PAGE;
  rules.memory.add(pages);
}

/** Gives `bytes` back, and the pages that are free with them but for `keep` bytes (sk_mem_uncharge()). */
export function unchargeMemory(sk: InetSocket, rules: MemoryRules, bytes: number, keep = 0): void {
  sk.forwardAlloc += bytes;
  if (sk.forwardAlloc - keep < PAGE) return;
  const pages = Math.floor((sk.forwardAlloc - keep) / PAGE);
  sk.forwardAlloc -= pages * PAGE;
  rules.memory.add(-pages);
  if (rules.memory.underPressure && rules.memory.allocated < rules.memory.limits[0]) rules.leavePressure?.();
}
