import type { Tcb } from './tcb.js';

// Without SACK, duplicate ACKs are counted in its place (RFC 5681 3.2): each says that one more packet arrived beyond the hole.

/** Not more duplicate ACKs are believed than packets can be beyond the hole; else the network reorders. */
function checkReordering(sk: Tcb, addend: number): void {
  const holes = Math.min(Math.max(sk.lostOut, 1), sk.packetsOut);
  if (sk.sackedOut + holes <= sk.packetsOut) return;
  sk.sackedOut = sk.packetsOut - holes;
  sk.reordering = Math.min(sk.packetsOut + addend, sk.tcp.settings.maxReordering);
  sk.reordSeen++;
  sk.tcp.stats.TCPRenoReorder++;
}

export function addDuplicates(sk: Tcb, count: number): void {
  if (count === 0) return;
  const before = sk.sackedOut;
  sk.sackedOut += count;
  checkReordering(sk, 0);
  if (sk.sackedOut > before) sk.delivered += sk.sackedOut - before;
}

/** `acked` packets were acknowledged: one filled the hole, the others had been counted by duplicate ACKs. */
export function removeDuplicates(sk: Tcb, acked: number): void {
  if (acked > 0) {
    sk.delivered += Math.max(acked - sk.sackedOut, 1);
    sk.sackedOut = Math.max(0, sk.sackedOut - (acked - 1));
  }
  checkReordering(sk, acked);
}
