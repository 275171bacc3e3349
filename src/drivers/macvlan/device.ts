import { tellFeatures, updateFeatures } from '../../net/ethtool/features.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { macvlanEthtool } from '../ethtool/macvlan.js';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_REPLACE } from '../../netlink/constants.js';
import { IFF_ALLMULTI, IFF_PROMISC } from '../../netlink/rtnl/constants.js';
import {
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_SOURCE,
} from '../../netlink/rtnl/link/macvlan.js';
import { addUnicastAddress, removeUnicastAddress, sameLinkAddress } from '../../net/core/device-addresses.js';
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
import { addAllMulticast, addPromiscuity, setAddress, setMtu } from '../../net/core/device-state.js';
import { fireLinkWatch } from '../../net/core/link-watch.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { devQueueXmit } from '../../net/core/transmit.js';
import { linkUpper, transferOperState, unlinkUpper } from '../../net/core/upper-devices.js';
import { MulticastSync } from '../../net/core/multicast-sync.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { MacTable } from '../../net/ethernet/mac-table.js';
import { isBroadcast, isMulticast, isValidAddress } from '../../wire/ethernet.js';
import { forwardTo } from '../forward-to.js';
import { MacvlanPort } from './port.js';
import { handleFrame } from './receive.js';

const DEFAULT_BROADCAST_QUEUE = 1000;
const MIN_MTU = 68;

/** A device with an address of its own upon another: frames to that address are its (drivers/net/macvlan.c). */
export class MacvlanDevice extends EthernetDevice {
  override ethtool: EthtoolOps = macvlanEthtool;
  readonly lower: NetDevice;
  readonly macvlanPort: MacvlanPort;
  /** MACVLAN_MODE_* */
  mode: number;
  /** MACVLAN_FLAG_* */
  macvlanFlags: number;
  /** IFLA_MACVLAN_BC_QUEUE_LEN: how many frames to groups it would have wait. */
  broadcastQueueRequest = DEFAULT_BROADCAST_QUEUE;
  /** Asked of the device below because it was asked of this one. */
  #promiscuous = false;
  #allMulticast = false;
  #linked = false;
  /** The groups that it listens to. */
  #heard: MacTable<true>;
  readonly #groups: MulticastSync;

  constructor(lower: NetDevice, name: string, mode: number, flags: number) {
    super(lower.stack, name);
    this.lower = lower;
    this.link = lower;
    this.mode = mode;
    this.macvlanFlags = flags;
    this.minMtu = MIN_MTU;
    this.maxMtu = lower.maxMtu;
    this.mtu = lower.mtu;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.filtersUnicast = true;
    // What the device below does not do by itself is done when the frame gets there.
    this.features = lower.features | NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.tsoMaxSegments = lower.tsoMaxSegments;
    this.#heard = new MacTable(lower.stack.hashSeed);
    this.#groups = new MulticastSync(this, lower);
    this.macvlanPort = lower.port instanceof MacvlanPort ? lower.port : new MacvlanPort(lower, handleFrame);
  }

  override lowerFeaturesChanged(): void {
    if (updateFeatures(this)) tellFeatures(this);
  }

  /** Takes its place upon the device below, once it has an ifindex. Linux: macvlan_common_newlink() */
  attach(): void {
    const { lower, macvlanPort } = this;
    linkUpper(lower, this);
    this.#linked = true;
    macvlanPort.devices = [...macvlanPort.devices, this];
    transferOperState(lower, this);
    fireLinkWatch(this);
  }

  /** EADDRINUSE. Linux: macvlan_open() */
  override open(): void {
    super.open();
    const { lower, macvlanPort } = this;
    if (macvlanPort.passthru) {
      if ((this.macvlanFlags & MACVLAN_FLAG_NOPROMISC) === 0) addPromiscuity(lower, 1);
    } else {
      if (this.#isTaken(this.address)) fail(EADDRINUSE);
      addUnicastAddress(lower, this.address);
      this.#askBelow((this.flags & IFF_PROMISC) !== 0, (this.flags & IFF_ALLMULTI) !== 0);
    }
    macvlanPort.byAddress.set(this.address, this);
  }

  // Linux: macvlan_stop()
  override stop(): void {
    const { lower, macvlanPort } = this;
    this.#groups.unsync();
    if (macvlanPort.passthru) {
      if ((this.macvlanFlags & MACVLAN_FLAG_NOPROMISC) === 0) addPromiscuity(lower, -1);
    } else {
      this.#askBelow(false, false);
      removeUnicastAddress(lower, this.address);
    }
    macvlanPort.byAddress.delete(this.address);
  }

  // Linux: macvlan_change_rx_flags(), macvlan_set_mac_lists()
  override rxModeChanged(): void {
    if (!this.up) return;
    this.#askBelow((this.flags & IFF_PROMISC) !== 0, (this.flags & IFF_ALLMULTI) !== 0);
    this.#groups.sync();
    this.#heard = new MacTable(this.stack.hashSeed);
    for (const { address } of this.multicastList.groups) this.#heard.set(address, true);
  }

  /** EOPNOTSUPP. Linux: macvlan_fdb_add(), macvlan_fdb_del() */
  override readonly checkFilterAddress = (address: Uint8Array, nlFlags: number): void => {
    if ((nlFlags & NLM_F_REPLACE) !== 0) fail(EOPNOTSUPP);
    if (!this.macvlanPort.passthru && !isMulticast(address)) fail(EOPNOTSUPP);
  };

  // Linux: macvlan_change_mtu()
  override setMtu(mtu: number): void {
    if (mtu > this.lower.mtu) fail(EINVAL);
    super.setMtu(mtu);
  }

  /** EADDRNOTAVAIL, EADDRINUSE. Linux: macvlan_set_mac_address() */
  override setAddress(address: Uint8Array): void {
    if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
    if (sameLinkAddress(address, this.address)) return;
    if (this.mode === MACVLAN_MODE_PASSTHRU) {
      this.macvlanPort.changingAddress = true;
      try {
        setAddress(this.lower, address);
      } finally {
        this.macvlanPort.changingAddress = false;
      }
      return;
    }
    if (this.#isTaken(address)) fail(EADDRINUSE);
    this.#takeAddress(address);
  }

  /** IFLA_MACVLAN_FLAGS of a device that is there. */
  changeFlags(flags: number): void {
    const changed = flags ^ this.macvlanFlags;
    if (this.macvlanPort.passthru && (changed & MACVLAN_FLAG_NOPROMISC) !== 0)
      addPromiscuity(this.lower, (flags & MACVLAN_FLAG_NOPROMISC) !== 0 ? -1 : 1);
    this.macvlanFlags = flags;
  }

  /** IFLA_MACVLAN_MODE: EINVAL into or out of passthru. */
  changeMode(mode: number): void {
    if ((mode === MACVLAN_MODE_PASSTHRU) !== (this.mode === MACVLAN_MODE_PASSTHRU)) fail(EINVAL);
    if (this.mode === MACVLAN_MODE_SOURCE && mode !== this.mode) this.macvlanPort.sources.flush(this);
    this.mode = mode;
  }

  // Linux: macvlan_start_xmit(), macvlan_queue_xmit()
  transmit(skb: PacketBuffer): void {
    const { lower, macvlanPort } = this;
    const bytes = skb.length;
    let failed = false;
    if (this.mode === MACVLAN_MODE_BRIDGE && !isMulticast(skb.bytes, skb.data) && this.#toSibling(skb)) {
      // The sibling has it.
    } else {
      if (this.mode === MACVLAN_MODE_BRIDGE && isMulticast(skb.bytes, skb.data)) macvlanPort.flood(skb, this, MACVLAN_MODE_BRIDGE, true);
      skb.device = lower;
      failed = devQueueXmit(skb) !== 0;
    }
    if (failed) {
      this.statistics.txDropped++;
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
  }

  /** By way of the device below, whose taps see it. */
  #toSibling(skb: PacketBuffer): boolean {
    const sibling = this.macvlanPort.byAddress.find(skb.bytes, skb.data);
    if (sibling === null || sibling.mode !== MACVLAN_MODE_BRIDGE) return false;
    forwardTo(this.lower, skb);
    return true;
  }

  /** Whether a frame to a group, link header at `at`, is for it. */
  hears(skb: PacketBuffer, at: number): boolean {
    if ((this.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0 || isBroadcast(skb.view, at)) return true;
    return this.#heard.find(skb.bytes, at) !== null;
  }

  // Linux: macvlan_count_rx()
  countReceived(bytes: number, group: boolean): void {
    this.statistics.rxPackets++;
    this.statistics.rxBytes += bytes;
    if (group) this.statistics.multicast++;
  }

  // Linux: macvlan_device_event()
  override lowerEvent(event: DeviceEvent): void {
    const { lower } = this;
    if (event.device !== lower) return;
    switch (event.type) {
      case 'up':
      case 'down':
      case 'carrier':
        transferOperState(lower, this);
        break;
      case 'mtu':
        if (this.mtu > lower.mtu) setMtu(this, lower.mtu);
        break;
      case 'address':
        if (!this.macvlanPort.passthru) break;
        this.#takeAddress(lower.address.slice());
        if (!this.macvlanPort.changingAddress) this.namespace.deviceEvents.notify({ type: 'address', device: this });
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
    const { lower, macvlanPort } = this;
    if (this.#linked) unlinkUpper(lower, this);
    macvlanPort.sources.flush(this);
    macvlanPort.devices = macvlanPort.devices.filter((other) => other !== this);
    if (macvlanPort.devices.length === 0) macvlanPort.destroy();
  }

  // Linux: macvlan_sync_address()
  #takeAddress(address: Uint8Array): void {
    const { lower, macvlanPort } = this;
    if (this.up) {
      if (!macvlanPort.passthru) {
        addUnicastAddress(lower, address);
        removeUnicastAddress(lower, this.address);
      }
      macvlanPort.byAddress.delete(this.address);
      macvlanPort.byAddress.set(address, this);
    }
    this.address = address;
  }

  // Linux: macvlan_addr_busy()
  #isTaken(address: Uint8Array): boolean {
    const { lower, macvlanPort } = this;
    if (!macvlanPort.passthru && sameLinkAddress(lower.address, address)) return true;
    return macvlanPort.byAddress.find(address) !== null;
  }

  #askBelow(promiscuous: boolean, allMulticast: boolean): void {
    const { lower, macvlanPort } = this;
    if (promiscuous !== this.#promiscuous && !macvlanPort.passthru) {
      this.#promiscuous = promiscuous;
      addPromiscuity(lower, promiscuous ? 1 : -1);
    }
    if (allMulticast !== this.#allMulticast) {
      this.#allMulticast = allMulticast;
      addAllMulticast(lower, allMulticast ? 1 : -1);
    }
  }
}
