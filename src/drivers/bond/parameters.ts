import {
  BOND_AD_STABLE,
  BOND_ARP_TARGETS_ANY,
  BOND_ARP_VALIDATE_NONE,
  BOND_FOM_NONE,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_TLB,
  BOND_MODE_XOR,
  BOND_PRI_RESELECT_ALWAYS,
  BOND_XMIT_POLICY_LAYER2,
} from '../../netlink/rtnl/link/bond.js';
import { ADDRESS_BYTES } from '../../wire/ethernet.js';
import type { In6 } from '../../wire/ipv6.js';

/** BOND_DEFAULT_MIIMON: what a mode that cannot watch its links by ARP gets, in ms. */
export const DEFAULT_MIIMON_MS = 100;

/** What a bond was told (struct bond_params). */
export class BondParameters {
  mode = BOND_MODE_ROUNDROBIN;
  /** How often carriers are looked at; 0: never. */
  miimonMs = 0;
  // Delays in rounds of miimon.
  updelay = 0;
  downdelay = 0;
  peerNotifyDelay = 0;
  useCarrier = true;
  /** How often targets are asked by ARP; 0: never. */
  arpIntervalMs = 0;
  arpTargets: readonly number[] = [];
  nsTargets: readonly In6[] = [];
  arpValidate = BOND_ARP_VALIDATE_NONE;
  arpAllTargets = BOND_ARP_TARGETS_ANY;
  /** How many intervals without an answer make a link down. */
  arpMissedMax = 2;
  /** Name of the slave that is preferred, there or not; '': none. */
  primary = '';
  primaryReselect = BOND_PRI_RESELECT_ALWAYS;
  failOverMac = BOND_FOM_NONE;
  hashPolicy = BOND_XMIT_POLICY_LAYER2;
  resendIgmp = 1;
  /** How many gratuitous ARPs and unsolicited advertisements follow a failover. */
  peerNotifications = 1;
  allSlavesActive = false;
  minLinks = 0;
  /** How often switches are taught where slaves are, seconds. */
  lpInterval = 1;
  /** How many packets in a row leave by one slave; 0: any, by chance. */
  packetsPerSlave = 1;
  lacpActive = true;
  lacpFast = false;
  adSelect = BOND_AD_STABLE;
  adActorSystemPriority = 0xffff;
  adUserPortKey = 0;
  /** All zero: the bond's own address. */
  adActorSystem: Uint8Array = new Uint8Array(ADDRESS_BYTES);
  tlbDynamic = true;
}

/** One slave works and the others wait. Linux: bond_mode_uses_primary() */
export const usesPrimary = (mode: number): boolean => mode === BOND_MODE_ACTIVEBACKUP || mode === BOND_MODE_TLB || mode === BOND_MODE_ALB;

/** Linux: bond_mode_uses_arp() */
export const usesArp = (mode: number): boolean => mode !== BOND_MODE_8023AD && mode !== BOND_MODE_TLB && mode !== BOND_MODE_ALB;

/** Linux: bond_is_lb() */
export const balancesLoad = (mode: number): boolean => mode === BOND_MODE_TLB || mode === BOND_MODE_ALB;

/** Slaves are chosen by the hash of a packet. Linux: bond_mode_can_use_xmit_hash() */
export const usesHash = (mode: number, tlbDynamic: boolean): boolean =>
  mode === BOND_MODE_XOR || mode === BOND_MODE_8023AD || (mode === BOND_MODE_TLB && !tlbDynamic);
