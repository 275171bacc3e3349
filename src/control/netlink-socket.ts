/**
 * The stack's end of one netlink socket, whoever holds the other: a client of the bus, an in-process command, a captured
 * program. It is synchronous: send() handles a datagram to its end, and what it answers waits in the receive queue. A dump
 * is a generator that goes on only as the reader takes its datagrams (back-pressure).
 *
 * This file is the contract between the transports (bus, in-process, supervisor) and the families; `netlink-kernel.ts` makes them.
 */
export interface NetlinkSocket {
  readonly protocol: number;
  readonly portId: number;
  /** Handles the messages of one datagram. Never throws for what the sender wrote: it is answered by NLMSG_ERROR, as in Linux. */
  send(datagram: Uint8Array): void;
  /**
   * Takes the next datagram out of the receive queue; null when there is none. Throws NetError(ENOBUFS) once after messages
   * were lost because the reader was too slow. `capacity` is how much the reader takes at once (32 KiB unless told): dumps fill
   * their datagrams up to it. A reader goes on until null.
   */
  receive(capacity?: number): Uint8Array | null;
  /** Of the datagram that receive() gave last: the id of the namespace it is about, where that is another (NETLINK_LISTEN_ALL_NSID). */
  readonly receivedNsid: number | null;
  /** Called whenever receive() may have something where it had nothing. */
  onReadable: (() => void) | null;
  /** SOL_NETLINK. Throws NetError: ENOPROTOOPT, EINVAL, EPERM. */
  setOption(option: number, value: number): void;
  getOption(option: number): number;
  /** SO_RCVBUF in bytes, as Linux doubles and clamps it. */
  setReceiveBuffer(bytes: number, force: boolean): void;
  close(): void;
}

/** Who sends: what capabilities are judged by (DESIGN section 3, Rights). */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  /** Holds CAP_NET_ADMIN, CAP_NET_RAW and the rest of the network capabilities in this instance. */
  readonly netAdmin: boolean;
}

export interface SocketRequest {
  readonly protocol: number;
  /** A namespace by name, by id ("net:[4026531840]"'s number), or left out: the initial one. */
  readonly namespace?: string | number | undefined;
  readonly credentials: Credentials;
  /** Port id wished for; the kernel gives another when it is taken or left out. */
  readonly portId?: number | undefined;
}

/** Makes netlink sockets. Throws NetError: EPROTONOSUPPORT, ENOENT (no such namespace). */
export interface NetlinkKernel {
  open(request: SocketRequest): NetlinkSocket;
}
