import { ENDPOINT_REQUEST } from './demux.js';
import type { ListenQueue } from './listen-queue.js';
import { hashStep } from '../../base/hash.js';
import type { Tcb } from './tcb.js';

/**
 * What becomes of handshakes and connections that wait at a listener which closes: net.ipv4.tcp_migrate_req lets another of its
 * SO_REUSEPORT group have them. Linux: inet_csk_listen_stop(), reuseport_migrate_sock()
 */

/** The listener of the group of `listener` that has the connection to `remote` and `port` from now on; null: there is none, or it is not wanted. */
function heirOf(listener: Tcb, remote: Uint32Array, port: number): Tcb | null {
  if (!listener.reusePort) return null;
  const { tcp } = listener;
  const group = tcp.settings.migrateReq === 0 ? [] : tcp.listeners.groupOf(listener);
  if (group.length === 0) {
    tcp.stats.TCPMigrateReqFailure++;
    return null;
  }
  tcp.stats.TCPMigrateReqSuccess++;
  return group[(hashStep(hashStep(tcp.stack.hashSeed, remote[3]!), port) >>> 0) % group.length]!;
}

/** Hands a connection that nobody accepted over; false: it has to go. */
export function handOver(listener: Tcb, child: Tcb): boolean {
  const heir = heirOf(listener, child.remote.words, child.remote.port);
  if (heir === null) return false;
  const queue = heir.listenQueue!;
  if (child.fastOpenRequest !== null) {
    child.fastOpenRequest.listener = heir;
    queue.fastOpens++;
  }
  child.parent = heir;
  queue.push(child);
  heir.tcp.wake(heir);
  return true;
}

/** Hands the handshakes of a listener over, or forgets them. `queue`: what it had. */
export function leaveRequests(listener: Tcb, queue: ListenQueue): void {
  if (queue.requests === 0) return;
  const { tcp } = listener;
  for (const endpoint of tcp.endpoints.values()) {
    if (endpoint.kind !== ENDPOINT_REQUEST || endpoint.listener !== listener) continue;
    const key = tcp.endpoints.keyOf(endpoint, tcp.key);
    const heir = heirOf(listener, key.remote, key.remotePort);
    if (heir !== null) {
      endpoint.listener = heir;
      heir.listenQueue!.requests++;
      continue;
    }
    tcp.stack.timers.cancel(endpoint.timer);
    tcp.endpoints.remove(endpoint);
  }
  queue.requests = 0;
}
