import { EBADFD, EBUSY, EEXIST, EFAULT, EINVAL, ENOTSOCK, EPERM } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { isProgramDevice, makeProgramDevice, type ProgramDevice, VNET_HEADER } from '../../drivers/tun.js';
import type { TunQueue } from '../../drivers/tun-queues.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_SEQPACKET } from '../../host/libc.js';
import type { NetDevice } from '../../net/core/device.js';
import { setCarrier } from '../../net/core/device-state.js';
import { deleteLinks } from '../../net/core/new-link.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { copyBytes } from '../../net/core/packet-pool.js';
import { IFF_MULTI_QUEUE, IFF_NO_PI, IFF_ONE_QUEUE, IFF_PERSIST, IFF_TAP, IFF_TUN, IFF_VNET_HDR } from '../../netlink/rtnl/link/tun.js';
import { readVnetHeader, writeVnetHeader } from '../vnet-header.js';
import { IFREQ, nameAt, putName } from './ioctl-request.js';
import type { ProgramCall } from './program-call.js';
import { ProgramSocket } from './program-socket.js';
import type { Workbench } from './workbench.js';

// linux/if_tun.h
const TUNSETNOCSUM = 0x4004_54c8;
const TUNSETDEBUG = 0x4004_54c9;
const TUNSETIFF = 0x4004_54ca;
const TUNSETPERSIST = 0x4004_54cb;
const TUNSETOWNER = 0x4004_54cc;
const TUNSETLINK = 0x4004_54cd;
const TUNSETGROUP = 0x4004_54ce;
const TUNGETFEATURES = 0x8004_54cf;
const TUNSETOFFLOAD = 0x4004_54d0;
const TUNGETIFF = 0x8004_54d2;
const TUNGETSNDBUF = 0x8004_54d3;
const TUNSETSNDBUF = 0x4004_54d4;
const TUNGETVNETHDRSZ = 0x8004_54d7;
const TUNSETVNETHDRSZ = 0x4004_54d8;
const TUNSETQUEUE = 0x4004_54d9;
const TUNSETIFINDEX = 0x4004_54da;
const TUNSETCARRIER = 0x4004_54e2;
const IFF_ATTACH_QUEUE = 0x0200;
const IFF_DETACH_QUEUE = 0x0400;
const IFF_TUN_EXCL = 0x8000;

const TUN_F_CSUM = 0x01;
const TUN_F_TSO = 0x02 | 0x04;
const TUN_F_TSO_ECN = 0x08;
const TUN_F_UFO = 0x10;

/** What a program may ask for here: no NAPI. */
const FEATURES = IFF_NO_PI | IFF_ONE_QUEUE | IFF_MULTI_QUEUE | IFF_VNET_HDR;
const TYPES = IFF_TUN | IFF_TAP;
const MOST_QUEUES = 256;
/** struct tun_pi: 0 flags, u16 | 2 EtherType, be16. */
const PACKET_INFORMATION = 4;
const MOST_VNET_HEADER = 256;
const ETHERNET = 14;
/** Packets that one program hands over before others have their turn. */
const TURN = 64;
/** Longest packet, and its Ethernet header. */
const MOST = 65_535 + ETHERNET + 4;

/** A program's /dev/net/tun: one queue of a tun or tap. The packets are those of a SOCK_SEQPACKET pair. Linux: struct tun_file */
export class TunFile extends ProgramSocket implements TunQueue {
  readonly family = -1;
  #device: ProgramDevice | null = null;
  #wantedIndex = 0;
  #sendBuffer = 0x7fff_ffff;
  #turnDue = false;

  constructor(bench: Workbench, namespace: Namespace) {
    super(bench, namespace);
  }

  open(flags: number): number {
    const pair = this.bench.pair(SOCK_SEQPACKET, flags);
    this.attach(pair, false);
    return pair.program;
  }

  // -- ioctl -------------------------------------------------------------------------------------------------------------------

  override control(call: ProgramCall, request: number): boolean {
    call.answer(this.#control(call, request));
    return true;
  }

  /** 0 or a negative errno. Linux: __tun_chr_ioctl() */
  #control(call: ProgramCall, request: number): number {
    const { io } = this.bench;
    const pointer = call.args[2]!;
    const value = call.ints[2]!;
    if (request === TUNGETFEATURES) return this.#putInt(call, pointer, TYPES | FEATURES);
    if (request === TUNSETIFF) return this.#setInterface(call, pointer);
    if (request === TUNSETQUEUE) return this.#setQueue(call, pointer);
    if (request === TUNSETIFINDEX) {
      if (this.#device !== null) return -EPERM;
      if (!call.read(pointer, 4, io.address)) return -EFAULT;
      this.#wantedIndex = io.view.getInt32(0, true);
      return 0;
    }
    const device = this.#device;
    if (device === null) return -EBADFD;
    const { settings } = device;
    switch (request) {
      case TUNGETIFF:
        io.bytes.fill(0, 0, IFREQ);
        putName(io.bytes, 0, device.name);
        io.view.setUint16(16, settings.flags | (device.queues.isDisabled(this) ? IFF_DETACH_QUEUE : 0), true);
        return call.copyOut(pointer, IFREQ, io.address);
      case TUNSETNOCSUM:
      case TUNSETDEBUG:
        return 0;
      case TUNSETPERSIST:
        device.settings = { ...settings, flags: value === 0 ? settings.flags & ~IFF_PERSIST : settings.flags | IFF_PERSIST };
        return 0;
      case TUNSETOWNER:
        device.settings = { ...settings, user: value === -1 ? undefined : value >>> 0 };
        return 0;
      case TUNSETGROUP:
        device.settings = { ...settings, group: value === -1 ? undefined : value >>> 0 };
        return 0;
      case TUNSETLINK:
        if (device.up) return -EBUSY;
        device.type = value;
        return 0;
      case TUNSETOFFLOAD:
        // What reaches a program is whole already: that it takes less is for it to know.
        return isOffload(value) ? 0 : -EINVAL;
      case TUNGETSNDBUF:
        return this.#putInt(call, pointer, this.#sendBuffer);
      case TUNSETSNDBUF:
        if (!call.read(pointer, 4, io.address)) return -EFAULT;
        if (io.view.getInt32(0, true) <= 0) return -EINVAL;
        this.#sendBuffer = io.view.getInt32(0, true);
        return 0;
      case TUNGETVNETHDRSZ:
        return this.#putInt(call, pointer, device.vnetHeaderBytes);
      case TUNSETVNETHDRSZ: {
        if (!call.read(pointer, 4, io.address)) return -EFAULT;
        const bytes = io.view.getInt32(0, true);
        if (bytes < VNET_HEADER || bytes > MOST_VNET_HEADER) return -EINVAL;
        device.vnetHeaderBytes = bytes;
        return 0;
      }
      case TUNSETCARRIER:
        if (!call.read(pointer, 4, io.address)) return -EFAULT;
        setCarrier(device, io.view.getInt32(0, true) !== 0);
        return 0;
      default:
        return -EINVAL;
    }
  }

  #putInt(call: ProgramCall, pointer: number, value: number): number {
    this.bench.io.view.setInt32(0, value, true);
    return call.copyOut(pointer, 4, this.bench.io.address);
  }

  /** tun_set_iff(): a device that is there, or a new one. The struct ifreq goes back with its name. */
  #setInterface(call: ProgramCall, pointer: number): number {
    const { io } = this.bench;
    if (!call.read(pointer, IFREQ, io.address)) return -EFAULT;
    if (this.#device !== null) return -EEXIST;
    const name = nameAt(io.bytes, 0);
    const flags = io.view.getUint16(16, true);
    const there = name === '' ? undefined : this.namespace.deviceByName(name);
    const device = there === undefined ? this.#make(call, name, flags) : this.#join(call, there, flags);
    if (typeof device === 'number') return device;
    this.#device = device;
    device.queues.attach(this);
    putName(io.bytes, 0, device.name);
    return call.copyOut(pointer, IFREQ, io.address);
  }

  #make(call: ProgramCall, name: string, flags: number): ProgramDevice | number {
    if (!this.bench.credentialsOf(call.tid).netAdmin) return -EPERM;
    const wanted = this.#wantedIndex;
    if (wanted !== 0 && this.namespace.deviceByIndex(wanted) !== undefined) return -EBUSY;
    const settings = { flags: flags & (TYPES | FEATURES), user: undefined, group: undefined };
    return makeProgramDevice(this.namespace, name, settings, wanted);
  }

  #join(call: ProgramCall, device: NetDevice, flags: number): ProgramDevice | number {
    if ((flags & IFF_TUN_EXCL) !== 0) return -EBUSY;
    if (!isProgramDevice(device)) return -EINVAL;
    const { settings, queues } = device;
    if ((settings.flags & TYPES) !== (flags & TYPES) || ((settings.flags ^ flags) & IFF_MULTI_QUEUE) !== 0) return -EINVAL;
    if (!this.#mayUse(call, device)) return -EPERM;
    if ((settings.flags & IFF_MULTI_QUEUE) === 0 ? queues.attached > 0 : queues.attached + queues.disabled >= MOST_QUEUES) return -EBUSY;
    device.settings = { ...settings, flags: (settings.flags & ~FEATURES) | (flags & FEATURES) };
    return device;
  }

  /** tun_not_capable(): owner and group where they are set, and who holds CAP_NET_ADMIN. */
  #mayUse(call: ProgramCall, { settings }: ProgramDevice): boolean {
    const { uid, gid, netAdmin } = this.bench.credentialsOf(call.tid);
    return netAdmin || ((settings.user ?? uid) === uid && (settings.group ?? gid) === gid);
  }

  /** tun_set_queue(): lets the queue go for a while, or takes it back. */
  #setQueue(call: ProgramCall, pointer: number): number {
    const { io } = this.bench;
    if (!call.read(pointer, IFREQ, io.address)) return -EFAULT;
    const flags = io.view.getUint16(16, true);
    const device = this.#device;
    if (device === null) return -EINVAL;
    const disabled = device.queues.isDisabled(this);
    if ((flags & IFF_ATTACH_QUEUE) !== 0) {
      if (!disabled) return -EINVAL;
      if (!this.#mayUse(call, device)) return -EPERM;
      device.queues.attach(this);
      return 0;
    }
    if ((flags & IFF_DETACH_QUEUE) === 0 || disabled || (device.settings.flags & IFF_MULTI_QUEUE) === 0) return -EINVAL;
    device.queues.detach(this, true);
    return 0;
  }

  // -- packets -----------------------------------------------------------------------------------------------------------------

  /** Bytes of struct tun_pi; a virtio-net header stands behind them. */
  get #informationBytes(): number {
    return ((this.#device?.settings.flags ?? 0) & IFF_NO_PI) === 0 ? PACKET_INFORMATION : 0;
  }

  get #vnetBytes(): number {
    const device = this.#device;
    return device === null || (device.settings.flags & IFF_VNET_HDR) === 0 ? 0 : device.vnetHeaderBytes;
  }

  deliver(skb: PacketBuffer): boolean {
    const { libc, io } = this.bench;
    if (this.end < 0) return false;
    const information = this.#informationBytes;
    const vnet = this.#vnetBytes;
    const header = information + vnet;
    const length = skb.length;
    if (information > 0) {
      io.view.setUint16(0, 0);
      io.view.setUint16(2, skb.protocol);
    }
    if (vnet > 0) {
      io.bytes.fill(0, information, header);
      writeVnetHeader(skb, io.view, information);
    }
    copyBytes(skb.bytes, skb.data, io.bytes, header, length);
    return libc.sendAt(this.end, io.address, header + length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }

  deviceGone(): void {
    this.#device = null;
    this.detach();
  }

  protected happened(_events: number, hangup: boolean): void {
    if (this.#drain()) this.#takeTurn();
    else if (hangup) this.close();
  }

  #takeTurn(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.bench.loop.defer(() => {
      this.#turnDue = false;
      if (this.end >= 0) this.happened(0, this.bench.isHungUp(this.end));
    });
  }

  /** Packets that the program wrote; true: there were some. What it wrote last is on its way before a close() is looked at. */
  #drain(): boolean {
    const { libc, io } = this.bench;
    for (let i = 0; i < TURN; i++) {
      if (this.end < 0) return false;
      const count = libc.receiveAt(this.end, io.address, MOST + PACKET_INFORMATION + MOST_VNET_HEADER, MSG_DONTWAIT);
      if (count <= 0) return i > 0;
      this.#written(count);
    }
    return true;
  }

  /** tun_get_user(). */
  #written(count: number): void {
    const device = this.#device;
    const information = this.#informationBytes;
    const vnet = this.#vnetBytes;
    const header = information + vnet;
    const length = count - header;
    if (device === null || device.queues.isDisabled(this)) return;
    const { stack } = this.bench;
    const isTap = (device.settings.flags & IFF_TAP) !== 0;
    const skb = length < (isTap ? ETHERNET : 1) ? null : stack.pool.allocate(length);
    if (skb === null) {
      device.statistics.rxDropped++;
      return;
    }
    const { io } = this.bench;
    copyBytes(io.bytes, header, skb.bytes, skb.data, length);
    skb.tail = skb.data + length;
    const understood = vnet === 0 || readVnetHeader(skb, io.view, information, isTap ? ETHERNET : 0);
    if (!understood || (!isTap && information === 0 && !isIp(skb.bytes[skb.data]!))) {
      if (understood) device.statistics.rxDropped++;
      else device.statistics.rxFrameErrors++;
      stack.consume(skb);
      return;
    }
    device.parseHeader(skb);
    if (!isTap && information > 0) skb.protocol = io.view.getUint16(2);
    device.queues.receive(skb);
  }

  // -- what it is not ----------------------------------------------------------------------------------------------------------

  bind(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  listen(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  accept(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  connect(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  name(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  shutdown(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  setOption(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  getOption(): number {
    return -ENOTSOCK;
  }

  send(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  receive(call: ProgramCall): void {
    call.fail(ENOTSOCK);
  }

  /** tun_chr_close(): a device that does not last goes with its last program. */
  protected release(): void {
    const device = this.#device;
    this.#device = null;
    if (device === null) return;
    device.queues.detach(this, false);
    const { attached, disabled } = device.queues;
    if (attached + disabled > 0 || (device.settings.flags & IFF_PERSIST) !== 0 || !device.registered) return;
    try {
      deleteLinks([device]);
    } catch (error) {
      // It is gone with its namespace already.
      if (!(error instanceof NetError)) throw error;
    }
  }
}

/** Linux: set_offload() */
function isOffload(wanted: number): boolean {
  if ((wanted & TUN_F_CSUM) === 0) return wanted === 0;
  const tso = (wanted & TUN_F_TSO) === 0 ? 0 : TUN_F_TSO | TUN_F_TSO_ECN;
  return (wanted & ~(TUN_F_CSUM | TUN_F_UFO | tso)) === 0;
}

const isIp = (first: number) => first >>> 4 === 4 || first >>> 4 === 6;
