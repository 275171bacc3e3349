import { tellFeatures, updateFeatures } from '../ethtool/features.js';
import { EADDRNOTAVAIL, EINVAL, ENETDOWN, ERANGE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC, IFF_SLAVE, IFF_UP } from '../../netlink/rtnl/constants.js';
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../netlink/rtnl/link/vlan.js';
import { ADDRESS_BYTES, isValidAddress, type as etherType } from '../../wire/ethernet.js';
import { VLAN_PRIO_SHIFT } from '../../wire/vlan.js';
import { NET_ADDR_STOLEN, type NetDevice } from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import { unregisterDevice } from '../core/device-registry.js';
import { addAllMulticast, addPromiscuity, changeFlags, deviceFlags, setCarrier, setMtu } from '../core/device-state.js';
import { DropReason } from '../core/drop-reason.js';
import { PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { netifReceive } from '../core/receive.js';
import { devQueueXmit } from '../core/transmit.js';
import { linkUpper, transferOperState, unlinkUpper } from '../core/upper-devices.js';
import { VlanGroup, type VlanReceiver } from '../core/vlan-group.js';
import { insertTag } from '../core/vlan-tag.js';
import { EthernetDevice } from '../ethernet/ethernet-device.js';

const VALID_FLAGS = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING | VLAN_FLAG_MVRP | VLAN_FLAG_BRIDGE_BINDING;
const NOT_INHERITED = IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_MASTER | IFF_SLAVE;
const PRIORITIES = 8;

/** One VLAN of the device below: what it sends leaves there with its tag, what comes in there with its tag is its own. */
export class VlanDevice extends EthernetDevice implements VlanReceiver {
  readonly lower: NetDevice;
  readonly id: number;
  readonly protocol: number;
  vlanFlags = VLAN_FLAG_REORDER_HDR;
  /** skb.priority by the tag's priority. */
  readonly ingress = new Uint32Array(PRIORITIES);
  /** The tag's priority by skb.priority, pairs. */
  readonly egressFrom: number[] = [];
  readonly egressTo: number[] = [];
  /** Asked of the device below because it was asked of this one. */
  #promiscuous = false;
  #allMulticast = false;
  /** It has stood upon the device below. */
  #linked = false;

  constructor(lower: NetDevice, name: string, id: number, protocol: number) {
    super(lower.stack, name);
    this.lower = lower;
    this.link = lower;
    this.id = id;
    this.protocol = protocol;
    this.minMtu = 0;
    this.maxMtu = 65_535;
    this.mtu = lower.mtu;
    this.noQueue = true;
    this.filtersUnicast = true;
    this.liveAddressChange = true;
    this.broadcast = lower.broadcast.slice();
    this.address = lower.address.slice();
    this.addressAssignType = NET_ADDR_STOLEN;
    this.features = lower.features;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.tsoMaxSegments = lower.tsoMaxSegments;
    this.hardHeaderBytes = lower.hardHeaderBytes;
    this.type = lower.type;
  }

  override lowerFeaturesChanged(): void {
    if (updateFeatures(this)) tellFeatures(this);
  }

  override lowerVlansChanged(): void {
    if (this.#follows(VLAN_FLAG_BRIDGE_BINDING)) this.#followState();
  }

  /** Takes its place upon the device below, once it has an ifindex. Linux: register_vlan_dev(), vlan_dev_init() */
  attach(): void {
    const { lower } = this;
    linkUpper(lower, this);
    this.#linked = true;
    lower.vlans ??= new VlanGroup();
    lower.vlans.set(this.protocol, this.id, this);
    this.flags = (this.flags & IFF_UP) | (lower.flags & ~NOT_INHERITED);
    this.carrier = false;
    this.#followState();
  }

  /** IFLA_VLAN_FLAGS. EINVAL. Linux: vlan_dev_change_flags() */
  changeVlanFlags(flags: number, mask: number): void {
    if ((mask & ~VALID_FLAGS) !== 0) fail(EINVAL);
    const old = this.vlanFlags;
    this.vlanFlags = (old & ~mask) | (flags & mask);
    // Linux (since 6.14): br_vlan_vlan_upper_event()
    if (this.#linked && ((old ^ this.vlanFlags) & VLAN_FLAG_BRIDGE_BINDING) !== 0) this.#followState();
  }

  mapIngress(tagPriority: number, priority: number): void {
    this.ingress[tagPriority & (PRIORITIES - 1)] = priority;
  }

  mapEgress(priority: number, tagPriority: number): void {
    const at = this.egressFrom.indexOf(priority);
    if (at >= 0) this.egressTo[at] = tagPriority;
    else {
      this.egressFrom.push(priority);
      this.egressTo.push(tagPriority);
    }
  }

  // Linux: vlan_dev_open()
  override open(): void {
    const { lower } = this;
    if (!lower.up && !this.#follows(VLAN_FLAG_LOOSE_BINDING)) fail(ENETDOWN);
    if (lower.carrier && !this.#follows(VLAN_FLAG_BRIDGE_BINDING)) setCarrier(this, true);
    this.#askBelow((this.flags & IFF_PROMISC) !== 0, (this.flags & IFF_ALLMULTI) !== 0);
  }

  // Linux: vlan_dev_stop()
  override stop(): void {
    this.#askBelow(false, false);
    if (!this.#follows(VLAN_FLAG_BRIDGE_BINDING)) setCarrier(this, false);
  }

  override rxModeChanged(): void {
    if (this.up) this.#askBelow((this.flags & IFF_PROMISC) !== 0, (this.flags & IFF_ALLMULTI) !== 0);
  }

  // Linux: vlan_dev_change_mtu()
  override setMtu(mtu: number): void {
    if (mtu > this.lower.mtu) fail(ERANGE);
    super.setMtu(mtu);
  }

  // Linux: vlan_dev_set_mac_address()
  override setAddress(address: Uint8Array): void {
    if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
    this.address = address;
  }

  // Linux: vlan_dev_hard_start_xmit()
  transmit(skb: PacketBuffer): void {
    const bytes = skb.length;
    const tagged = etherType(skb.view, skb.data) === this.protocol && (this.vlanFlags & VLAN_FLAG_REORDER_HDR) === 0;
    // A tag of a VLAN upon this one goes into the frame, behind the one that comes now.
    if (!tagged && skb.vlanTci >= 0 && !insertTag(skb)) {
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.NOMEM);
      return;
    }
    if (!tagged) {
      skb.vlanTci = this.id | this.#tagPriority(skb.priority);
      skb.vlanProtocol = this.protocol;
    }
    skb.device = this.lower;
    if (devQueueXmit(skb) !== 0) {
      this.statistics.txDropped++;
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
  }

  // Linux: vlan_do_receive()
  receiveTagged(skb: PacketBuffer): void {
    if (!this.up) {
      this.stack.drop(skb, DropReason.DEV_READY);
      return;
    }
    skb.device = this;
    if (skb.packetType === PACKET_OTHERHOST && this.#isOurs(skb)) skb.packetType = PACKET_HOST;
    skb.priority = this.ingress[(skb.vlanTci >>> VLAN_PRIO_SHIFT) & (PRIORITIES - 1)]!;
    skb.vlanTci = -1;
    this.statistics.rxPackets++;
    this.statistics.rxBytes += skb.length;
    if (skb.packetType === PACKET_MULTICAST) this.statistics.multicast++;
    netifReceive(skb);
  }

  // Linux: vlan_device_event()
  override lowerEvent(event: DeviceEvent): void {
    const { lower } = this;
    if (event.device !== lower) return;
    switch (event.type) {
      case 'carrier':
        this.#followState();
        break;
      case 'address':
        if (this.addressAssignType === NET_ADDR_STOLEN) this.#inheritAddress();
        break;
      case 'mtu':
        if (this.mtu > lower.mtu) setMtu(this, lower.mtu);
        break;
      case 'down':
        if (!this.up) break;
        if (!this.#follows(VLAN_FLAG_LOOSE_BINDING)) changeFlags(this, deviceFlags(this) & ~IFF_UP);
        this.#followState();
        break;
      case 'up':
        if (!this.up && !this.#follows(VLAN_FLAG_LOOSE_BINDING)) changeFlags(this, deviceFlags(this) | IFF_UP);
        this.#followState();
        break;
      case 'notifyPeers':
      case 'bondingFailover':
      case 'resendIgmp':
        this.namespace.deviceEvents.notify({ type: event.type, device: this });
        break;
      case 'unregister':
        // One that only moves to another namespace stays below.
        if (!lower.registered) unregisterDevice(this);
        break;
    }
  }

  override unregistered(): void {
    if (!this.#linked) return;
    const { lower } = this;
    unlinkUpper(lower, this);
    lower.vlans?.set(this.protocol, this.id, null);
    if (lower.vlans?.count === 0) lower.vlans = null;
  }

  #follows(flag: number): boolean {
    return (this.vlanFlags & flag) !== 0;
  }

  /** The state of the device below; bound to a bridge, that of the ports in this VLAN. Linux: br_vlan_set_vlan_dev_state() */
  #followState(): void {
    const { lower } = this;
    if (!this.#follows(VLAN_FLAG_BRIDGE_BINDING)) transferOperState(lower, this);
    else setCarrier(this, lower.vlanCarrier(this.id) ?? this.carrier);
  }

  #inheritAddress(): void {
    this.address = this.lower.address.slice();
    this.namespace.deviceEvents.notify({ type: 'address', device: this });
  }

  #tagPriority(priority: number): number {
    const at = this.egressFrom.indexOf(priority);
    return at < 0 ? 0 : (this.egressTo[at]! & (PRIORITIES - 1)) << VLAN_PRIO_SHIFT;
  }

  #isOurs(skb: PacketBuffer): boolean {
    const { bytes, macHeader } = skb;
    for (let i = 0; i < ADDRESS_BYTES; i++) if (bytes[macHeader + i] !== this.address[i]) return false;
    return true;
  }

  // Linux: vlan_dev_change_rx_flags()
  #askBelow(promiscuous: boolean, allMulticast: boolean): void {
    const { lower } = this;
    if (promiscuous !== this.#promiscuous) {
      this.#promiscuous = promiscuous;
      addPromiscuity(lower, promiscuous ? 1 : -1);
    }
    if (allMulticast !== this.#allMulticast) {
      this.#allMulticast = allMulticast;
      addAllMulticast(lower, allMulticast ? 1 : -1);
    }
  }
}
