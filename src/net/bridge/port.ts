import { Timer } from '../../base/timer-wheel.js';
import type { NetDevice } from '../core/device.js';
import type { BridgeDevice } from './bridge-device.js';
import { type BridgeId, newBridgeId } from './bridge-id.js';
import type { PortMulticastContext } from './multicast/context.js';
import { MulticastStatistics } from './multicast/statistics.js';
import { VlanSet } from './vlan-set.js';

// linux/if_bridge.h
export const BR_STATE_DISABLED = 0;
export const BR_STATE_LISTENING = 1;
export const BR_STATE_LEARNING = 2;
export const BR_STATE_FORWARDING = 3;
export const BR_STATE_BLOCKING = 4;

// What a port does; bits of `flags`.
export const BR_HAIRPIN = 1 << 0;
export const BR_BPDU_GUARD = 1 << 1;
export const BR_ROOT_BLOCK = 1 << 2;
export const BR_FAST_LEAVE = 1 << 3;
export const BR_LEARNING = 1 << 4;
export const BR_FLOOD = 1 << 5;
export const BR_MCAST_FLOOD = 1 << 6;
export const BR_BCAST_FLOOD = 1 << 7;
export const BR_MCAST_TO_UNICAST = 1 << 8;
export const BR_NEIGH_SUPPRESS = 1 << 9;
export const BR_ISOLATED = 1 << 10;
export const BR_LOCKED = 1 << 11;
export const BR_VLAN_TUNNEL = 1 << 12;
export const BR_PROXYARP = 1 << 13;
export const BR_PROXYARP_WIFI = 1 << 14;

/** Bits of the port number in a port identifier. */
const PORT_BITS = 10;

/** What is done when a port's timers expire. */
export interface PortTimers {
  messageAge(port: BridgePort): void;
  forwardDelay(port: BridgePort): void;
  hold(port: BridgePort): void;
}

/** A device's place in a bridge (struct net_bridge_port). */
export class BridgePort {
  readonly bridge: BridgeDevice;
  readonly device: NetDevice;
  readonly number: number;
  /** Six bits, 32 by default. */
  priority = 32;
  pathCost: number;
  /** The user chose the cost: a change of speed does not change it. */
  ownCost = false;
  state = BR_STATE_DISABLED;
  flags = BR_LEARNING | BR_FLOOD | BR_MCAST_FLOOD | BR_BCAST_FLOOD;
  groupForwardMask = 0;
  promiscuous = false;
  readonly vlans = new VlanSet();
  /** Takes the packets for this port while it has no carrier; null: none. */
  backupPort: BridgePort | null = null;
  readonly multicast: PortMulticastContext;
  /** Its part in the snooping of each VLAN that it is in. */
  readonly multicastVlans = new Map<number, PortMulticastContext>();
  readonly multicastStatistics = new MulticastStatistics();
  /** struct bridge_stp_xstats */
  readonly stpStatistics = { transitionBlocking: 0, transitionForwarding: 0, rxBpdu: 0, txBpdu: 0, rxTcn: 0, txTcn: 0 };

  // IEEE 802.1D-1998 8.5.5: what it knows of the best bridge on its segment.
  designatedRoot: BridgeId = newBridgeId(0);
  designatedCost = 0;
  designatedBridge: BridgeId = newBridgeId(0);
  designatedPort = 0;
  topologyChangeAck = false;
  configPending = false;
  readonly messageAgeTimer: Timer;
  readonly forwardDelayTimer: Timer;
  readonly holdTimer: Timer;

  constructor(bridge: BridgeDevice, device: NetDevice, number: number, pathCost: number, expired: PortTimers) {
    this.bridge = bridge;
    this.device = device;
    this.number = number;
    this.pathCost = pathCost;
    this.messageAgeTimer = new Timer(() => expired.messageAge(this));
    this.forwardDelayTimer = new Timer(() => expired.forwardDelay(this));
    this.holdTimer = new Timer(() => expired.hold(this));
    this.multicast = bridge.multicast.newPortContext(this);
  }

  get id(): number {
    return (this.priority << PORT_BITS) | this.number;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  stopTimers(): void {
    const wheel = this.bridge.stack.timers;
    wheel.cancel(this.messageAgeTimer);
    wheel.cancel(this.forwardDelayTimer);
    wheel.cancel(this.holdTimer);
  }
}
