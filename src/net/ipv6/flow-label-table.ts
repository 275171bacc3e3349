import { EEXIST, EINVAL, ENOBUFS, ENOENT, ENOPROTOOPT, EPERM, ERANGE, ESRCH } from '../../base/errno.js';
import { PROTOCOL as TCP } from '../../wire/tcp.js';
import { type In6, isAny, isMapped } from '../../wire/ipv6.js';
import type { InetSocket } from '../core/inet-socket.js';
import { FLOWLABEL_MASK, FLOWLABEL_STATELESS } from './flow-label.js';
import type { Ipv6 } from './ipv6.js';

// linux/in6.h
const FLAG_CREATE = 1;
const FLAG_EXCL = 2;
const FLAG_REFLECT = 4;
const FLAG_REMOTE = 8;
const SHARE_EXCL = 1;
const SHARE_PROCESS = 2;
const SHARE_USER = 3;
const SHARE_ANY = 255;

/** Seconds that a label stays after its last use, at least; and at most where no CAP_NET_ADMIN is (FL_MIN_LINGER, FL_MAX_LINGER). */
const LEAST_SECONDS = 6;
const MOST_SECONDS = 150;
/** Labels that there are at most, and those of one socket without CAP_NET_ADMIN (FL_MAX_SIZE, FL_MAX_PER_SOCK). */
const MOST_LABELS = 4096;
const MOST_OF_SOCKET = 32;

/** struct in6_flowlabel_req, but for its action; label in host order, times in seconds. */
export interface FlowLabelRequest {
  readonly destination: In6;
  label: number;
  readonly share: number;
  readonly flags: number;
  readonly expires: number;
  readonly linger: number;
}

/** A label that somebody holds, or held a while ago (struct ip6_flowlabel). Times in seconds of the stack's clock. */
export interface FlowLabel {
  readonly label: number;
  readonly share: number;
  /** A process or a uid, as `share` says. */
  readonly owner: number;
  readonly destination: In6;
  users: number;
  linger: number;
  lastUse: number;
  expires: number;
}

/** What a socket has to do with labels (of struct ipv6_pinfo). */
export class SocketFlowLabels {
  readonly held: FlowLabel[] = [];
  /** IPV6_FLOWINFO_SEND: the label of an address counts. */
  sends = false;
  /** What the peer sends as label is sent back. */
  reflects = false;
  /** Traffic class and label of the connection. */
  label = 0;
  /** What a control message says of the datagram in hand; -1: none does. */
  ofMessage = -1;
  /** The label that the peer sent last. */
  received = 0;
  /** Process that asks, and its user; -1: that of the socket. */
  pid = 0;
  uid = -1;
}

/** The flow labels that are held in one namespace (IPV6_FLOWLABEL_MGR, RFC 3542's predecessors). Linux: net/ipv6/ip6_flowlabel.c */
export class FlowLabelTable {
  readonly #ipv6: Ipv6;
  readonly #labels = new Map<number, FlowLabel>();

  constructor(ipv6: Ipv6) {
    this.#ipv6 = ipv6;
  }

  get #now(): number {
    return this.#ipv6.namespace.stack.nowUs / 1_000_000;
  }

  /** Those that there are, in the order of /proc/net/ip6_flowlabel, each with the seconds that are left of it. */
  list(): readonly { readonly label: FlowLabel; readonly left: number }[] {
    this.#collect();
    const now = this.#now;
    return [...this.#labels.values()]
      .reverse()
      .sort((a, b) => (a.label & 255) - (b.label & 255))
      .map((label) => ({ label, left: Math.trunc(label.expires - now) }));
  }

  /** Whether the socket may send with `label`: where labels are held for somebody alone, it must hold it. Linux: fl6_sock_lookup() */
  allows(socket: InetSocket, label: number): boolean {
    if (label === 0 || socket.flowLabels?.held.some((held) => held.label === label)) return true;
    if (this.#labels.size === 0) return true;
    this.#collect();
    for (const { share } of this.#labels.values()) if (share !== SHARE_ANY) return false;
    return true;
  }

  /** IPV6_FL_A_GET; a label of 0 becomes one that is free. 0 or a negative errno. */
  get(socket: InetSocket, request: FlowLabelRequest): number {
    const { settings } = this.#ipv6;
    const state = stateOf(socket);
    if ((request.flags & FLAG_REFLECT) !== 0) {
      if (settings.flowlabelConsistency !== 0) return -EPERM;
      if (socket.protocol !== TCP) return -ENOPROTOOPT;
      state.reflects = true;
      return 0;
    }
    if (request.label > FLOWLABEL_MASK) return -EINVAL;
    if (settings.flowlabelStateRanges !== 0 && (request.label & FLOWLABEL_STATELESS) !== 0) return -ERANGE;
    const made = this.#make(socket, request);
    if (typeof made === 'number') return made;
    this.#collect();
    const there = request.label === 0 ? undefined : this.#labels.get(request.label);
    if (there !== undefined) {
      if ((request.flags & FLAG_EXCL) !== 0) return -EEXIST;
      if (there.share === SHARE_EXCL || there.share !== made.share || there.owner !== made.owner) return -EPERM;
      there.linger = Math.max(there.linger, made.linger);
      there.expires = Math.max(there.expires, made.expires);
      there.users++;
      state.held.push(there);
      return 0;
    }
    if ((request.flags & FLAG_CREATE) === 0) return -ENOENT;
    if (this.#isFull(socket, state)) return -ENOBUFS;
    this.#labels.set(made.label, made);
    made.users = 1;
    state.held.push(made);
    request.label = made.label;
    return 0;
  }

  /** IPV6_FL_A_PUT */
  put(socket: InetSocket, request: FlowLabelRequest): number {
    const state = stateOf(socket);
    if ((request.flags & FLAG_REFLECT) !== 0) {
      if (socket.protocol !== TCP) return -ENOPROTOOPT;
      if (!state.reflects) return -ESRCH;
      state.label = 0;
      state.reflects = false;
      return 0;
    }
    const at = state.held.findIndex(({ label }) => label === request.label);
    if (at < 0) return -ESRCH;
    this.#release(state.held[at]!);
    state.held.splice(at, 1);
    return 0;
  }

  /** IPV6_FL_A_RENEW */
  renew(socket: InetSocket, request: FlowLabelRequest): number {
    this.#collect();
    const own = socket.flowLabels?.held.find(({ label }) => label === request.label);
    const label = own ?? (request.share === 0 && socket.privileged ? this.#labels.get(request.label) : undefined);
    return label === undefined ? -ESRCH : this.#renew(label, socket, request);
  }

  /** What getsockopt() tells: of the peer, of a connection that reflects, else of the label that the connection sends. */
  about(socket: InetSocket, flags: number): FlowLabelRequest | number {
    const state = stateOf(socket);
    const plain = { destination: new Uint32Array(4), share: 0, flags: 0, expires: 0, linger: 0 };
    if ((flags & FLAG_REMOTE) !== 0) return { ...plain, label: state.received & FLOWLABEL_MASK };
    if (state.reflects) return { ...plain, label: state.label & FLOWLABEL_MASK };
    const held = state.held.find(({ label }) => label === (state.label & FLOWLABEL_MASK));
    if (held === undefined) return -ENOENT;
    const { destination, label, share, linger } = held;
    return { destination, label, share, flags: 0, linger, expires: Math.max(0, Math.trunc(held.expires - this.#now)) };
  }

  /** The socket closes: its labels linger. */
  leave(socket: InetSocket): void {
    const state = socket.flowLabels;
    if (state === null) return;
    for (const label of state.held) this.#release(label);
    state.held.length = 0;
  }

  /** Linux: fl_create() */
  #make(socket: InetSocket, request: FlowLabelRequest): FlowLabel | number {
    const { share, destination } = request;
    const { pid, uid } = stateOf(socket);
    const owner = share === SHARE_PROCESS ? pid : share === SHARE_USER ? (uid < 0 ? socket.uid : uid) : 0;
    const now = this.#now;
    const label = request.label === 0 ? this.#free() : request.label;
    const made = { label, share, owner, destination: destination.slice(), users: 0, linger: 0, lastUse: now, expires: now };
    const refused = this.#renew(made, socket, request);
    if (refused !== 0) return refused;
    if (isMapped(destination) || isAny(destination)) return -EINVAL;
    return share === SHARE_ANY || (share >= SHARE_EXCL && share <= SHARE_USER) ? made : -EINVAL;
  }

  #free(): number {
    const { random } = this.#ipv6.namespace.stack;
    for (;;) {
      const label = random.u32() & FLOWLABEL_MASK;
      if (label !== 0 && !this.#labels.has(label)) return label;
    }
  }

  /** Linux: fl6_renew() */
  #renew(label: FlowLabel, socket: InetSocket, request: FlowLabelRequest): number {
    const linger = Math.max(request.linger, LEAST_SECONDS);
    const expires = Math.max(request.expires, LEAST_SECONDS);
    if (Math.max(linger, expires) > MOST_SECONDS && !socket.privileged) return -EPERM;
    const now = this.#now;
    label.lastUse = now;
    label.linger = Math.max(label.linger, linger);
    label.expires = Math.max(label.expires, now + Math.max(expires, label.linger));
    return 0;
  }

  /** Linux: fl_release() */
  #release(label: FlowLabel): void {
    label.users--;
    if (label.users > 0) return;
    label.lastUse = this.#now;
    label.expires = Math.max(label.expires, label.lastUse + label.linger);
  }

  /** Those that nobody holds and whose time is over go. Linux: ip6_fl_gc() */
  #collect(): void {
    const now = this.#now;
    for (const [key, label] of this.#labels) if (label.users === 0 && now >= label.expires) this.#labels.delete(key);
  }

  /** Linux: mem_check() */
  #isFull(socket: InetSocket, { held }: SocketFlowLabels): boolean {
    const room = MOST_LABELS - this.#labels.size;
    if (room > MOST_LABELS - MOST_OF_SOCKET) return false;
    if (room <= 0) return true;
    const much = held.length >= MOST_OF_SOCKET || (held.length > 0 && room < MOST_LABELS / 2) || room < MOST_LABELS / 4;
    return much && !socket.privileged;
  }
}

/** The state of a socket, made when it is first needed. */
export function stateOf(socket: InetSocket): SocketFlowLabels {
  socket.flowLabels ??= new SocketFlowLabels();
  return socket.flowLabels;
}
