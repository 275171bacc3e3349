import type { CaptureMaker } from './capture-port.js';
import type { EthtoolPort } from './ethtool-port.js';
import type { TunnelPort } from './tunnel-port.js';
import type { SocketMaker } from './sockets.js';

/**
 * How a command reaches a stack (or, with TAPSTACK_TARGET=kernel, the host's kernel): a small port with several makers.
 * `bus` speaks to a daemon, `kernel` to AF_NETLINK, and an in-process instance brings its own.
 */
export interface Transport {
  /** 'stack': tapstack's own families (namespaces by name, sysctl, sockets) are there; 'kernel': they are not. */
  readonly target: 'stack' | 'kernel';
  /** Opens a netlink socket of `protocol` (NETLINK_ROUTE, ...). Throws NetError; ENOENT for an unknown namespace. */
  open(protocol: number, options?: OpenOptions): Promise<NetlinkConnection>;
  /**
   * On target 'kernel': an open file of the named namespace, for IFLA_NET_NS_FD and NETNSA_FD; it stays open as long as the
   * transport. Throws NetError ENOENT. (On target 'stack' these attributes take the namespace's id, see NETNS_GET.)
   */
  namespaceReference?(name: string): Promise<number>;
  /** On target 'kernel', where system calls can be made: sockets of the kernel, in the caller's namespace. */
  sockets?(): Promise<SocketMaker>;
  /** So for what ethtool does by ioctl; the struct is overwritten by the kernel's answer. */
  ethtool?(): Promise<EthtoolPort>;
  /** So for what `ip tunnel` does by ioctl, in a namespace by its name. */
  tunnels?(namespace: string | undefined): Promise<TunnelPort>;
  /** So for packets of devices. */
  captures?(): Promise<CaptureMaker>;
}

export interface OpenOptions {
  /** Name of a namespace, as in `ip -n NAME`; left out: the caller's own. */
  readonly namespace?: string | undefined;
}

/** One netlink socket. Datagrams keep their boundaries. */
export interface NetlinkConnection {
  /** The port id that the kernel gave this socket; replies carry it. */
  readonly portId: number;
  send(datagram: Uint8Array): Promise<void>;
  /**
   * The next datagram. Throws NetError: ENOBUFS once after messages were lost, ECONNRESET when the other side is gone,
   * EINTR when `signal` aborts the wait.
   */
  receive(signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Of the datagram that receive() gave last: the id of the namespace it is about, where that is another than the socket's
   * (NETLINK_LISTEN_ALL_NSID). Null or left out: the socket's own.
   */
  readonly receivedNsid?: number | null;
  /** SOL_NETLINK options: NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK, NETLINK_LISTEN_ALL_NSID, ... */
  setOption(option: number, value: number): Promise<void>;
  /** SO_RCVBUF(FORCE) in bytes. */
  setReceiveBuffer(bytes: number): Promise<void>;
  close(): void;
}
