import { FOR_RECEIVING, FOR_SENDING, forceMemory, scheduleMemory, unchargeMemory } from '../core/protocol-memory.js';
import type { Tcb } from './tcb.js';

// The memory of TCP's sockets (net.ipv4.tcp_mem): what lies in a queue is charged to its socket, which takes pages for it ahead.

/** SOCK_MIN_SNDBUF: two of the smallest segments. */
export const MIN_SEND_BUFFER = 4608;

/** Whether memory for `bytes` more to be received can be had (sk_rmem_schedule()). */
export const scheduleReceive = (sk: Tcb, bytes: number): boolean => scheduleMemory(sk, sk.tcp, bytes, FOR_RECEIVING);
/** ... to be sent (sk_wmem_schedule()). */
export const scheduleSend = (sk: Tcb, bytes: number): boolean => scheduleMemory(sk, sk.tcp, bytes, FOR_SENDING);
export const forceSchedule = (sk: Tcb, bytes: number): void => forceMemory(sk, sk.tcp, bytes);

/** `bytes` went into the receive queues. */
export function chargeReceive(sk: Tcb, bytes: number): void {
  sk.receiveMemory += bytes;
  if (sk.forwardAlloc < bytes) forceMemory(sk, sk.tcp, bytes);
  sk.forwardAlloc -= bytes;
}

export function unchargeReceive(sk: Tcb, bytes: number): void {
  sk.receiveMemory -= bytes;
  unchargeMemory(sk, sk.tcp, bytes);
}

/** `bytes` went into the send queues. */
export function chargeSend(sk: Tcb, bytes: number): void {
  sk.sendMemory += bytes;
  if (sk.forwardAlloc < bytes) forceMemory(sk, sk.tcp, bytes);
  sk.forwardAlloc -= bytes;
}

export function unchargeSend(sk: Tcb, bytes: number): void {
  sk.sendMemory -= bytes;
  unchargeMemory(sk, sk.tcp, bytes);
}

/** tcp_under_memory_pressure() */
export const underPressure = (sk: Tcb): boolean => sk.tcp.memory.underPressure;

/** What the window may grow to, while memory is short (tcp_adjust_rcv_ssthresh()). */
export function shrinkSsthresh(sk: Tcb): void {
  sk.rcvSsthresh = Math.min(sk.rcvSsthresh, 4 * sk.advMss);
}

/** The last limit is passed, and this socket is one of those that hold much (tcp_out_of_memory()). */
export const outOfMemory = (sk: Tcb): boolean => sk.sendMemory > MIN_SEND_BUFFER && sk.tcp.memory.allocated > sk.tcp.memory.limits[2];

/** How much of `bytes` may be put into the send queue: all, or what gets a socket with next to nothing going (tcp_wmem_schedule()). */
export function scheduleData(sk: Tcb, bytes: number): number {
  if (scheduleSend(sk, bytes)) return bytes;
  const left = sk.tcp.settings.wmem[0] - sk.sendMemory;
  if (left > 0) forceSchedule(sk, Math.min(left, bytes));
  return Math.min(bytes, sk.forwardAlloc);
}
