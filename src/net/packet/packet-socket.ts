import { EAGAIN, EINVAL, EMSGSIZE, ENETDOWN, ENOBUFS, ENODEV, ENOPROTOOPT, ENOTCONN, ENXIO, EOPNOTSUPP } from '../../base/errno.js';
import type { Filter } from '../../bpf/filter.js';
import { AF_PACKET } from '../../netlink/constants.js';
import { ARPHRD_ETHER, ARPHRD_LOOPBACK } from '../../netlink/rtnl/constants.js';
import { ADDRESS_BYTES, ETH_P_802_3_MIN } from '../../wire/ethernet.js';
import { truesize } from '../core/datagram-socket.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import type { Namespace } from '../core/namespace.js';
import { CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, PACKET_OUTGOING, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { MSG_PEEK, MSG_TRUNC, POLLERR, POLLIN, POLLOUT, type ReceiveInfo, SOCK_RAW, Socket, type SocketAddress } from '../core/socket.js';
import { getOption, setOption, SOL_SOCKET } from '../core/socket-options.js';
import { devQueueXmit } from '../core/transmit.js';
import {
  SOL_PACKET,
  TP_STATUS_CSUM_VALID,
  TP_STATUS_CSUMNOTREADY,
  TP_STATUS_USER,
  TP_STATUS_VLAN_TPID_VALID,
  TP_STATUS_VLAN_VALID,
} from './constants.js';
import type { FanoutGroup } from './fanout.js';
import { PacketFilterInput } from '../core/filter-input.js';
import { dropMembership, type PacketMembership } from './memberships.js';
import { packetLevelOptions, packetSocketLevelOptions } from './options.js';
import type { Packets } from './packets.js';

const input = new PacketFilterInput();
const NO_ADDRESS = new Uint8Array(0);

/** TP_STATUS_* of a frame in a socket's queue. Linux: packet_recvmsg(), tpacket_rcv() */
function frameStatus(skb: PacketBuffer): number {
  const tag = skb.vlanTci >= 0 ? TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID : 0;
  if (skb.ipSummed === CHECKSUM_PARTIAL) return TP_STATUS_USER | TP_STATUS_CSUMNOTREADY | tag;
  const holds = skb.cb3 !== PACKET_OUTGOING && skb.ipSummed === CHECKSUM_UNNECESSARY;
  return TP_STATUS_USER | (holds ? TP_STATUS_CSUM_VALID : 0) | tag;
}

/**
 * A packet socket (struct packet_sock): frames with their link header (SOCK_RAW) or without (SOCK_DGRAM), as devices have them.
 * `local.port` is the EtherType, `local.scopeId` the ifindex that it is bound to, 0: all devices.
 */
export class PacketSocket extends Socket {
  readonly #packets: Packets;
  fanout: FanoutGroup | null = null;
  ignoresOutgoing = false;
  auxdata = false;
  originDevice = false;
  filter: Filter | null = null;
  filterLocked = false;
  /** SO_RCVTIMEO and SO_SNDTIMEO, milliseconds; 0: for ever, -1: not at all. */
  receiveTimeoutMs = 0;
  sendTimeoutMs = 0;
  /** Switches of SOL_SOCKET without a meaning here, by their numbers. */
  keptSwitches = 0;
  readonly memberships: PacketMembership[] = [];
  /** The device that it is bound to is up. */
  deviceUp = true;
  /** Since PACKET_STATISTICS was last asked: packets for this socket, those lost for want of room among them. */
  statisticsPackets = 0;
  statisticsDrops = 0;
  /** Packets lost for want of room, ever. */
  drops = 0;
  /** Packets in a row: cb0 what each counts for, cb1 its length, cb2 how much of it is kept, cb3 its type, cb4 where it begins. */
  #head: PacketBuffer | null = null;
  #tail: PacketBuffer | null = null;

  constructor(namespace: Namespace, packets: Packets, type: number, protocol: number, uid: number) {
    super(namespace, AF_PACKET, type, protocol, uid);
    this.#packets = packets;
    this.local.family = AF_PACKET;
    this.local.port = protocol;
  }

  /** Takes packets: a protocol was named, and the device it is bound to is there and up. */
  get running(): boolean {
    return !this.closed && this.local.port !== 0 && this.local.scopeId >= 0 && this.deviceUp;
  }

  get full(): boolean {
    return this.receiveMemory >= this.receiveBuffer;
  }

  /** A packet that a device has; it stays the device's. Linux: packet_rcv() */
  take(skb: PacketBuffer, device: NetDevice, packetType: number): void {
    const header = skb.macHeader >= 0 && skb.macHeader <= skb.data ? skb.macHeader : skb.data;
    const network = skb.data > header ? skb.data : Math.min(header + device.hardHeaderBytes, skb.tail);
    const start = this.type === SOCK_RAW ? header : network;
    const length = skb.tail - start;
    let kept = length;
    if (this.filter !== null) {
      input.set(skb, device, start, packetType);
      kept = Math.min(this.filter.run(input), length);
      if (kept === 0) return;
    }
    this.statisticsPackets++;
    const { stack } = this.namespace;
    const copy = this.full ? null : stack.pool.clone(skb);
    if (copy === null) {
      this.statisticsDrops++;
      this.drops++;
      return;
    }
    const size = truesize(skb.tail - header);
    copy.cb0 = size;
    copy.cb1 = length;
    copy.cb2 = kept;
    copy.cb3 = packetType;
    copy.cb4 = start;
    // What it was the sender's and a route's is not ours to hold.
    copy.dst = null;
    copy.socket = null;
    copy.device = device;
    copy.next = null;
    if (copy.timestampUs === 0) copy.timestampUs = stack.nowUs;
    this.receiveMemory += size;
    if (this.#tail === null) this.#head = copy;
    else this.#tail.next = copy;
    this.#tail = copy;
    this.wake();
  }

  /** packet_recvmsg() */
  receive(into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
    if ((flags & ~(MSG_PEEK | MSG_TRUNC | 0x40)) !== 0) return -EINVAL;
    if (this.pendingError !== 0) return -this.takeError();
    const skb = this.#head;
    if (skb === null) return -EAGAIN;
    const count = Math.min(skb.cb2, length);
    copyBytes(skb.bytes, skb.cb4, into, start, count);
    if (info !== null) this.#tell(skb, info, count);
    const full = skb.cb1;
    if ((flags & MSG_PEEK) === 0) {
      this.#head = skb.next;
      if (this.#head === null) this.#tail = null;
      skb.next = null;
      this.receiveMemory -= skb.cb0;
      this.namespace.stack.consume(skb);
    }
    return (flags & MSG_TRUNC) !== 0 ? full : count;
  }

  #tell(skb: PacketBuffer, info: ReceiveInfo, count: number): void {
    const device = skb.device!;
    info.flags = count < skb.cb2 ? MSG_TRUNC : 0;
    info.fullLength = skb.cb1;
    info.ifindex = device.ifindex;
    info.timestampUs = skb.timestampUs;
    info.vlanTci = skb.vlanTci;
    info.vlanProtocol = skb.vlanProtocol;
    info.frameStatus = frameStatus(skb);
    const { from } = info;
    from.family = AF_PACKET;
    from.port = skb.protocol;
    // An origin that is asked for is the device below, which a frame of a VRF or a bridge came in by.
    from.scopeId = this.originDevice && skb.sdif !== 0 ? skb.sdif : device.ifindex;
    from.hardwareType = device.type;
    from.packetType = skb.cb3;
    const at = skb.macHeader >= 0 ? skb.macHeader : skb.data;
    const ethernet = device.type === ARPHRD_ETHER || device.type === ARPHRD_LOOPBACK;
    from.bytes = ethernet && skb.tail - at >= 12 ? skb.bytes.slice(at + ADDRESS_BYTES, at + 2 * ADDRESS_BYTES) : NO_ADDRESS;
  }

  poll(): number {
    return POLLOUT | (this.#head === null ? 0 : POLLIN) | (this.pendingError === 0 ? 0 : POLLERR);
  }

  /** packet_bind(): to a device (0: to all) and a protocol (0: the one that it has). */
  bind(address: SocketAddress): number {
    if (address.family !== AF_PACKET) return -EINVAL;
    if (this.fanout !== null) return -EINVAL;
    const { scopeId } = address;
    const device = scopeId === 0 ? null : this.namespace.deviceByIndex(scopeId);
    if (device === undefined) return -ENODEV;
    if (address.port !== 0) this.local.port = address.port;
    this.local.scopeId = scopeId;
    this.deviceUp = device === null || device.up;
    this.local.bytes = device?.address ?? NO_ADDRESS;
    this.local.hardwareType = device?.type ?? 0;
    if (!this.deviceUp) this.report(ENETDOWN);
    this.#packets.changed();
    return 0;
  }

  /** An error that the user hears of by SO_ERROR or the next call. */
  report(errno: number): void {
    this.pendingError = errno;
    this.wake();
  }

  /** packet_snd(), which takes an address of any family for its own. */
  send(bytes: Uint8Array, start: number, length: number, _flags: number, to: SocketAddress | null): number {
    const device = this.namespace.deviceByIndex(to === null ? this.local.scopeId : to.scopeId);
    if (device === undefined) return -ENXIO;
    if (!device.up) return -ENETDOWN;
    this.namespace.stack.refreshClock();
    const raw = this.type === SOCK_RAW;
    const header = device.hardHeaderBytes;
    if (raw && length < header) return -EINVAL;
    // A VLAN tag in it may make a frame longer by four bytes.
    const tagged = raw && header >= 14 && bytes[start + 12] === 0x81 && bytes[start + 13] === 0 ? 4 : 0;
    if (length > device.mtu + (raw ? header : 0) + tagged) return -EMSGSIZE;
    const protocol = to === null || to.port === 0 ? this.local.port : to.port;
    if (!raw && device.type === ARPHRD_ETHER && (to?.bytes?.length ?? 0) < ADDRESS_BYTES) return -EINVAL;
    const skb = this.namespace.stack.pool.allocate(length, HEADROOM + header);
    if (skb === null) return -ENOBUFS;
    const at = skb.put(length);
    copyBytes(bytes, start, skb.bytes, at, length);
    skb.device = device;
    skb.socket = this;
    skb.mark = this.mark;
    skb.priority = this.priority;
    skb.protocol = protocol;
    if (raw) {
      skb.macHeader = at;
      skb.networkHeader = at + header;
      const type = header >= 14 ? skb.view.getUint16(at + 12) : protocol;
      if (protocol === 0 || protocol === 3) skb.protocol = type >= ETH_P_802_3_MIN ? type : 4;
    } else {
      skb.networkHeader = at;
      device.createHeader(skb, protocol, to?.bytes ?? null, null);
    }
    const result = devQueueXmit(skb);
    return result < 0 ? result : length;
  }

  /** Forgets what was asked of a device that goes. */
  dropMemberships(device: NetDevice): void {
    for (const membership of [...this.memberships]) if (membership.ifindex === device.ifindex) dropMembership(this, membership, device);
  }

  connect(_address: SocketAddress): number {
    return -EOPNOTSUPP;
  }

  listen(_backlog: number): number {
    return -EOPNOTSUPP;
  }

  accept(): Socket | number {
    return -EOPNOTSUPP;
  }

  shutdown(_how: number): number {
    return this.closed ? -ENOTCONN : -EOPNOTSUPP;
  }

  joinFanout(value: number): number {
    return this.running ? this.#packets.join(this, value) : -EINVAL;
  }

  setOption(level: number, option: number, value: Uint8Array): number {
    if (level === SOL_SOCKET) return setOption(packetSocketLevelOptions, this, option, value);
    return level === SOL_PACKET ? setOption(packetLevelOptions, this, option, value) : -ENOPROTOOPT;
  }

  getOption(level: number, option: number): Uint8Array | number {
    if (level === SOL_SOCKET) return getOption(packetSocketLevelOptions, this, option);
    return level === SOL_PACKET ? getOption(packetLevelOptions, this, option) : -ENOPROTOOPT;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onReady = null;
    for (const membership of [...this.memberships]) {
      const device = this.namespace.deviceByIndex(membership.ifindex);
      if (device !== undefined) dropMembership(this, membership, device);
    }
    this.#packets.remove(this);
    const { stack } = this.namespace;
    for (let skb = this.#head; skb !== null; ) {
      const next: PacketBuffer | null = skb.next;
      skb.next = null;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      skb = next;
    }
    this.#head = null;
    this.#tail = null;
    this.receiveMemory = 0;
  }
}
