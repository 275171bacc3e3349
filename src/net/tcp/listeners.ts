import { hashStep } from '../../base/hash.js';
import { AF_INET6 } from '../../netlink/constants.js';
import type { ConnectionKey } from './demux.js';
import type { Tcb } from './tcb.js';
import { boundDeviceFits } from '../core/l3mdev.js';
import { joinGroup, leaveGroup, sameGroup } from '../core/reuseport-group.js';

/** The listening sockets of a namespace by port (Linux: lhash2 and compute_score()). */
export class ListenerTable {
  readonly #seed: number;
  readonly #byPort = new Map<number, Tcb[]>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(sk: Tcb): void {
    const list = this.#byPort.get(sk.local.port);
    joinGroup(sk, list?.find((other) => sameGroup(sk, other)) ?? null);
    if (list === undefined) this.#byPort.set(sk.local.port, [sk]);
    else list.push(sk);
  }

  remove(sk: Tcb): void {
    leaveGroup(sk);
    const list = this.#byPort.get(sk.local.port);
    if (list === undefined) return;
    const at = list.indexOf(sk);
    if (at < 0) return;
    list.splice(at, 1);
    if (list.length === 0) this.#byPort.delete(sk.local.port);
  }

  /** The listener for a segment to `key.local`, the most closely bound one; of a SO_REUSEPORT group one by hash. */
  find(key: ConnectionKey, ifindex: number, sdif: number, acceptsAny: boolean): Tcb | null {
    const list = this.#byPort.get(key.localPort);
    if (list === undefined) return null;
    let best: Tcb | null = null;
    let bestScore = 0;
    let equals = 0;
    for (let i = 0; i < list.length; i++) {
      const sk = list[i]!;
      const score = scoreOf(sk, key, ifindex, sdif, acceptsAny);
      if (score < bestScore || score === 0) continue;
      if (score > bestScore) {
        best = sk;
        bestScore = score;
        equals = 1;
      } else if (sk.reusePort) {
        // Each of n members is left standing with probability 1/n, always the same one for the same connection.
        equals++;
        const hash = hashStep(hashStep(hashStep(this.#seed, key.remote[3]!), key.remotePort), equals) >>> 0;
        if (hash % equals === 0) best = sk;
      }
    }
    return best;
  }

  /** The others of the SO_REUSEPORT group of `sk`. Linux: inet_reuseport_add_sock() */
  groupOf(sk: Tcb): Tcb[] {
    const list = this.#byPort.get(sk.local.port) ?? [];
    return list.filter((other) => other !== sk && sameGroup(sk, other));
  }

  *values(): IterableIterator<Tcb> {
    for (const list of this.#byPort.values()) yield* list;
  }
}

/** 0: not for this socket; else higher for the closer match. */
function scoreOf(sk: Tcb, key: ConnectionKey, ifindex: number, sdif: number, acceptsAny: boolean): number {
  const local = sk.local.words;
  const mappedKey = key.local[0] === 0 && key.local[1] === 0 && key.local[2] === 0xffff;
  let score = 1;
  if (local[3] === 0 && local[0] === 0 && local[1] === 0 && (local[2] === 0 || local[2] === 0xffff)) {
    // Any address: 0.0.0.0 for IPv4 alone, :: for both unless IPV6_V6ONLY.
    if (local[2] === 0xffff && !mappedKey) return 0;
    if (local[2] === 0 && mappedKey && sk.family === AF_INET6 && sk.ipv6Only) return 0;
  } else {
    if (local[3] !== key.local[3] || local[2] !== key.local[2] || local[1] !== key.local[1] || local[0] !== key.local[0]) return 0;
    score += 4;
  }
  if (!boundDeviceFits(sk.boundIfindex, ifindex, sdif, acceptsAny)) return 0;
  if (sk.boundIfindex !== 0) score += 2;
  if (sk.incomingCpu === 0) score += 1;
  // A socket of the packet's own family is preferred.
  if (mappedKey === (sk.family !== AF_INET6)) score += 1;
  return score;
}
