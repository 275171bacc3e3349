import { EADDRNOTAVAIL } from '../../base/errno.js';
import { ENDPOINT_TIME_WAIT } from './demux.js';
import { PortHold } from './port-hold.js';
import type { Tcb } from './tcb.js';
import type { Tcp } from './tcp.js';
import type { TimeWait } from './time-wait.js';
import { l3DomainOfIndex } from '../core/l3mdev.js';

/** A hold with what `sk` says of itself. */
function holdFor(sk: Tcb): PortHold {
  const hold = new PortHold();
  hold.local.family = sk.family;
  for (let i = 0; i < 4; i++) hold.local.words[i] = sk.local.words[i]!;
  hold.reuseAddress = sk.reuseAddress;
  hold.reusePort = sk.reusePort;
  hold.boundIfindex = sk.boundIfindex;
  hold.uid = sk.uid;
  hold.ipv6Only = sk.ipv6Only;
  hold.localPorts = sk.localPorts;
  return hold;
}

/** bind(): port 0 takes one of the local range. 0 or -EADDRINUSE. */
export function bindPort(sk: Tcb, port: number): number {
  const hold = holdFor(sk);
  hold.boundByUser = true;
  const error = sk.tcp.ports.bind(hold, port);
  if (error !== 0) return error;
  sk.hold = hold;
  sk.local.port = hold.local.port;
  return 0;
}

/** listen() after bind(): another may listen there by now. */
export function mayListen(sk: Tcb): boolean {
  const hold = sk.hold!;
  hold.reuseAddress = sk.reuseAddress;
  hold.reusePort = sk.reusePort;
  hold.listening = true;
  if (!sk.tcp.ports.conflicts(hold, sk.local.port, false)) return true;
  hold.listening = false;
  return false;
}

/** An accepted connection keeps its listener's port. */
export function shareHold(child: Tcb, listener: Tcb): void {
  child.hold = listener.hold;
  if (child.hold !== null) child.hold.references++;
}

export function releaseHold(tcp: Tcp, hold: PortHold | null): void {
  if (hold === null || --hold.references > 0) return;
  tcp.ports.remove(hold);
}

/**
 * connect() without bind(): a port of the local range with which no connection to that peer exists (RFC 6056); one in TIME_WAIT may be
 * taken over where timestamps keep the two apart (RFC 6191, tcp_tw_reuse). Puts `sk` into the endpoint table. 0 or a negative errno.
 */
export function connectPort(sk: Tcb): number {
  const tcp = sk.tcp;
  if (sk.hold !== null) return enterTable(sk) ? 0 : -EADDRNOTAVAIL;
  const hold = holdFor(sk);
  const port = tcp.ports.search(true, sk.localPorts, (candidate) => {
    if (heldByOthers(tcp, candidate)) return false;
    sk.local.port = candidate;
    return enterTable(sk);
  });
  if (port === 0) {
    sk.local.port = 0;
    return -EADDRNOTAVAIL;
  }
  tcp.ports.add(hold, port);
  sk.hold = hold;
  return 0;
}

/** A bound or listening socket on the port: connect() leaves it alone (Linux: fastreuse >= 0). Ports that only connections use may be shared. */
function heldByOthers(tcp: Tcp, port: number): boolean {
  for (let other = tcp.ports.first(port); other !== null; other = other.nextOnPort) {
    if (other.listening || !(other instanceof PortHold) || other.boundByUser) return true;
  }
  return false;
}

/** Puts `sk` under its addresses and ports; false: a connection with the same ones exists. */
function enterTable(sk: Tcb): boolean {
  const tcp = sk.tcp;
  const key = tcp.key.set(sk.local, sk.remote, l3DomainOfIndex(sk.namespace, sk.boundIfindex));
  const old = tcp.endpoints.find(key);
  if (old === null) return tcp.endpoints.add(key, sk);
  if (old.kind !== ENDPOINT_TIME_WAIT || !mayReuse(sk, old)) return false;
  sk.reusedTsRecent = old.tsRecent;
  sk.reusedTsRecentStamp = old.tsRecentStamp;
  sk.reusedSequence = (old.sndNxt + 65_535 + 2) | 0;
  old.end();
  return tcp.endpoints.add(key, sk);
}

/** Linux: tcp_twsk_unique(): only with timestamps, a second after the last one. */
function mayReuse(sk: Tcb, old: TimeWait): boolean {
  const mode = sk.tcp.settings.twReuse;
  if (mode === 0 || old.tsRecentStamp === 0) return false;
  if (mode === 2 && !isLoopback(sk.remote.words)) return false;
  return Math.floor(sk.tcp.stack.nowUs / 1_000_000) > old.tsRecentStamp;
}

/** 127.0.0.0/8 or ::1 */
function isLoopback(words: Uint32Array): boolean {
  if (words[0] !== 0 || words[1] !== 0) return false;
  return words[2] === 0xffff ? words[3]! >>> 24 === 127 : words[2] === 0 && words[3] === 1;
}
