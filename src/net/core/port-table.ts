import { EADDRINUSE } from '../../base/errno.js';
import { hashStep } from '../../base/hash.js';
import { randomBelow } from '../../base/random.js';
import type { SocketAddress } from './socket.js';
import type { Stack } from './stack.js';

/** What the port table must know of a socket that holds a port, or wants one. */
export interface PortUser {
  /** `local.port` is set by the table; `local.words` are the address it receives on, all zero (or ::ffff:0.0.0.0) for any. */
  readonly local: SocketAddress;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly boundIfindex: number;
  readonly uid: number;
  /** A TCP socket that listens: SO_REUSEADDR does not let others share its port. */
  readonly listening: boolean;
  /** A TCP connection in TIME_WAIT: counts as being of any user under SO_REUSEPORT. */
  readonly timeWait: boolean;
  /** IPV6_V6ONLY. */
  readonly ipv6Only: boolean;
  /** IP_LOCAL_PORT_RANGE: the lowest port that may be chosen, and in the upper half the highest; 0: as the namespace has it. */
  readonly localPorts: number;
  /** The table's own link. */
  nextOnPort: PortUser | null;
}

/** net.ipv4.ip_local_port_range and its like, of one namespace. */
export interface PortSettings {
  readonly localPortFirst: number;
  readonly localPortLast: number;
  /** net.ipv4.ip_local_reserved_ports: never chosen, but may be bound. */
  readonly reservedPorts: ReadonlySet<number>;
  /** net.ipv4.ip_autobind_reuse: once all are in use, a stream socket that is bound to none shares one by SO_REUSEADDR. */
  readonly autobindReuse: boolean;
}

/** Whether two local addresses can receive the same packet (Linux: inet_rcv_saddr_equal() with wildcards matching). */
export function addressesOverlap(a: PortUser, b: PortUser): boolean {
  const x = a.local.words;
  const y = b.local.words;
  const xMapped = isMapped(x);
  const yMapped = isMapped(y);
  const xAny = x[3] === 0 && (xMapped || isZero(x));
  const yAny = y[3] === 0 && (yMapped || isZero(y));
  if (xMapped && yMapped) return xAny || yAny || x[3] === y[3];
  if (xMapped || yMapped) {
    // An IPv4 address meets an IPv6 one only where that is :: and not for IPv6 alone.
    return xMapped ? yAny && !b.ipv6Only : xAny && !a.ipv6Only;
  }
  return xAny || yAny || (x[0] === y[0] && x[1] === y[1] && x[2] === y[2] && x[3] === y[3]);
}

const isMapped = (words: Uint32Array): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
const isZero = (words: Uint32Array): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0 && words[3] === 0;

/**
 * Who holds which port of one transport in one namespace: bind rules, choice of ephemeral ports, and the way from a port to its
 * sockets. Open-addressed and seeded; sockets on one port hang in a chain (`nextOnPort`), newest first as in Linux.
 */
export class PortTable {
  readonly #stack: Stack;
  readonly #settings: PortSettings;
  /** TCP's rules (a listener, TIME_WAIT) instead of UDP's. */
  readonly #streams: boolean;
  readonly #seed: number;
  #ports = new Int32Array(64).fill(-1);
  #heads: (PortUser | null)[] = new Array(64).fill(null);
  #used = 0;
  /** How many users hold a port. */
  size = 0;

  constructor(stack: Stack, settings: PortSettings, streams: boolean) {
    this.#stack = stack;
    this.#settings = settings;
    this.#streams = streams;
    this.#seed = stack.random.u32();
  }

  /** The first of the users of `port`; the others follow by `nextOnPort`. */
  first(port: number): PortUser | null {
    const slot = this.#find(port);
    return slot < 0 ? null : this.#heads[slot]!;
  }

  /**
   * Gives `user` the port (0: one of the local port range, chosen at random) on its `local.words`, and sets `local.port`.
   * 0, or -EADDRINUSE. A user that holds the port already is checked again (listen() after bind()).
   */
  bind(user: PortUser, port: number): number {
    if (port === 0) return this.#bindEphemeral(user);
    if (this.conflicts(user, port, false)) return -EADDRINUSE;
    if (user.local.port !== port) this.add(user, port);
    return 0;
  }

  /**
   * Whether `user` may not have `port`. `choosing`: the port was not asked for but is a candidate of the local range, for
   * which Linux is stricter.
   */
  conflicts(user: PortUser, port: number, choosing: boolean): boolean {
    for (let other = this.first(port); other !== null; other = other.nextOnPort) {
      if (other === user) continue;
      if (user.boundIfindex !== 0 && other.boundIfindex !== 0 && user.boundIfindex !== other.boundIfindex) continue;
      if (!addressesOverlap(user, other)) continue;
      const bothReuse = user.reuseAddress && other.reuseAddress;
      const samePortGroup = user.reusePort && other.reusePort && (other.timeWait || user.uid === other.uid);
      if (!this.#streams) {
        // Linux: udp_lib_lport_inuse()
        if (bothReuse || (samePortGroup && !choosing)) continue;
        return true;
      }
      // Linux: inet_bind_conflict(), `choosing` standing for !relax and !reuseport_ok
      if (bothReuse && !other.listening) {
        if (choosing) return true;
      } else if (choosing || !samePortGroup) return true;
    }
    return false;
  }

  /**
   * A port of the local range for which `isFree` holds, tried in an order nobody outside can foresee (RFC 6056): for
   * connect(), where a port may be shared by connections to different peers. `localPorts`: the socket's own bounds of the range,
   * where they lie in it (Linux: inet_sk_get_local_port_range()). 0: none is free.
   */
  search(even: boolean, localPorts: number, isFree: (port: number) => boolean): number {
    let low = this.#settings.localPortFirst;
    let high = this.#settings.localPortLast;
    if (localPorts !== 0) {
      const [own, last] = [localPorts & 0xffff, localPorts >>> 16];
      if (low <= own && own <= high) low = own;
      if (low <= last && last <= high) high = last;
    }
    const count = high - low + 1;
    if (count <= 0) return 0;
    // Linux: connect() begins with ports of the lower bound's parity and bind() with the others, so that they seldom meet.
    let offset = randomBelow(this.#stack.random, count) & ~1;
    if (!even && count > 1) offset |= 1;
    const half = count > 1 ? (count + 1) >>> 1 : 1;
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < half; i++) {
        const step = offset + 2 * i;
        const port = low + (step % (count + (count & 1)));
        if (port > high || this.#settings.reservedPorts.has(port)) continue;
        if (isFree(port)) return port;
      }
      offset ^= 1;
    }
    return 0;
  }

  /** Hangs `user` on `port` without a check (an accepted connection shares its listener's port). */
  add(user: PortUser, port: number): void {
    if ((this.#used + 1) * 2 > this.#ports.length) this.#rehash();
    const mask = this.#ports.length - 1;
    let slot = hashStep(this.#seed, port) & mask;
    while (this.#ports[slot] !== -1 && this.#ports[slot] !== port) slot = (slot + 1) & mask;
    if (this.#ports[slot] === -1) {
      this.#ports[slot] = port;
      this.#used++;
    }
    user.local.port = port;
    user.nextOnPort = this.#heads[slot]!;
    this.#heads[slot] = user;
    this.size++;
  }

  /** Takes `user` off its port; its `local.port` stays as it is. One that holds none is ignored. */
  remove(user: PortUser): void {
    const slot = this.#find(user.local.port);
    if (slot < 0) return;
    let previous: PortUser | null = null;
    for (let other = this.#heads[slot]!; other !== null; previous = other, other = other.nextOnPort!) {
      if (other !== user) continue;
      if (previous === null) this.#heads[slot] = user.nextOnPort;
      else previous.nextOnPort = user.nextOnPort;
      user.nextOnPort = null;
      this.size--;
      return;
    }
  }

  /** Calls `visit` for every user, for dumps. */
  forEach(visit: (user: PortUser) => void): void {
    for (const head of this.#heads) for (let user: PortUser | null = head; user !== null; user = user.nextOnPort) visit(user);
  }

  #bindEphemeral(user: PortUser): number {
    let port = this.search(false, user.localPorts, (candidate) => !this.conflicts(user, candidate, true));
    // Linux: inet_csk_find_open_port(), relaxed. SO_REUSEPORT is no help here.
    if (port === 0 && this.#streams && this.#settings.autobindReuse && user.reuseAddress)
      port = this.search(
        false,
        user.localPorts,
        (candidate) => !this.#unshareable(user, candidate) && !this.conflicts(user, candidate, false),
      );
    if (port === 0) return -EADDRINUSE;
    this.add(user, port);
    return 0;
  }

  /** Somebody holds the port who does not share by SO_REUSEADDR, or is of the user's group by SO_REUSEPORT. */
  #unshareable(user: PortUser, port: number): boolean {
    for (let other = this.first(port); other !== null; other = other.nextOnPort) {
      const group = user.reusePort && other.reusePort && (other.timeWait || user.uid === other.uid);
      if ((group || !other.reuseAddress || other.listening) && addressesOverlap(user, other)) return true;
    }
    return false;
  }

  #find(port: number): number {
    const mask = this.#ports.length - 1;
    let slot = hashStep(this.#seed, port) & mask;
    while (this.#ports[slot] !== port) {
      if (this.#ports[slot] === -1) return -1;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Doubles where ports in use need it; ports whose last user left are forgotten. */
  #rehash(): void {
    const ports = this.#ports;
    const heads = this.#heads;
    let live = 0;
    for (const head of heads) if (head !== null) live++;
    const length = live * 4 > ports.length ? ports.length * 2 : ports.length;
    this.#ports = new Int32Array(length).fill(-1);
    this.#heads = new Array(length).fill(null);
    this.#used = live;
    for (let i = 0; i < ports.length; i++) {
      if (heads[i] === null) continue;
      let slot = hashStep(this.#seed, ports[i]!) & (length - 1);
      while (this.#ports[slot] !== -1) slot = (slot + 1) & (length - 1);
      this.#ports[slot] = ports[i]!;
      this.#heads[slot] = heads[i]!;
    }
  }
}
