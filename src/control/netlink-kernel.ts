import { ENOENT, EPROTONOSUPPORT } from '../base/errno.js';
import { loadModule } from '../base/kernel-modules.js';
import { NetError } from '../base/net-error.js';
import { NLM_F_ECHO } from '../netlink/constants.js';
import type { Namespace } from '../net/core/namespace.js';
import type { Stack } from '../net/core/stack.js';
import { MessageWriter } from '../netlink/writer.js';
import type { NamespaceNames } from './namespace-names.js';
import { NetlinkEndpoint } from './netlink-endpoint.js';
import type { NetlinkProtocol } from './netlink-protocol.js';
import type { NetlinkRequest } from './netlink-request.js';
import type { NetlinkKernel, NetlinkSocket, SocketRequest } from './netlink-socket.js';

/** What a notification is sent with: multicast group, and about which namespace. */
export interface Notification {
  readonly protocol: number;
  readonly namespace: Namespace;
  readonly group: number;
  /**
   * True where Linux names the request in it: the sender's sequence and port are written, and NLM_F_ECHO sends it to the
   * sender, group member or not (nlmsg_notify).
   */
  readonly answersRequest?: boolean;
}

// What else a kernel has an end of, and nobody here speaks: some of the first namespace alone.
const NETLINK_SELINUX = 7;
const NETLINK_FIB_LOOKUP = 10;
const NETLINK_CONNECTOR = 11;
const NETLINK_KOBJECT_UEVENT = 15;

const servers = new WeakMap<Stack, NetlinkServer>();

/** The netlink side of `stack`; undefined: it has none. */
export const netlinkOf = (stack: Stack): NetlinkServer | undefined => servers.get(stack);

/** The netlink side of a stack: its sockets by namespace, protocol and port; multicast. */
export class NetlinkServer implements NetlinkKernel {
  readonly stack: Stack;
  readonly names: NamespaceNames;
  readonly #protocols = new Map<number, NetlinkProtocol>();
  readonly #sockets = new Set<NetlinkEndpoint>();
  readonly #writer = new MessageWriter();
  #request: NetlinkRequest | null = null;

  constructor(stack: Stack, names: NamespaceNames) {
    this.stack = stack;
    this.names = names;
    servers.set(stack, this);
  }

  register(protocol: NetlinkProtocol): void {
    this.#protocols.set(protocol.protocol, protocol);
  }

  /** Protocols that the kernel has an end of in `namespace`, ascending: those of modules once they are loaded. */
  kernelEnds(namespace: Namespace): number[] {
    const spoken = [...this.#protocols.values()].filter(({ module }) => module === undefined || this.stack.modules.has(module));
    const others = namespace === this.stack.initial ? [NETLINK_SELINUX, NETLINK_CONNECTOR] : [];
    return [...spoken.map(({ protocol }) => protocol), ...others, NETLINK_FIB_LOOKUP, NETLINK_KOBJECT_UEVENT].sort((a, b) => a - b);
  }

  /** The sockets of `protocol` in `namespace`. */
  *socketsOf(namespace: Namespace, protocol: number): IterableIterator<NetlinkEndpoint> {
    for (const socket of [...this.#sockets])
      if (!socket.closed && socket.protocol === protocol && socket.namespace === namespace) yield socket;
  }

  get sockets(): ReadonlySet<NetlinkEndpoint> {
    return this.#sockets;
  }

  open(request: SocketRequest): NetlinkSocket {
    const protocol = this.#protocols.get(request.protocol);
    if (protocol === undefined) throw new NetError(EPROTONOSUPPORT);
    if (protocol.module !== undefined) loadModule(protocol.module, this.stack.modules);
    const namespace = this.names.resolve(request.namespace);
    if (namespace === undefined) throw new NetError(ENOENT);
    const portId = this.#choosePort(request, namespace);
    const socket = new NetlinkEndpoint(this, protocol, namespace, request.credentials, portId);
    this.#sockets.add(socket);
    this.names.hold(namespace);
    return socket;
  }

  /** For an endpoint that closes. */
  forget(socket: NetlinkEndpoint): void {
    if (this.#sockets.delete(socket)) this.names.release(socket.namespace);
  }

  /** Runs `work` with `request` as the one that notifications answer. */
  during<T>(request: NetlinkRequest, work: () => T): T {
    const outer = this.#request;
    this.#request = request;
    try {
      return work();
    } finally {
      this.#request = outer;
    }
  }

  /** Whether anybody would get a notification: what costs work to describe is described only then. */
  hasListeners(protocol: number, namespace: Namespace, group: number): boolean {
    for (const socket of this.#sockets) if (this.#listens(socket, protocol, namespace, group)) return true;
    const request = this.#request;
    return request !== null && request.socket.protocol === protocol && (request.flags & NLM_F_ECHO) !== 0;
  }

  /** Tells the members of a group; `build` writes the message with the sequence and port given. Linux: nlmsg_notify() */
  notify(notification: Notification, build: (writer: MessageWriter, sequence: number, portId: number) => void): void {
    const { protocol, namespace, group, answersRequest = false } = notification;
    if (!this.hasListeners(protocol, namespace, group)) return;
    const request = answersRequest && this.#request?.socket.protocol === protocol ? this.#request : null;
    this.#writer.reset();
    build(this.#writer, request === null ? 0 : request.message.sequence, request === null ? 0 : request.socket.portId);
    const bytes = this.#writer.take();
    const echo = request !== null && (request.flags & NLM_F_ECHO) !== 0 ? request.socket : null;
    for (const socket of [...this.#sockets])
      if (socket !== echo && this.#listens(socket, protocol, namespace, group))
        socket.deliver(bytes, socket.namespace === namespace ? null : (socket.namespace.nsids.get(namespace) ?? null));
    echo?.deliver(bytes, null);
  }

  // Linux: do_one_broadcast()
  #listens(socket: NetlinkEndpoint, protocol: number, namespace: Namespace, group: number): boolean {
    if (socket.protocol !== protocol || !socket.groups.has(group)) return false;
    return socket.namespace === namespace || (socket.listensToAllNamespaces && socket.namespace.nsids.has(namespace));
  }

  /** The port wished for, else the sender's pid, else a negative one. Linux: netlink_autobind() */
  #choosePort(request: SocketRequest, namespace: Namespace): number {
    const taken = new Set<number>([0]);
    for (const socket of this.#sockets)
      if (socket.protocol === request.protocol && socket.namespace === namespace) taken.add(socket.portId);
    const wished = (request.portId ?? request.credentials.pid) >>> 0;
    if (!taken.has(wished)) return wished;
    let port = -4097 - (this.stack.random.u32() & 0x3fff_ffff);
    while (taken.has(port >>> 0)) port--;
    return port >>> 0;
  }
}
