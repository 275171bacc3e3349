import { EADDRINUSE, EAGAIN, ECONNREFUSED, EINVAL, ENOBUFS, ENOPROTOOPT, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Credentials, NetlinkSocket as Endpoint } from '../../control/netlink-socket.js';
import { EPOLLIN } from '../../host/epoll-descriptors.js';
import type { Namespace } from '../../net/core/namespace.js';
import { MSG_PEEK, MSG_TRUNC } from '../../net/core/socket.js';
import { intBytes, readInt } from '../../net/core/socket-options.js';
import { AF_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_DROP_MEMBERSHIP } from '../../netlink/constants.js';
import { DatagramEnd, type DatagramSource } from './datagram-end.js';
import { MessageAccess } from './message-access.js';
import { translateDescriptors } from './namespace-descriptors.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import { ProgramSocket } from './program-socket.js';
import { giveAddress, takeAddress, writeNetlinkAddress } from './socket-address.js';
import type { Workbench } from './workbench.js';

const SOL_SOCKET = 1;
const SOL_NETLINK = 270;
/** Groups that a bind() names by bits; others by NETLINK_ADD_MEMBERSHIP. */
const BIND_GROUPS = 32;

// asm-generic/socket.h
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUFFORCE = 32;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
/** Options that change nothing here: SO_REUSEADDR, SO_PASSCRED, SO_SNDTIMEO, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_RXQ_OVFL. */
const ACCEPTED: ReadonlySet<number> = new Set([2, 16, 21, 29, 35, 40]);

export interface NetlinkRequest {
  readonly namespace: Namespace;
  readonly protocol: number;
  readonly type: number;
  readonly credentials: Credentials;
  /** The namespace that a descriptor of the program stands for. */
  readonly namespaceBehind: (tid: number, fd: number) => Namespace | undefined;
}

/** A program's netlink socket, at the same servers as the bus. */
export class NetlinkSocket extends ProgramSocket implements DatagramSource {
  readonly family = AF_NETLINK;
  readonly #end: DatagramEnd;
  readonly #access: MessageAccess;
  readonly #request: NetlinkRequest;
  #endpoint: Endpoint | null = null;
  /** The datagram that waits longest; null: none is known. */
  #head: Uint8Array | null = null;
  #lost = false;
  #groups = 0;
  #bound = false;
  /** connect(): where datagrams without an address go; only the kernel (0) answers. */
  #peer = -1;
  #sendBuffer = 212_992;
  #receiveBuffer = 212_992;
  receiveTimeoutMs = 0;
  readonly showsErrors = false;

  constructor(bench: Workbench, request: NetlinkRequest) {
    super(bench, request.namespace);
    this.#request = request;
    this.#end = new DatagramEnd(this, this);
    this.#access = new MessageAccess(bench);
    // Refused at once where the protocol is not spoken.
    this.#endpoint = this.#openEndpoint(undefined);
  }

  open(flags: number): number {
    const pair = this.bench.pair(DatagramEnd.type, flags);
    this.attach(pair, true);
    return pair.program;
  }

  #openEndpoint(portId: number | undefined): Endpoint {
    const { protocol, namespace, credentials } = this.#request;
    const endpoint = this.bench.netlink.open({
      protocol,
      namespace: namespace.id,
      credentials,
      ...(portId === undefined ? {} : { portId }),
    });
    endpoint.onReadable = () => this.#end.update();
    return endpoint;
  }

  get #netlink(): Endpoint {
    return this.#endpoint!;
  }

  // -- calls -------------------------------------------------------------------------------------------------------------------

  /** netlink_bind(): a port of one's own choice or (0) any, and groups. */
  bind(call: ProgramCall): void {
    const { memory, address } = this.bench;
    const length = call.ints[2]!;
    const error = takeAddress(call, memory, call.args[1]!, length, address);
    if (error < 0) return call.fail(-error);
    if (length < 12 || memory.view.getUint16(address, true) !== AF_NETLINK) return call.fail(EINVAL);
    const portId = memory.view.getUint32(address + 4, true);
    const groups = memory.view.getUint32(address + 8, true);
    if (this.#bound && portId !== 0 && portId !== this.#netlink.portId) return call.fail(EINVAL);
    if (!this.#bound && portId !== 0 && portId !== this.#netlink.portId) {
      const endpoint = this.#openEndpoint(portId);
      if (endpoint.portId !== portId) {
        endpoint.close();
        return call.fail(EADDRINUSE);
      }
      this.#copyOptions(endpoint);
      this.#endpoint?.close();
      this.#endpoint = endpoint;
    }
    for (let group = 1; group <= BIND_GROUPS; group++) {
      const bit = 1 << (group - 1);
      if ((groups & bit) !== 0 && (this.#groups & bit) === 0) this.#netlink.setOption(NETLINK_ADD_MEMBERSHIP, group);
      else if ((groups & bit) === 0 && (this.#groups & bit) !== 0) this.#netlink.setOption(NETLINK_DROP_MEMBERSHIP, group);
    }
    this.#groups = groups;
    this.#bound = true;
    call.ok();
  }

  readonly #options = new Map<number, number>();

  #copyOptions(endpoint: Endpoint): void {
    for (const [option, value] of this.#options) endpoint.setOption(option, value);
  }

  listen(call: ProgramCall): void {
    call.fail(EOPNOTSUPP);
  }

  accept(call: ProgramCall): void {
    call.fail(EOPNOTSUPP);
  }

  connect(call: ProgramCall): void {
    const { memory, address } = this.bench;
    const error = takeAddress(call, memory, call.args[1]!, call.ints[2]!, address);
    if (error < 0) return call.fail(-error);
    const family = memory.view.getUint16(address, true);
    if (family === 0) this.#peer = -1;
    else if (family !== AF_NETLINK) return call.fail(EINVAL);
    else {
      this.#peer = memory.view.getUint32(address + 4, true);
      this.#bound = true;
    }
    call.ok();
  }

  name(call: ProgramCall, peer: boolean): void {
    const { memory, address, scratch } = this.bench;
    const portId = peer ? Math.max(this.#peer, 0) : this.#bound ? this.#netlink.portId : 0;
    const length = writeNetlinkAddress(memory, address, portId, peer ? 0 : this.#groups);
    call.answer(giveAddress(call, memory, address, length, call.args[1]!, call.args[2]!, scratch));
  }

  shutdown(call: ProgramCall): void {
    call.fail(EOPNOTSUPP);
  }

  setOption(call: ProgramCall, level: number, option: number, value: Uint8Array): void {
    if (level === SOL_NETLINK) {
      if (value.length < 4) return call.fail(EINVAL);
      const number = readInt(value);
      this.#netlink.setOption(option, number);
      if (option !== NETLINK_ADD_MEMBERSHIP && option !== NETLINK_DROP_MEMBERSHIP) this.#options.set(option, number);
      return call.ok();
    }
    if (level !== SOL_SOCKET) return call.fail(ENOPROTOOPT);
    this.#setSocketOption(call, option, value);
  }

  #setSocketOption(call: ProgramCall, option: number, value: Uint8Array): void {
    if (option === SO_ATTACH_FILTER || option === SO_DETACH_FILTER || ACCEPTED.has(option)) return call.ok();
    if (option === SO_RCVTIMEO) {
      if (value.length < 16) return call.fail(EINVAL);
      const view = new DataView(value.buffer, value.byteOffset, value.length);
      this.receiveTimeoutMs = view.getUint32(0, true) * 1000 + Math.ceil(view.getUint32(8, true) / 1000);
      return call.proceed();
    }
    if (value.length < 4) return call.fail(EINVAL);
    const number = readInt(value);
    if (option === SO_RCVBUF || option === SO_RCVBUFFORCE) {
      if (option === SO_RCVBUFFORCE && !this.#request.credentials.netAdmin) return call.fail(EPERM);
      this.#netlink.setReceiveBuffer(number, option === SO_RCVBUFFORCE);
      this.#receiveBuffer = option === SO_RCVBUFFORCE ? number * 2 : Math.min(number, 212_992) * 2;
    } else if (option === SO_SNDBUF || option === SO_SNDBUFFORCE) {
      if (option === SO_SNDBUFFORCE && !this.#request.credentials.netAdmin) return call.fail(EPERM);
      this.#sendBuffer = option === SO_SNDBUFFORCE ? number * 2 : Math.min(number, 212_992) * 2;
    } else return call.fail(ENOPROTOOPT);
    call.ok();
  }

  getOption(_call: ProgramCall, level: number, option: number): Uint8Array | number {
    if (level === SOL_NETLINK) return intBytes(this.#netlink.getOption(option));
    if (level !== SOL_SOCKET) return -ENOPROTOOPT;
    switch (option) {
      case SO_TYPE:
        return intBytes(this.#request.type);
      case SO_ERROR:
        return intBytes(this.#takeLoss() ? ENOBUFS : 0);
      case SO_PROTOCOL:
        return intBytes(this.#request.protocol);
      case SO_DOMAIN:
        return intBytes(AF_NETLINK);
      case SO_SNDBUF:
        return intBytes(this.#sendBuffer);
      case SO_RCVBUF:
        return intBytes(this.#receiveBuffer);
      default:
        return ACCEPTED.has(option) ? intBytes(0) : -ENOPROTOOPT;
    }
  }

  control(): boolean {
    return false;
  }

  send(call: ProgramCall, kind: MessageKind): void {
    this.#end.send(call, kind);
  }

  receive(call: ProgramCall, kind: MessageKind): void {
    this.#end.receive(call, kind);
  }

  protected happened(events: number, hangup: boolean): void {
    const ended = this.#end.drain(hangup);
    if (hangup && (ended || (events & EPOLLIN) === 0)) this.close();
    else this.#end.update();
  }

  protected release(): void {
    this.#end.end(EINVAL);
    this.#endpoint?.close();
  }

  // -- DatagramSource ----------------------------------------------------------------------------------------------------------

  /** Brings the next datagram to `#head`; false: there is none. */
  #fill(): boolean {
    if (this.#head !== null) return true;
    if (this.#lost) return false;
    try {
      this.#head = this.#netlink.receive(this.#capacity);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#lost = true;
    }
    return this.#head !== null;
  }

  /** The most that the program was seen to take at once: dumps fill their datagrams up to it. glibc's getifaddrs() takes 4096 bytes. */
  #capacity = 0;

  #takeLoss(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  peek(): number {
    if (!this.#fill()) return this.#lost ? 0 : -1;
    const head = this.#head!;
    this.bench.io.bytes.set(head);
    return head.length;
  }

  skip(): void {
    if (this.#head === null) this.#takeLoss();
    this.#head = null;
  }

  take(length: number): void {
    this.#bound = true;
    const datagram = this.bench.io.bytes.slice(0, length);
    translateDescriptors(this.#request.protocol, datagram, (fd) => this.#request.namespaceBehind(this.tid, fd)?.id);
    this.#netlink.send(datagram);
  }

  receiveOne(call: ProgramCall, header: number, flags: number): number {
    const { bench } = this;
    const access = this.#access;
    if (header === 0) access.plain(call.args[1]!, call.args[2]!);
    else {
      const error = access.load(call, header);
      if (error < 0) return error;
    }
    this.#capacity = Math.max(this.#capacity, access.length);
    if (!this.#fill()) return this.#takeLoss() ? -ENOBUFS : -EAGAIN;
    const head = this.#head!;
    const count = Math.min(head.length, access.length);
    bench.io.bytes.set(head.subarray(0, count));
    const error = access.scatter(call, count);
    if (error < 0) return error;
    if ((flags & MSG_PEEK) === 0) this.#head = null;
    const length = writeNetlinkAddress(bench.memory, bench.address, 0, 0);
    const told = header === 0 ? this.#tellSender(call, length) : access.answer(call, length, 0, count < head.length ? MSG_TRUNC : 0);
    return told || ((flags & MSG_TRUNC) !== 0 ? head.length : count);
  }

  #tellSender(call: ProgramCall, length: number): number {
    const { memory, address, scratch } = this.bench;
    return call.args[4] === 0 ? 0 : giveAddress(call, memory, address, length, call.args[4]!, call.args[5]!, scratch);
  }

  sendOne(call: ProgramCall, header: number, _flags: number): number {
    const { bench } = this;
    const access = this.#access;
    if (header === 0) {
      access.plain(call.args[1]!, call.args[2]!);
      access.name = call.args[4]!;
      access.nameLength = call.ints[5]!;
    } else {
      const error = access.load(call, header);
      if (error < 0) return error;
    }
    let destination = Math.max(this.#peer, 0);
    if (access.name !== 0 && access.nameLength > 0) {
      const error = takeAddress(call, bench.memory, access.name, access.nameLength, bench.address);
      if (error < 0) return error;
      if (access.nameLength < 12 || bench.memory.view.getUint16(bench.address, true) !== AF_NETLINK) return -EINVAL;
      destination = bench.memory.view.getUint32(bench.address + 4, true);
    }
    const length = access.gather(call);
    if (length < 0) return length;
    // Programs of the stack do not write to each other by netlink.
    if (destination !== 0) return -ECONNREFUSED;
    this.take(length);
    return length;
  }
}
