import { tellFeatures, updateFeatures } from '../ethtool/features.js';
import { EADDRNOTAVAIL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import { ETH_P_8021Q, HEADER, isValidAddress } from '../../wire/ethernet.js';
import {
  NET_ADDR_SET,
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
} from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Stack } from '../core/stack.js';
import { EthernetDevice } from '../ethernet/ethernet-device.js';
import { STP_GROUP_ADDRESS } from './bpdu.js';
import { type BridgeId, newBridgeId } from './bridge-id.js';
import { equalBytes } from './equal.js';
import { FDB_EXT_LEARNED, FDB_LOCAL, FDB_STATIC, ForwardingTable } from './fdb.js';
import { sendFromBridge } from './forward.js';
import { loadBridgeModule } from './loaded.js';
import { operational, portEvent, releasePort } from './members.js';
import { BridgeMulticast } from './multicast/snooping.js';
import type { BridgePort } from './port.js';
import { after, becomeDesignatedPort, configBpduGeneration, disablePort, enablePort, identifierChanged, isRootBridge } from './stp.js';
import { helloExpired, tcnExpired, topologyChangeExpired } from './stp-timers.js';
import { CENTISECOND_US } from './units.js';
import { deleteAllVlans } from './vlans.js';
import { VlanSet } from './vlan-set.js';

/** 802.1D table 8-3: the middle of all priorities. */
const DEFAULT_PRIORITY = 0x8000;

/** A bridge: a switch whose ports are other devices, and itself the host's own connection to it (struct net_bridge). */
export class BridgeDevice extends EthernetDevice {
  /** By their numbers, the newest first, as Linux's list has them. */
  ports: readonly BridgePort[] = [];
  readonly fdb: ForwardingTable;

  // Times in clock ticks of 10 ms: in use, and as this bridge would have them if it were the root.
  maxAge = 2000;
  helloTime = 200;
  forwardDelay = 1500;
  bridgeMaxAge = 2000;
  bridgeHelloTime = 200;
  bridgeForwardDelay = 1500;
  ageingTime = 30_000;

  stp = false;
  bridgeId: BridgeId = newBridgeId(DEFAULT_PRIORITY);
  designatedRoot: BridgeId = newBridgeId(DEFAULT_PRIORITY);
  /** Number of the port that leads to the root; 0: this is the root. */
  rootPort = 0;
  rootPathCost = 0;
  topologyChange = false;
  topologyChangeDetected = false;
  readonly helloTimer: Timer;
  readonly tcnTimer: Timer;
  readonly topologyChangeTimer: Timer;
  readonly ageingTimer: Timer;

  vlanFiltering = false;
  vlanProtocol = ETH_P_8021Q;
  defaultPvid = 1;
  vlanStatistics = false;
  vlanStatisticsPerPort = false;
  /** The VLANs of the host itself. */
  readonly vlanSet = new VlanSet();
  groupForwardMask = 0;
  groupAddress: Uint8Array = STP_GROUP_ADDRESS;
  noLinkLocalLearn = false;
  /** Some port suppresses questions for neighbours; some port, or that one, answers them. */
  suppressesNeighbours = false;
  proxiesNeighbours = false;
  readonly multicast: BridgeMulticast;
  /** br_netfilter of this bridge: IPv4, IPv6, ARP. */
  readonly nfCall = { iptables: 0, ip6tables: 0, arptables: 0 };
  /** The user has chosen the MTU: it does not follow the ports. */
  ownMtu = false;

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.maxMtu = 65_535;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.netnsLocal = true;
    this.features =
      NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO | NETIF_F_GRO | NETIF_F_HW_VLAN_TX;
    this.carrier = false;
    loadBridgeModule(stack);
    this.fdb = new ForwardingTable(stack.hashSeed);
    this.multicast = new BridgeMulticast(this);
    this.vlanSet.add(this.defaultPvid, true, true);
    this.multicast.addVlan(null, this.defaultPvid);
    this.helloTimer = new Timer(() => helloExpired(this));
    this.tcnTimer = new Timer(() => tcnExpired(this));
    this.topologyChangeTimer = new Timer(() => topologyChangeExpired(this));
    this.ageingTimer = new Timer(() => this.age());
  }

  portByNumber(number: number): BridgePort | undefined {
    return this.ports.find((port) => port.number === number);
  }

  override lowerFeaturesChanged(): void {
    if (updateFeatures(this)) tellFeatures(this);
  }

  /** Linux: br_vlan_set_vlan_dev_state() */
  override vlanCarrier(id: number): boolean {
    return this.ports.some((port) => port.vlans.has(id) && operational(port.device));
  }

  /** A port came up or went down, or joined or left a VLAN: VLAN devices upon the bridge may be bound to that. */
  tellVlanCarriers(): void {
    for (const upper of this.uppers) upper.lowerVlansChanged(this);
  }

  // Linux: br_stp_enable_bridge()
  override open(): void {
    if (this.stp) after(this, this.helloTimer, this.helloTime * CENTISECOND_US);
    after(this, this.ageingTimer, this.ageingTime * CENTISECOND_US);
    configBpduGeneration(this);
    for (const port of this.ports) if (operational(port.device)) enablePort(port);
    this.multicast.open();
  }

  // Linux: br_stp_disable_bridge()
  override stop(): void {
    this.multicast.stop();
    for (const port of this.ports) if (port.state !== 0) disablePort(port);
    this.topologyChange = false;
    this.topologyChangeDetected = false;
    for (const timer of [this.helloTimer, this.tcnTimer, this.topologyChangeTimer, this.ageingTimer]) this.stack.timers.cancel(timer);
  }

  transmit(skb: PacketBuffer): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += skb.length;
    skb.macHeader = skb.data;
    skb.pull(HEADER);
    sendFromBridge(this, skb);
  }

  override setMtu(mtu: number): void {
    super.setMtu(mtu);
    this.ownMtu = true;
  }

  // Linux: br_set_mac_address()
  override setAddress(address: Uint8Array): void {
    if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
    this.changeId(address);
  }

  /** The bridge's identifier and address are `address` now. Linux: br_stp_change_bridge_id() */
  changeId(address: Uint8Array): void {
    const wasRoot = isRootBridge(this);
    const designated = this.ports.filter((port) => equalBytes(port.designatedBridge, this.bridgeId));
    const roots = this.ports.filter((port) => equalBytes(port.designatedRoot, this.bridgeId));
    this.#exchangeAddress(address);
    this.bridgeId = this.bridgeId.slice();
    this.bridgeId.set(address, 2);
    this.address = address.slice();
    for (const port of designated) port.designatedBridge = this.bridgeId.slice();
    for (const port of roots) port.designatedRoot = this.bridgeId.slice();
    identifierChanged(this, wasRoot);
  }

  /** Linux: br_fdb_change_mac_address() */
  #exchangeAddress(address: Uint8Array): void {
    for (const vlan of [0, ...this.vlanSet.ids()]) {
      const slot = this.fdb.find(this.address, 0, vlan);
      if (slot >= 0 && this.fdb.port(slot) === null && (this.fdb.flags(slot) & FDB_LOCAL) !== 0) this.forgetLocal(slot);
      this.addLocal(null, address, vlan);
    }
  }

  /** Linux: br_stp_set_bridge_priority() */
  setPriority(priority: number): void {
    const wasRoot = isRootBridge(this);
    const own = this.ports.filter((port) => port.state !== 0 && equalBytes(port.designatedBridge, this.bridgeId));
    this.bridgeId = this.bridgeId.slice();
    this.bridgeId[0] = priority >>> 8;
    this.bridgeId[1] = priority & 0xff;
    for (const port of own) becomeDesignatedPort(port);
    identifierChanged(this, wasRoot);
  }

  /** An address of the host's own, in no VLAN and in those of `port` (null: the bridge). Linux: br_fdb_add_local() */
  addOwnAddress(port: BridgePort | null, address: Uint8Array): void {
    this.addLocal(port, address, 0);
    for (const id of (port?.vlans ?? this.vlanSet).ids()) this.addLocal(port, address, id);
  }

  addLocal(port: BridgePort | null, address: Uint8Array, vlan: number): void {
    if (!isValidAddress(address)) return;
    const slot = this.fdb.find(address, 0, vlan);
    if (slot >= 0) {
      if ((this.fdb.flags(slot) & FDB_LOCAL) !== 0) return;
      this.removeSlot(slot);
    }
    this.announceSlot(this.fdb.insert(address, 0, vlan, port, FDB_LOCAL | FDB_STATIC, this.stack.nowUs));
  }

  /** All that is behind a port, or in the host (null), the newest first. Linux: br_fdb_delete_by_port() */
  forgetPort(port: BridgePort | null): void {
    for (const slot of this.fdb.newestFirst()) {
      if (this.fdb.port(slot) !== port) continue;
      if ((this.fdb.flags(slot) & FDB_LOCAL) !== 0) this.forgetLocal(slot);
      else this.removeSlot(slot);
    }
  }

  /** Takes a local address away, unless another port or the bridge has it as well. Linux: fdb_delete_local() */
  forgetLocal(slot: number): void {
    const { address, port, vlan } = this.fdb.entry(slot);
    const other = this.ports.find(
      (candidate) => candidate !== port && equalBytes(candidate.device.address, address) && (vlan === 0 || candidate.vlans.has(vlan)),
    );
    if (other !== undefined) this.fdb.setPort(slot, other);
    else if (port !== null && equalBytes(this.address, address) && (vlan === 0 || this.vlanSet.has(vlan))) this.fdb.setPort(slot, null);
    else this.removeSlot(slot);
  }

  removeSlot(slot: number): void {
    const entry = this.fdb.entry(slot);
    this.fdb.remove(slot);
    this.namespace.bridgeEvents.notify({ type: 'fdbDelete', bridge: this, entry });
  }

  announceSlot(slot: number): void {
    if (this.registered) this.namespace.bridgeEvents.notify({ type: 'fdbNew', bridge: this, entry: this.fdb.entry(slot) });
  }

  /** What was learned at `port`, or at all ports (null). */
  forgetLearned(port: BridgePort | null): void {
    for (const slot of this.fdb.slots())
      if ((port === null || this.fdb.port(slot) === port) && (this.fdb.flags(slot) & FDB_STATIC) === 0) this.removeSlot(slot);
  }

  /** How long an address that is not seen is kept. After a topology change, shorter (802.1D 8.5.3.10). */
  get holdUs(): number {
    return (this.topologyChange ? this.forwardDelay : this.ageingTime) * CENTISECOND_US;
  }

  /** Drops addresses that were not seen for long. Linux: br_fdb_cleanup() */
  age(): void {
    const { nowUs } = this.stack;
    const { holdUs } = this;
    let nextUs = holdUs;
    for (const slot of this.fdb.slots()) {
      if ((this.fdb.flags(slot) & (FDB_STATIC | FDB_EXT_LEARNED)) !== 0) continue;
      const leftUs = this.fdb.updatedUs(slot) + holdUs - nowUs;
      if (leftUs <= 0) this.removeSlot(slot);
      else nextUs = Math.min(nextUs, leftUs);
    }
    after(this, this.ageingTimer, Math.max(nextUs, CENTISECOND_US));
  }

  override lowerEvent(event: DeviceEvent): void {
    portEvent(this, event);
  }

  // Linux: br_dev_delete()
  override leaving(): void {
    for (const port of this.ports) releasePort(port);
    this.forgetPort(null);
    deleteAllVlans(this, null);
  }

  override unregistered(): void {
    this.multicast.destroy();
    for (const timer of [this.helloTimer, this.tcnTimer, this.topologyChangeTimer, this.ageingTimer]) this.stack.timers.cancel(timer);
  }

  /** True: the address is not the ports' but one that the user gave. */
  get ownAddress(): boolean {
    return this.addressAssignType === NET_ADDR_SET;
  }
}
