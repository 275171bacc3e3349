import { BOND_LINK_UP, BOND_MAX_TARGETS } from '../../netlink/rtnl/link/bond.js';
import type { NetDevice } from '../../net/core/device.js';
import { DeviceStatistics } from '../../net/core/device-statistics.js';
import type { BondDevice } from './device.js';
import type { AdPort } from './lacp/port.js';

/** No change of the link is proposed. Linux: BOND_LINK_NOCHANGE */
export const LINK_NOCHANGE = -1;
const NEVER = Number.NEGATIVE_INFINITY;

/** A device's place in a bond (struct slave). */
export class Slave {
  readonly bond: BondDevice;
  readonly device: NetDevice;
  /** The address that it had, and gets back. */
  readonly permanentAddress: Uint8Array;
  readonly originalMtu: number;
  /** BOND_LINK_* as the monitor has it. */
  link: number = BOND_LINK_UP;
  /** BOND_LINK_* that the monitor's round proposes, or LINK_NOCHANGE. */
  proposed: number = LINK_NOCHANGE;
  /** Rounds of the monitor until updelay or downdelay is over. */
  delay = 0;
  /** BOND_STATE_BACKUP: it sends nothing. */
  backup = false;
  /** What it receives is not the bond's. */
  inactive = false;
  linkFailureCount = 0;
  queueId = 0;
  priority = 0;
  lastLinkUpUs = NEVER;
  /** When it received, or received a valid answer of a target, and asked a target last. */
  lastReceivedUs = NEVER;
  lastSentUs = NEVER;
  readonly targetReceivedUs = new Float64Array(BOND_MAX_TARGETS).fill(NEVER);
  /** Mb/s and whether it is full duplex when it was looked at last; 0: not known. */
  speedMbps = 0;
  fullDuplex = false;
  /** The device's counters as they were added to the bond's last. */
  readonly counted = new DeviceStatistics();
  /** Groups that its device listens to for the bond. */
  sharedGroups: readonly Uint8Array[] = [];
  /** Further addresses likewise. */
  sharedAddresses: readonly Uint8Array[] = [];
  /** Its LACP port; null: the mode is another. */
  port: AdPort | null = null;
  /** Bytes a balancing interval of what was given to it (balance-tlb). */
  load = 0;

  constructor(bond: BondDevice, device: NetDevice) {
    this.bond = bond;
    this.device = device;
    this.permanentAddress = device.address.slice();
    this.originalMtu = device.mtu;
  }

  /** Linux: bond_slave_is_up() */
  get running(): boolean {
    return this.device.up && this.device.carrier;
  }

  /** Linux: bond_slave_can_tx() */
  get canTransmit(): boolean {
    return this.running && this.link === BOND_LINK_UP && !this.backup;
  }

  /** Speed and duplex as the device has them now. Linux: bond_update_speed_duplex() */
  readSpeed(): void {
    this.speedMbps = this.device.speedMbps;
    // Devices that know a speed are full duplex, all of ours.
    this.fullDuplex = this.speedMbps > 0;
  }
}

/** The slave that `device` is; null: it is none. */
export const slaveOf = (device: NetDevice): Slave | null => (device.port instanceof Slave ? device.port : null);
