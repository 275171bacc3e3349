import { BOND_LINK_UP } from '../../../netlink/rtnl/link/bond.js';
import { ADDRESS_BYTES } from '../../../wire/ethernet.js';
import { AGGREGATION, LACP_ACTIVITY, LACP_TIMEOUT, newPortParameters, type PortParameters } from '../../../wire/lacp.js';
import type { Slave } from '../slave.js';

/** One round of the state machines, microseconds. Linux: AD_TIMER_INTERVAL */
export const TICK_US = 100_000;
export const TICKS_PER_SECOND = 10;

// Values of the state variables, named as in IEEE 802.1AX-2014 6.4.
export const RX_NONE = 0;
export const RX_INITIALIZE = 1;
export const RX_PORT_DISABLED = 2;
export const RX_LACP_DISABLED = 3;
export const RX_EXPIRED = 4;
export const RX_DEFAULTED = 5;
export const RX_CURRENT = 6;

export const PERIODIC_NONE = 0;
export const PERIODIC_NO = 1;
export const PERIODIC_FAST = 2;
export const PERIODIC_SLOW = 3;
export const PERIODIC_TX = 4;

export const MUX_NONE = 0;
export const MUX_DETACHED = 1;
export const MUX_WAITING = 2;
export const MUX_ATTACHED = 3;
export const MUX_COLLECTING_DISTRIBUTING = 4;

export const CHURN_MONITOR = 0;
export const CHURN = 1;
export const NO_CHURN = 2;

/** LACPDUs a second at most: 6.4.16. */
export const MAX_TX_IN_SECOND = 3;

const KEY_DUPLEX = 0x0001;
const KEY_SPEED_SHIFT = 1;
const KEY_SPEED = 0x003e;
const KEY_USER_SHIFT = 6;
const KEY_USER = 0xffc0;

/** Mb/s to the five bits of a key. Linux: enum ad_link_speed_type */
const speedCodes: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [10, 2],
  [100, 3],
  [1000, 4],
  [2500, 5],
  [5000, 6],
  [10_000, 7],
  [14_000, 8],
  [20_000, 9],
  [25_000, 10],
  [40_000, 11],
  [50_000, 12],
  [56_000, 13],
  [100_000, 14],
  [200_000, 15],
  [400_000, 16],
  [800_000, 17],
]);

/** Ports that act as one link (struct aggregator). Each port brings one along, which others may join. */
export class Aggregator {
  id = 0;
  individual = false;
  key = 0;
  readonly partnerSystem = new Uint8Array(ADDRESS_BYTES);
  partnerSystemPriority = 0;
  partnerKey = 0;
  active = false;
  ports: readonly AdPort[] = [];

  /** Linux: ad_clear_agg() */
  clear(): void {
    this.individual = false;
    this.key = 0;
    this.partnerSystem.fill(0);
    this.partnerSystemPriority = 0;
    this.partnerKey = 0;
    this.active = false;
    this.ports = [];
  }

  /** Linux: __agg_has_partner() */
  get hasPartner(): boolean {
    return this.partnerSystem.some((byte) => byte !== 0);
  }

  /** Linux: __agg_active_ports() */
  get activePorts(): number {
    return this.ports.filter((port) => port.enabled).length;
  }

  /** Linux: agg_device_up() */
  get running(): boolean {
    return this.ports.some((port) => port.slave.running);
  }

  /** Mb/s of all its ports. Linux: __get_agg_bandwidth() */
  get bandwidth(): number {
    return this.ports.reduce((sum, port) => sum + port.slave.speedMbps, 0);
  }
}

/** LACP on one slave (struct port). `actor` and `partner` are the operational parameters of 6.4.7. */
export class AdPort {
  readonly slave: Slave;
  readonly own = new Aggregator();
  aggregator: Aggregator | null = null;
  readonly actor: PortParameters = newPortParameters();
  adminKey = 0;
  readonly partner: PortParameters = newPortParameters();
  /** port_enabled: the link is up. */
  enabled = true;
  begin = true;
  lacpEnabled = true;
  selected = false;
  readyN = false;
  ready = false;
  matched = false;
  standby = false;
  churned = false;
  needToTransmit = false;
  // Timers count down in rounds; 0: not running.
  rxState = RX_NONE;
  rxTimer = 0;
  periodicState = PERIODIC_NONE;
  periodicTimer = 0;
  muxState = MUX_NONE;
  muxTimer = 0;
  txTimer = Math.floor(TICKS_PER_SECOND / MAX_TX_IN_SECOND);
  churnActorState = CHURN_MONITOR;
  churnActorTimer = 0;
  churnActorCount = 0;
  churnPartnerState = CHURN_MONITOR;
  churnPartnerTimer = 0;
  churnPartnerCount = 0;

  constructor(slave: Slave, number: number) {
    this.slave = slave;
    const { parameters } = slave.bond;
    this.actor.port = number;
    this.actor.portPriority = 0xff;
    this.actor.state = AGGREGATION | (parameters.lacpActive ? LACP_ACTIVITY : 0) | (parameters.lacpFast ? LACP_TIMEOUT : 0);
    defaultPartner(this.partner);
    this.adminKey = parameters.adUserPortKey << KEY_USER_SHIFT;
    this.updateKeys(false);
  }

  has(bit: number): boolean {
    return (this.actor.state & bit) !== 0;
  }

  partnerHas(bit: number): boolean {
    return (this.partner.state & bit) !== 0;
  }

  get fullDuplex(): boolean {
    return (this.actor.key & KEY_DUPLEX) !== 0;
  }

  /**
   * The key says who may join whom: links of one speed and duplex, and of one number that the user chose. A new speed starts the
   * machines again. Linux: ad_update_actor_keys()
   */
  updateKeys(reset: boolean): void {
    const old = this.actor.key;
    const { slave } = this;
    const up = slave.link === BOND_LINK_UP;
    let speed = 0;
    let duplex = 0;
    this.adminKey &= KEY_USER;
    if (!reset) {
      speed = up ? (speedCodes.get(slave.speedMbps) ?? 0) : 0;
      duplex = up && slave.fullDuplex ? KEY_DUPLEX : 0;
      this.adminKey |= (speed << KEY_SPEED_SHIFT) | duplex;
    }
    this.actor.key = this.adminKey;
    if (old === this.actor.key) return;
    // Half-duplex links take no part: 6.4.8, LACP_Enabled.
    this.lacpEnabled = duplex !== 0;
    if (!reset && speed !== 0 && duplex !== 0 && (old & KEY_SPEED) >> KEY_SPEED_SHIFT !== speed) this.begin = true;
  }
}

/** What is assumed of a partner that says nothing. */
export function defaultPartner(into: PortParameters): void {
  into.systemPriority = 0xffff;
  into.system.fill(0);
  into.key = 1;
  into.portPriority = 0xff;
  into.port = 1;
  into.state = 0;
}

/** BOND_3AD_STAT_*: what a bond's ports sent and received. */
export class AdStatistics {
  lacpduRx = 0;
  lacpduTx = 0;
  lacpduUnknownRx = 0;
  lacpduIllegalRx = 0;
  markerRx = 0;
  markerTx = 0;
  markerResponseRx = 0;
  markerResponseTx = 0;
  markerUnknownRx = 0;
}
