import { tellFeatures, updateFeatures } from '../../net/ethtool/features.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { bondEthtool } from '../ethtool/bond.js';
import { EADDRNOTAVAIL } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import { BOND_MODE_8023AD, BOND_MODE_ACTIVEBACKUP, BOND_MODE_ALB, BOND_FOM_NONE } from '../../netlink/rtnl/link/bond.js';
import { IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC } from '../../netlink/rtnl/constants.js';
import { isValidAddress } from '../../wire/ethernet.js';
import {
  NET_ADDR_STOLEN,
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
  type NetDevice,
  TSO_MAX_SIZE,
} from '../../net/core/device.js';
import type { DeviceEvent } from '../../net/core/device-event.js';
import { addAllMulticast, addPromiscuity, setAddress, setCarrier, setMtu } from '../../net/core/device-state.js';
import { addStatistics } from '../../net/core/device-statistics.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Stack } from '../../net/core/stack.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { resendIgmp } from './active.js';
import { AlbState, setAlbAddress, startBalancing, stopBalancing } from './alb/alb.js';
import { releaseAll } from './enslave.js';
import { slaveEvent } from './events.js';
import { shareGroups } from './groups.js';
import { AdSystem, tick } from './lacp/lacp.js';
import { AdStatistics, type Aggregator } from './lacp/port.js';
import { activeAggregator, selectAggregator } from './lacp/selection.js';
import { startMonitor, stopMonitor } from './monitor.js';
import { balancesLoad, BondParameters, usesPrimary } from './parameters.js';
import type { Slave } from './slave.js';
import { activate, deactivate, updateUsable } from './state.js';
import { sendByMode } from './transmit.js';

const MAX_MTU = 65_535;
/** BOND_DEFAULT_TX_QUEUES */
const QUEUES = 16;

/** Several devices that act as one (struct bonding). */
export class BondDevice extends EthernetDevice {
  override ethtool: EthtoolOps = bondEthtool;
  readonly parameters = new BondParameters();
  /** In the order in which they came. */
  slaves: readonly Slave[] = [];
  /** curr_active_slave: the one that works; in modes where all do, it means little. */
  active: Slave | null = null;
  primary: Slave | null = null;
  /** The primary slave has just come, and takes over whatever primary_reselect says. */
  forcePrimary = false;
  /** current_arp_slave: the one that is tried while none works. */
  tried: Slave | null = null;
  /** Those that packets are spread over by their hash. */
  usable: readonly Slave[] = [];
  /** Packets sent in turn. */
  sent = 0;
  /** Rounds of the monitor in which peers are still to be notified. */
  peerNotifications = 0;
  igmpRetransmissions = 0;
  readonly ad = new AdSystem();
  readonly adStatistics = new AdStatistics();
  readonly alb = new AlbState();
  readonly monitorTimer: Timer;
  readonly adTimer: Timer;
  readonly albTimer: Timer;
  readonly igmpTimer: Timer;
  /** Asked of the slaves because it was asked of this one. */
  #askedPromiscuous = false;
  #askedAllMulticast = false;

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.flags |= IFF_MASTER;
    this.maxMtu = MAX_MTU;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.netnsLocal = true;
    this.filtersUnicast = true;
    this.numTxQueues = QUEUES;
    this.numRxQueues = QUEUES;
    // What a slave cannot do is done on the way into it.
    this.features =
      NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO | NETIF_F_GRO | NETIF_F_HW_VLAN_TX;
    this.monitorTimer = new Timer(() => startMonitor(this, true));
    this.adTimer = new Timer(() => tick(this));
    this.albTimer = new Timer(() => this.alb.tick(this));
    this.igmpTimer = new Timer(() => resendIgmp(this));
  }

  /** It is registered, and without slaves there is no carrier. */
  settle(): void {
    setCarrier(this, false);
  }

  get activeAggregator(): Aggregator | null {
    return activeAggregator(this);
  }

  /** What its slaves have in common. Linux: bond_compute_features() */
  updateFeatures(): void {
    this.tsoMaxSize = Math.min(TSO_MAX_SIZE, ...this.slaves.map(({ device }) => device.tsoMaxSize));
    if (updateFeatures(this)) tellFeatures(this);
  }

  override lowerFeaturesChanged(): void {
    this.updateFeatures();
  }

  updateUsable(): void {
    updateUsable(this);
  }

  // Linux: bond_open()
  override open(): void {
    const { mode } = this.parameters;
    for (const slave of this.slaves) {
      if (usesPrimary(mode) && slave !== this.active) deactivate(slave);
      else if (mode !== BOND_MODE_8023AD) activate(slave);
    }
    if (balancesLoad(mode)) startBalancing(this);
    startMonitor(this);
    if (mode === BOND_MODE_8023AD) {
      selectAggregator(this);
      this.stack.timers.schedule(this.adTimer, this.stack.nowUs);
    }
    this.updateUsable();
    shareGroups(this, true);
  }

  // Linux: bond_close()
  override stop(): void {
    stopMonitor(this);
    for (const timer of [this.adTimer, this.albTimer, this.igmpTimer]) this.stack.timers.cancel(timer);
    this.peerNotifications = 0;
    if (balancesLoad(this.parameters.mode)) stopBalancing(this);
    shareGroups(this, false);
  }

  transmit(skb: PacketBuffer): void {
    sendByMode(this, skb);
  }

  /** All slaves get it, or none. Linux: bond_change_mtu() */
  override setMtu(mtu: number): void {
    this.#forEach(
      (device) => device.mtu,
      (device, value) => setMtu(device, value),
      mtu,
    );
    super.setMtu(mtu);
  }

  /** All slaves get it, or none. Linux: bond_set_mac_address() */
  override setAddress(address: Uint8Array): void {
    const { mode, failOverMac } = this.parameters;
    // With fail_over_mac the addresses are the slaves' matter.
    if (mode === BOND_MODE_ACTIVEBACKUP && failOverMac !== BOND_FOM_NONE) return;
    if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
    if (mode === BOND_MODE_ALB) setAlbAddress(this, address);
    else
      this.#forEach(
        (device) => device.address,
        (device, value) => setAddress(device, value),
        address,
      );
    this.address = address.slice();
  }

  #forEach<T>(get: (device: NetDevice) => T, set: (device: NetDevice, value: T) => void, value: T): void {
    const done: (() => void)[] = [];
    try {
      for (const { device } of this.slaves) {
        const old = get(device);
        set(device, value);
        done.push(() => set(device, old));
      }
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      for (const undo of done.reverse()) undo();
      throw error;
    }
  }

  /** The address of a slave becomes the bond's own. Linux: bond_set_dev_addr() */
  takeAddress(address: Uint8Array): void {
    this.address = address.slice();
    this.addressAssignType = NET_ADDR_STOLEN;
    this.namespace.deviceEvents.notify({ type: 'address', device: this });
  }

  /** What is wanted of the bond is wanted of its slaves. Linux: bond_change_rx_flags(), bond_set_rx_mode() */
  override rxModeChanged(): void {
    const promiscuous = (this.flags & IFF_PROMISC) !== 0;
    const allMulticast = (this.flags & IFF_ALLMULTI) !== 0;
    for (const { device } of this.listening()) {
      if (promiscuous !== this.#askedPromiscuous) addPromiscuity(device, promiscuous ? 1 : -1);
      if (allMulticast !== this.#askedAllMulticast) addAllMulticast(device, allMulticast ? 1 : -1);
    }
    this.#askedPromiscuous = promiscuous;
    this.#askedAllMulticast = allMulticast;
    shareGroups(this);
  }

  /** The slaves whose frames are the bond's: the active one, or all. */
  listening(): readonly Slave[] {
    if (!usesPrimary(this.parameters.mode)) return this.slaves;
    return this.active === null ? [] : [this.active];
  }

  // Linux: bond_get_stats()
  override refreshStatistics(): void {
    for (const slave of this.slaves) {
      slave.device.refreshStatistics();
      addStatistics(this.statistics, slave.device.statistics, slave.counted);
    }
  }

  override lowerEvent(event: DeviceEvent): void {
    slaveEvent(this, event);
  }

  // Linux: bond_uninit()
  override leaving(): void {
    releaseAll(this);
  }

  override unregistered(): void {
    this.stop();
  }
}
