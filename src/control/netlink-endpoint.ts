import { EBUSY, EINVAL, ENOBUFS, ENOPROTOOPT, EPERM } from '../base/errno.js';
import { fail, NetError } from '../base/net-error.js';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_BROADCAST_ERROR,
  NETLINK_CAP_ACK,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LIST_MEMBERSHIPS,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_PKTINFO,
  NLM_F_ACK,
  NLM_F_DUMP_INTR,
  NLM_F_ACK_TLVS,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_HDRLEN,
  NLMSG_MIN_TYPE,
  TAPSTACK_STOP_AT_ERROR,
} from '../netlink/constants.js';
import { type NetlinkMessage, parseMessages } from '../netlink/message.js';
import { MessageWriter } from '../netlink/writer.js';
import type { Namespace } from '../net/core/namespace.js';
import { writeAnswer, writeExtendedAck } from './netlink-answer.js';
import type { NetlinkServer } from './netlink-kernel.js';
import type { Dump, NetlinkProtocol } from './netlink-protocol.js';
import { NetlinkRequest } from './netlink-request.js';
import type { Credentials, NetlinkSocket } from './netlink-socket.js';

/** Linux: NLMSG_GOODSIZE, what a dump fills before it knows how much the reader takes. */
export const FIRST_DUMP_BYTES = 3776;
/** Linux: SKB_WITH_OVERHEAD(32768), what a dump fills at most. */
const MOST_DUMP_BYTES = 32_448;
/** Linux: net.core.rmem_default and rmem_max, SOCK_MIN_RCVBUF. */
const DEFAULT_RECEIVE_BUFFER = 212_992;
const MAX_RECEIVE_BUFFER = 212_992;
const MIN_RECEIVE_BUFFER = 2304;

const booleanOptions: ReadonlySet<number> = new Set([
  NETLINK_PKTINFO,
  NETLINK_BROADCAST_ERROR,
  NETLINK_NO_ENOBUFS,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
]);

interface QueuedDatagram {
  readonly bytes: Uint8Array;
  readonly truesize: number;
  readonly nsid: number | null;
}

interface RunningDump {
  readonly request: NetlinkMessage;
  readonly dump: Dump;
  readonly messages: Iterator<void>;
  generation: number | undefined;
  /** A message that did not fit into the last datagram. */
  carried: Uint8Array | null;
}

/**
 * Only asks (RTM_GET...; the low two bits of a type say what it does): it changes nothing, and whoever sent it waits for the answer,
 * so nothing behind it stands on its success.
 */
const asks = (message: NetlinkMessage): boolean => (message.type & 3) === 2;

/** What the kernel charges a receive buffer for a datagram: its kmalloc bucket, skb_shared_info included, and the sk_buff. */
export const truesizeOf = (bytes: number) => Math.max(512, 2 ** Math.ceil(Math.log2(bytes + 320))) + 256;

/** A netlink socket's kernel side: options, groups, receive queue, the dump that runs. */
export class NetlinkEndpoint implements NetlinkSocket {
  readonly portId: number;
  readonly namespace: Namespace;
  readonly credentials: Credentials;
  readonly groups = new Set<number>();
  onReadable: (() => void) | null = null;
  /** Of the datagram that receive() gave last: id of the namespace it is about, where that is another (NETLINK_LISTEN_ALL_NSID). */
  receivedNsid: number | null = null;
  closed = false;

  readonly #server: NetlinkServer;
  readonly #protocol: NetlinkProtocol;
  readonly #writer = new MessageWriter();
  readonly #options = new Set<number>();
  readonly #closeListeners = new Set<() => void>();
  readonly #queue: QueuedDatagram[] = [];
  #queueHead = 0;
  #memory = 0;
  #receiveBuffer = DEFAULT_RECEIVE_BUFFER;
  #congested = false;
  #overrun = false;
  #reading = false;
  #dump: RunningDump | null = null;
  #largestRead = 0;
  #stopsAtError = false;
  #stopped = false;

  constructor(server: NetlinkServer, protocol: NetlinkProtocol, namespace: Namespace, credentials: Credentials, portId: number) {
    this.#server = server;
    this.#protocol = protocol;
    this.namespace = namespace;
    this.credentials = credentials;
    this.portId = portId;
  }

  get protocol(): number {
    return this.#protocol.protocol;
  }

  /** Bytes of memory that what waits to be read takes, and how many it may. */
  get receiveMemory(): number {
    return this.#memory;
  }

  get receiveBuffer(): number {
    return this.#receiveBuffer;
  }

  get dumping(): boolean {
    return this.#dump !== null;
  }

  get strictCheck(): boolean {
    return this.#options.has(NETLINK_GET_STRICT_CHK);
  }

  get listensToAllNamespaces(): boolean {
    return this.#options.has(NETLINK_LISTEN_ALL_NSID);
  }

  // Linux: netlink_rcv_skb()
  send(datagram: Uint8Array): void {
    if (this.closed) return;
    this.namespace.stack.refreshClock();
    if (this.namespace.netlinkTaps.length > 0) this.#tap(datagram, true);
    const messages = parseMessages(datagram);
    if (this.#protocol.receiveBatch?.(this, messages) === true) return;
    for (const message of messages) {
      if (this.closed || this.#stopped) return;
      if ((message.flags & NLM_F_REQUEST) === 0 || message.type < NLMSG_MIN_TYPE) {
        if ((message.flags & NLM_F_ACK) !== 0) this.acknowledge(message, null);
      } else this.#handle(message);
    }
  }

  #handle(message: NetlinkMessage): void {
    const request = new NetlinkRequest(this.#server, this, message);
    try {
      const dump = this.#server.during(request, () => this.#protocol.receive(request));
      if (dump !== undefined) this.#startDump(message, dump);
      else if ((message.flags & NLM_F_ACK) !== 0 && !request.answeredLater) this.acknowledge(message, null, request.warning);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#stopped = this.#stopsAtError && !asks(message);
      this.acknowledge(message, error);
    }
  }

  /** NLMSG_ERROR: an error, or the acknowledgement. */
  acknowledge(message: NetlinkMessage, error: NetError | null, warning?: string): void {
    const options = { extendedAck: this.#options.has(NETLINK_EXT_ACK), cappedAck: this.#options.has(NETLINK_CAP_ACK) };
    this.deliverBuilt((writer) => writeAnswer(writer, message, this.portId, error, options, warning));
  }

  /** Queues what `build` writes, as one datagram. */
  deliverBuilt(build: (writer: MessageWriter) => void): void {
    if (this.closed) return;
    this.#writer.reset();
    build(this.#writer);
    this.deliver(this.#writer.take(), null);
  }

  /** Queues a datagram, or loses it if the reader is behind. Linux: netlink_attachskb(), netlink_broadcast_deliver() */
  deliver(bytes: Uint8Array, nsid: number | null): void {
    if (this.closed) return;
    if (this.#congested || this.#memory > this.#receiveBuffer) {
      if (!this.#options.has(NETLINK_NO_ENOBUFS) && !this.#congested) {
        this.#congested = true;
        this.#overrun = true;
        this.onReadable?.();
      }
      return;
    }
    if (this.namespace.netlinkTaps.length > 0) this.#tap(bytes, false);
    const truesize = truesizeOf(bytes.length);
    this.#memory += truesize;
    this.#queue.push({ bytes, truesize, nsid });
    if (!this.#reading) this.onReadable?.();
  }

  // Linux: netlink_deliver_tap(), netlink_deliver_tap_kernel()
  #tap(bytes: Uint8Array, toKernel: boolean): void {
    // struct nlmsghdr: u32 length | u16 type.
    if (bytes.length >= NLMSG_HDRLEN && this.#protocol.isOwn?.(bytes[4]! | (bytes[5]! << 8)) === true) return;
    for (const tap of this.namespace.netlinkTaps) tap(bytes, this.protocol, toKernel);
  }

  /** Readers go on until null. `capacity`: how much the reader takes at once; dumps fill datagrams up to it. */
  receive(capacity = 32_768): Uint8Array | null {
    if (this.#overrun) {
      this.#overrun = false;
      throw new NetError(ENOBUFS);
    }
    const datagram = this.#queue[this.#queueHead];
    if (datagram === undefined) return null;
    this.#queueHead++;
    if (this.#queueHead === this.#queue.length) {
      this.#queue.length = 0;
      this.#queueHead = 0;
    } else if (this.#queueHead > 1024) {
      this.#queue.splice(0, this.#queueHead);
      this.#queueHead = 0;
    }
    this.#memory -= datagram.truesize;
    this.receivedNsid = datagram.nsid;
    this.#largestRead = Math.min(Math.max(this.#largestRead, capacity), MOST_DUMP_BYTES);
    if (this.#dump !== null && this.#memory <= this.#receiveBuffer / 2) {
      // The reader is at it: it is not told of what comes behind, and must not take that before this datagram.
      this.#reading = true;
      this.#continueDump(this.#dump);
      this.#reading = false;
    }
    if (this.#queue.length === 0) this.#congested = false;
    return datagram.bytes;
  }

  // Linux: __netlink_dump_start()
  #startDump(request: NetlinkMessage, dump: Dump): void {
    if (this.#dump !== null) throw new NetError(EBUSY);
    this.#dump = {
      request,
      dump,
      messages: dump.messages(this.#writer),
      generation: dump.generation?.(),
      carried: null,
    };
    this.#continueDump(this.#dump);
  }

  /** Fills one datagram. Linux: netlink_dump() */
  #continueDump(running: RunningDump): void {
    const writer = this.#writer;
    const limit = Math.max(this.#largestRead, FIRST_DUMP_BYTES);
    writer.reset();
    if (running.carried !== null) {
      writer.raw(running.carried);
      running.carried = null;
    }
    const generation = running.dump.generation?.();
    const interrupted = generation !== running.generation;
    running.generation = generation;
    let error: NetError | null = null;
    let done = false;
    let start = writer.at;
    try {
      while (!done) {
        start = writer.at;
        done = running.messages.next().done === true;
        if (writer.at > limit && start > 0) {
          running.carried = writer.bytes.slice(start, writer.at);
          writer.at = start;
          break;
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof NetError)) throw thrown;
      writer.at = start;
      error = thrown;
      done = true;
    }
    const finished = done && running.carried === null;
    if (finished) {
      this.#dump = null;
      this.#writeDone(running.request, error);
    }
    if (interrupted) writer.view.setUint16(6, writer.view.getUint16(6, true) | NLM_F_DUMP_INTR, true);
    this.deliver(writer.take(), null);
  }

  #writeDone(request: NetlinkMessage, error: NetError | null): void {
    const tlvs = error !== null && this.#options.has(NETLINK_EXT_ACK) && (error.extack !== undefined || error.offset !== undefined);
    this.#writer.begin(NLMSG_DONE, NLM_F_MULTI | (tlvs ? NLM_F_ACK_TLVS : 0), request.sequence, this.portId);
    this.#writer.s32(error === null ? 0 : -error.errno);
    if (tlvs) writeExtendedAck(this.#writer, error.extack, error.offset);
    this.#writer.end();
  }

  setOption(option: number, value: number): void {
    if (option === NETLINK_ADD_MEMBERSHIP || option === NETLINK_DROP_MEMBERSHIP) {
      if (!this.#protocol.nonRootReceive && !this.credentials.netAdmin) fail(EPERM);
      if (value < 1 || value > this.#protocol.groups) fail(EINVAL);
      if (option === NETLINK_ADD_MEMBERSHIP) this.groups.add(value);
      else this.groups.delete(value);
      return;
    }
    if (option === TAPSTACK_STOP_AT_ERROR) {
      this.#stopsAtError = value !== 0;
      this.#stopped = false;
      return;
    }
    if (!booleanOptions.has(option)) fail(ENOPROTOOPT);
    if (option === NETLINK_LISTEN_ALL_NSID && !this.credentials.netAdmin) fail(EPERM);
    if (value === 0) this.#options.delete(option);
    else this.#options.add(option);
    if (option === NETLINK_NO_ENOBUFS && value !== 0) this.#congested = false;
  }

  getOption(option: number): number {
    if (option === NETLINK_LIST_MEMBERSHIPS) {
      let mask = 0;
      for (const group of this.groups) if (group <= 32) mask |= 1 << (group - 1);
      return mask >>> 0;
    }
    if (!booleanOptions.has(option)) fail(ENOPROTOOPT);
    return this.#options.has(option) ? 1 : 0;
  }

  setReceiveBuffer(bytes: number, force: boolean): void {
    if (force && !this.credentials.netAdmin) fail(EPERM);
    const wanted = force ? Math.min(bytes, 0x3fff_ffff) : Math.min(bytes, MAX_RECEIVE_BUFFER);
    this.#receiveBuffer = Math.max(wanted * 2, MIN_RECEIVE_BUFFER);
  }

  /** Runs `listener` when the client closes its socket; returns how to take it back. */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#dump?.messages.return?.();
    this.#dump = null;
    this.#queue.length = 0;
    this.#queueHead = 0;
    this.#memory = 0;
    this.onReadable = null;
    for (const listener of this.#closeListeners) listener();
    this.#closeListeners.clear();
    this.#protocol.closed?.(this);
    this.#server.forget(this);
  }
}
