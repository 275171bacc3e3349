import { tellFeatures, updateFeatures } from '../../net/ethtool/features.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { ipvlanEthtool } from '../ethtool/macvlan.js';
import { EADDRINUSE, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC } from '../../netlink/rtnl/constants.js';
import { IPVLAN_MODE_L2 } from '../../netlink/rtnl/link/ipvlan.js';
import { sameLinkAddress } from '../../net/core/device-addresses.js';
import {
  type NetDevice,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
} from '../../net/core/device.js';
import type { DeviceEvent } from '../../net/core/device-event.js';
import { unregisterDevice } from '../../net/core/device-registry.js';
import { addAllMulticast } from '../../net/core/device-state.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { scrub } from '../../net/core/forward.js';
import { MulticastSync } from '../../net/core/multicast-sync.js';
import { PACKET_HOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { devQueueXmit } from '../../net/core/transmit.js';
import { linkUpper, transferOperState, unlinkUpper } from '../../net/core/upper-devices.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { MacTable } from '../../net/ethernet/mac-table.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import * as ethernet from '../../wire/ethernet.js';
import { forwardTo } from '../forward-to.js';
import { outbound } from './outbound.js';
import { IpvlanPort } from './port.js';
import { handleFrame } from './receive.js';

const MAX_MTU = 65_535;
const mapped = (address: number): Uint32Array => Uint32Array.of(0, 0, 0xffff, address);

/** A device that shares the link-layer address of the one below: packets to its IP addresses are its (drivers/net/ipvlan). */
export class IpvlanDevice extends EthernetDevice {
  override ethtool: EthtoolOps = ipvlanEthtool;
  readonly lower: NetDevice;
  readonly ipvlanPort: IpvlanPort;
  #allMulticast = false;
  #linked = false;
  #stopListening: (() => void)[] = [];
  /** Its addresses that are in the port's table. */
  #listed: Uint32Array[] = [];
  #heard: MacTable<true>;
  readonly #groups: MulticastSync;

  constructor(lower: NetDevice, name: string) {
    super(lower.stack, name);
    this.lower = lower;
    this.link = lower;
    this.maxMtu = MAX_MTU;
    this.mtu = lower.mtu;
    this.noQueue = true;
    this.filtersUnicast = true;
    this.address = lower.address.slice();
    this.permanentAddress = this.address.slice();
    // What the device below does not do by itself is done when the packet gets there.
    this.features = lower.features | NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.tsoMaxSegments = lower.tsoMaxSegments;
    this.#heard = new MacTable(lower.stack.hashSeed);
    this.#groups = new MulticastSync(this, lower);
    this.ipvlanPort = lower.port instanceof IpvlanPort ? lower.port : new IpvlanPort(lower, handleFrame);
    this.deviceId = this.ipvlanPort.freeDeviceId();
  }

  override lowerFeaturesChanged(): void {
    if (updateFeatures(this)) tellFeatures(this);
  }

  /** Takes its place upon the device below, whose ipvlans all get `mode`. Linux: ipvlan_link_new() */
  attach(mode: number, flags: number | undefined): void {
    const { lower, ipvlanPort } = this;
    linkUpper(lower, this);
    this.#linked = true;
    if (flags !== undefined) ipvlanPort.flags = flags;
    ipvlanPort.setMode(mode);
    ipvlanPort.devices = [...ipvlanPort.devices, this];
    transferOperState(lower, this);
  }

  // Linux: ipvlan_open(), and the chains of address events
  override open(): void {
    this.flags = this.ipvlanPort.mode === IPVLAN_MODE_L2 ? this.flags & ~IFF_NOARP : this.flags | IFF_NOARP;
    for (const { local } of this.ipv4?.addresses ?? []) this.#list(mapped(local));
    for (const { address } of this.ipv6?.addresses ?? []) this.#list(address);
    const { namespace } = this;
    this.#stopListening = [
      ipv4Routes(namespace).addresses.events.subscribe(({ type, address }) => {
        if (address.device === this) this.#addressChanged(mapped(address.local), type === 'new');
      }),
      namespace.ipv6.addresses.events.subscribe(({ type, address }) => {
        if (address.owner.device === this) this.#addressChanged(address.address, type === 'new');
      }),
    ];
  }

  // Linux: ipvlan_stop()
  override stop(): void {
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#groups.unsync();
    for (const address of this.#listed.splice(0)) this.ipvlanPort.byAddress.delete(address);
  }

  /** EADDRINUSE. Linux: ipvlan_addr4_validator_event(), ipvlan_addr6_validator_event() */
  override checkNewAddress(family4: number | null, address6: Uint32Array | null): void {
    for (const { ipv4, ipv6 } of this.ipvlanPort.devices) {
      const taken =
        address6 === null
          ? ipv4?.addresses.some(({ local }) => local === family4)
          : ipv6?.addresses.some(({ address }) => address.every((word, i) => word === address6[i]));
      if (taken === true) fail(EADDRINUSE, 'Address already assigned to an ipvlan device');
    }
  }

  // Linux: it has no ndo_set_mac_address.
  override setAddress(): void {
    fail(EOPNOTSUPP);
  }

  // Linux: ipvlan_change_rx_flags(), ipvlan_set_multicast_mac_filter()
  override rxModeChanged(): void {
    const wanted = (this.flags & IFF_ALLMULTI) !== 0;
    if (wanted !== this.#allMulticast) {
      this.#allMulticast = wanted;
      addAllMulticast(this.lower, wanted ? 1 : -1);
    }
    if (!this.up) return;
    this.#groups.sync();
    this.#heard = new MacTable(this.stack.hashSeed);
    for (const { address } of this.multicastList.groups) this.#heard.set(address, true);
  }

  /** Whether a frame to a group, link header at `at`, is for it. */
  hears(skb: PacketBuffer, at: number): boolean {
    if ((this.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0 || ethernet.isBroadcast(skb.view, at)) return true;
    return this.#heard.find(skb.bytes, at) !== null;
  }

  countReceived(bytes: number, group: boolean): void {
    this.statistics.rxPackets++;
    this.statistics.rxBytes += bytes;
    if (group) this.statistics.multicast++;
  }

  // Linux: ipvlan_start_xmit(), ipvlan_queue_xmit()
  transmit(skb: PacketBuffer): void {
    const bytes = skb.length;
    const sent = this.ipvlanPort.mode === IPVLAN_MODE_L2 ? this.#transmitL2(skb) : this.#transmitL3(skb);
    if (!sent) {
      this.statistics.txDropped++;
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
  }

  // Linux: ipvlan_xmit_mode_l3()
  #transmitL3(skb: PacketBuffer): boolean {
    const { ipvlanPort } = this;
    if (!ipvlanPort.isVepa) {
      const owner = ipvlanPort.owner(skb, skb.data + ethernet.HEADER, false);
      if (owner !== null) return this.#toSibling(owner, skb);
    }
    return outbound(this, skb);
  }

  // Linux: ipvlan_xmit_mode_l2()
  #transmitL2(skb: PacketBuffer): boolean {
    const { ipvlanPort, lower } = this;
    if (!ipvlanPort.isVepa && isToItself(skb)) {
      const owner = ipvlanPort.owner(skb, skb.data + ethernet.HEADER, false);
      if (owner !== null) return this.#toSibling(owner, skb);
      // Nobody's but the device's below.
      forwardTo(lower, skb);
      return true;
    }
    if (ethernet.isMulticast(skb.bytes, skb.data)) {
      const { protocol } = skb;
      scrub(this.stack.pool, skb, lower.namespace !== this.namespace);
      skb.protocol = protocol;
      skb.macHeader = skb.data;
      ipvlanPort.enqueueGroup(skb, this);
      return true;
    }
    skb.device = lower;
    return devQueueXmit(skb) === 0;
  }

  // Linux: ipvlan_rcv_frame()
  #toSibling(owner: IpvlanDevice, skb: PacketBuffer): boolean {
    if (this.ipvlanPort.isPrivate) {
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return false;
    }
    const bytes = skb.length + owner.hardHeaderBytes;
    skb.packetType = PACKET_HOST;
    if (forwardTo(owner, skb)) owner.countReceived(bytes, false);
    return true;
  }

  // Linux: ipvlan_device_event()
  override lowerEvent(event: DeviceEvent): void {
    const { lower } = this;
    if (event.device !== lower) return;
    switch (event.type) {
      case 'carrier':
        transferOperState(lower, this);
        break;
      case 'mtu':
        this.mtu = lower.mtu;
        break;
      case 'address':
        if (sameLinkAddress(this.address, lower.address)) break;
        this.address = lower.address.slice();
        this.namespace.deviceEvents.notify({ type: 'address', device: this });
        break;
      case 'unregister':
        // One that only moves to another namespace stays below.
        if (!lower.registered) unregisterDevice(this);
        break;
    }
  }

  override abandoned(): void {
    this.unregistered();
  }

  override unregistered(): void {
    const { lower, ipvlanPort } = this;
    if (this.#linked) unlinkUpper(lower, this);
    ipvlanPort.devices = ipvlanPort.devices.filter((other) => other !== this);
    if (ipvlanPort.devices.length === 0) ipvlanPort.destroy();
  }

  #addressChanged(address: Uint32Array, there: boolean): void {
    if (there) this.#list(address);
    else {
      this.#listed = this.#listed.filter((other) => other.some((word, i) => word !== address[i]));
      this.ipvlanPort.byAddress.delete(address);
    }
  }

  #list(address: Uint32Array): void {
    const { byAddress } = this.ipvlanPort;
    if (byAddress.find(address[0]!, address[1]!, address[2]!, address[3]!) !== null) return;
    const words = address.slice();
    this.#listed.push(words);
    byAddress.set(words, this);
  }
}

/** From a link-layer address to the same one. */
function isToItself(skb: PacketBuffer): boolean {
  const { bytes, data } = skb;
  for (let i = 0; i < ethernet.ADDRESS_BYTES; i++) if (bytes[data + i] !== bytes[data + 6 + i]) return false;
  return true;
}
