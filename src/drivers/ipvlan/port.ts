import { IFF_NOARP } from '../../netlink/rtnl/constants.js';
import { IPVLAN_F_PRIVATE, IPVLAN_F_VEPA, IPVLAN_MODE_L2, IPVLAN_MODE_L3, IPVLAN_MODE_L3S } from '../../netlink/rtnl/link/ipvlan.js';
import type { NetDevice, RxHandler } from '../../net/core/device.js';
import { changeFlags, deviceFlags } from '../../net/core/device-state.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { PACKET_BROADCAST, PACKET_MULTICAST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { devQueueXmit } from '../../net/core/transmit.js';
import * as arp from '../../wire/arp.js';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, isBroadcast } from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { forwardTo } from '../forward-to.js';
import { AddressTable } from './address-table.js';
import type { IpvlanDevice } from './device.js';
import { L3sDomain } from './l3s.js';

/** Frames to groups that may wait. Linux: IPVLAN_QBACKLOG_LIMIT */
const QUEUE_LIMIT = 1000;
const MAPPED = 0xffff;
const FIRST_DEVICE_ID = 1;

/** What all ipvlans of one device share (struct ipvl_port): mode and flags are of all of them. */
export class IpvlanPort {
  readonly lower: NetDevice;
  devices: readonly IpvlanDevice[] = [];
  /** Those that are up, by their addresses. */
  readonly byAddress: AddressTable<IpvlanDevice>;
  mode = IPVLAN_MODE_L3;
  flags = 0;
  #queueHead: PacketBuffer | null = null;
  #queueTail: PacketBuffer | null = null;
  #queueLength = 0;
  readonly #handler: RxHandler;
  readonly #work = () => this.#processGroups();

  constructor(lower: NetDevice, handler: RxHandler) {
    this.lower = lower;
    this.#handler = handler;
    this.byAddress = new AddressTable(lower.stack.hashSeed);
    lower.port = this;
    lower.rxHandler = this.#handler;
  }

  get isPrivate(): boolean {
    return (this.flags & IPVLAN_F_PRIVATE) !== 0;
  }

  get isVepa(): boolean {
    return (this.flags & IPVLAN_F_VEPA) !== 0;
  }

  /** Tells apart the interface identifiers of devices with one link-layer address. */
  freeDeviceId(): number {
    let id = FIRST_DEVICE_ID;
    while (this.devices.some((device) => device.deviceId === id)) id++;
    return id;
  }

  // Linux: ipvlan_set_port_mode()
  setMode(mode: number): void {
    if (mode === this.mode) return;
    for (const device of this.devices) {
      const flags = deviceFlags(device);
      changeFlags(device, mode === IPVLAN_MODE_L2 ? flags & ~IFF_NOARP : flags | IFF_NOARP);
    }
    this.mode = mode;
    this.lower.l3 = mode === IPVLAN_MODE_L3S ? new L3sDomain(this) : null;
  }

  destroy(): void {
    const { lower } = this;
    lower.rxHandler = null;
    lower.port = null;
    lower.l3 = null;
    for (let skb = this.#queueHead; skb !== null; ) {
      const { next } = skb;
      skb.next = null;
      lower.stack.drop(skb, DropReason.DEV_READY);
      skb = next;
    }
    this.#queueHead = null;
  }

  /**
   * The device that has the destination of the packet, network header at `at` - of ARP the target, of a question for a duplicate
   * the address asked for. `bySource`: that has its source. Linux: ipvlan_get_L3_hdr(), ipvlan_addr_lookup()
   */
  owner(skb: PacketBuffer, at: number, bySource: boolean): IpvlanDevice | null {
    const v = skb.view;
    const have = skb.tail - at;
    if (skb.protocol === ETH_P_IP) {
      if (have < ip.HEADER || v.getUint8(at) >>> 4 !== 4) return null;
      return this.byAddress.find(0, 0, MAPPED, bySource ? ip.source(v, at) : ip.destination(v, at));
    }
    if (skb.protocol === ETH_P_ARP) {
      if (have < arp.PACKET) return null;
      return this.byAddress.find(0, 0, MAPPED, bySource ? arp.sender(v, at) : arp.target(v, at));
    }
    if (skb.protocol !== ETH_P_IPV6 || have < ip6.HEADER) return null;
    const address = bySource ? at + ip6.SOURCE : isDuplicateQuestion(v, at, have) ? at + ip6.HEADER + icmpv6.HEADER : at + ip6.DESTINATION;
    return this.byAddress.find(v.getUint32(address), v.getUint32(address + 4), v.getUint32(address + 8), v.getUint32(address + 12));
  }

  /**
   * A frame to a group; owns it, and copies go to those concerned behind what goes on now. `sent`: by one of the devices, link header at
   * `skb.data`; it leaves afterwards. Linux: ipvlan_multicast_enqueue()
   */
  enqueueGroup(skb: PacketBuffer, sent: IpvlanDevice | null): void {
    const { stack } = this.lower;
    if (this.#queueLength >= QUEUE_LIMIT) {
      this.lower.statistics.rxDropped++;
      stack.drop(skb, DropReason.CPU_BACKLOG);
      return;
    }
    skb.next = null;
    skb.cb0 = sent === null ? 0 : 1;
    if (sent !== null) skb.device = sent;
    if (this.#queueTail === null) this.#queueHead = skb;
    else this.#queueTail.next = skb;
    this.#queueTail = skb;
    if (this.#queueLength++ === 0) stack.defer(this.#work);
  }

  // Linux: ipvlan_process_multicast()
  #processGroups(): void {
    let skb = this.#queueHead;
    this.#queueHead = null;
    this.#queueTail = null;
    this.#queueLength = 0;
    while (skb !== null) {
      const next: PacketBuffer | null = skb.next;
      skb.next = null;
      this.#distribute(skb, skb.cb0 !== 0);
      skb = next;
    }
  }

  #distribute(skb: PacketBuffer, sent: boolean): void {
    const { lower, devices } = this;
    const { stack } = lower;
    const at = sent ? skb.data : skb.macHeader;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i]!;
      if ((sent && device === skb.device) || !device.up || !device.hears(skb, at)) continue;
      const bytes = skb.length + device.hardHeaderBytes;
      const copy = stack.pool.clone(skb);
      if (sent) forwardTo(device, copy);
      else {
        copy.device = device;
        copy.packetType = isBroadcast(copy.view, copy.macHeader) ? PACKET_BROADCAST : PACKET_MULTICAST;
        if (!stack.enqueue(copy)) stack.drop(copy, DropReason.CPU_BACKLOG);
      }
      device.countReceived(bytes, true);
    }
    if (!sent) {
      stack.consume(skb);
      return;
    }
    skb.device = lower;
    devQueueXmit(skb);
  }
}

/** A neighbour solicitation from ::. */
function isDuplicateQuestion(v: DataView, at: number, have: number): boolean {
  if (ip6.nextHeader(v, at) !== icmpv6.PROTOCOL || have < ip6.HEADER + icmpv6.HEADER + 16) return false;
  if (v.getUint8(at + ip6.HEADER) !== icmpv6.NEIGHBOUR_SOLICITATION) return false;
  const source = at + ip6.SOURCE;
  return (v.getUint32(source) | v.getUint32(source + 4) | v.getUint32(source + 8) | v.getUint32(source + 12)) === 0;
}
