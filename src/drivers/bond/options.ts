import { EACCES, EBUSY, EINVAL, ENOTEMPTY, EPERM } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import {
  BOND_AD_COUNT,
  BOND_ARP_FILTER,
  BOND_ARP_TARGETS_ALL,
  BOND_ARP_VALIDATE_BACKUP,
  BOND_FOM_FOLLOW,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_TLB,
  BOND_PRI_RESELECT_FAILURE,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
  type BondData,
  type BondSlaveData,
} from '../../netlink/rtnl/link/bond.js';
import { selectActive } from './active.js';
import { updateCarrier } from './carrier.js';
import type { BondDevice } from './device.js';
import { setArpInterval, setArpTargets, setArpValidate, setDelay, setMiimon, setMode, setNsTargets } from './option-monitor.js';
import { setLacpRate, setActorSystem, setActorSystemPriority, setUserKey } from './option-lacp.js';
import { setActive, setPrimary } from './option-slaves.js';
import type { Slave } from './slave.js';

// What `ip link ... type bond` sets, and when it may. Linux: bond_options.c, bond_changelink()

const INT_MAX = 0x7fff_ffff;
const bit = (...modes: number[]): number => modes.reduce((mask, mode) => mask | (1 << mode), 0);
const WITH_PRIMARY = bit(BOND_MODE_ACTIVEBACKUP, BOND_MODE_TLB, BOND_MODE_ALB);
const WITHOUT_ARP = bit(BOND_MODE_8023AD, BOND_MODE_TLB, BOND_MODE_ALB);

/** When an option may be set. */
interface Terms {
  /** Modes that have it; left out: all. */
  readonly modes?: number;
  /** Only of a bond that is down. */
  readonly down?: boolean;
  /** Only of a bond without slaves. */
  readonly alone?: boolean;
}

/** One option: `set` throws EINVAL and the like, which gets Linux's text. */
interface Option<K extends keyof BondData> extends Terms {
  readonly key: K;
  set(bond: BondDevice, value: NonNullable<BondData[K]>): void;
}

const option = <K extends keyof BondData>(key: K, terms: Terms, set: Option<K>['set']): Option<keyof BondData> =>
  ({ key, ...terms, set }) as Option<keyof BondData>;

const within = (value: number, least: number, most: number): number => (value < least || value > most ? fail(EINVAL) : value);
const flag = (value: number): boolean => within(value, 0, 1) !== 0;
const LACP: Terms = { modes: bit(BOND_MODE_8023AD) };
const LACP_DOWN: Terms = { ...LACP, down: true };
const ARP: Terms = { modes: ~WITHOUT_ARP };
const PRIMARY: Terms = { modes: WITH_PRIMARY };

// In the order in which bond_changelink() takes them.
const options: readonly Option<keyof BondData>[] = [
  option('mode', { down: true, alone: true }, (bond, value) => setMode(bond, within(value, BOND_MODE_ROUNDROBIN, BOND_MODE_ALB))),
  option('activeSlave', PRIMARY, setActive),
  option('miimon', {}, (bond, value) => setMiimon(bond, within(value, 0, INT_MAX))),
  option('updelay', {}, (bond, value) => setDelay(bond, 'updelay', within(value, 0, INT_MAX))),
  option('downdelay', {}, (bond, value) => setDelay(bond, 'downdelay', within(value, 0, INT_MAX))),
  option('peerNotifDelay', {}, (bond, value) => setDelay(bond, 'peerNotifyDelay', value)),
  option('useCarrier', {}, ({ parameters }, value) => {
    parameters.useCarrier = flag(value);
  }),
  option('arpInterval', ARP, (bond, value) => setArpInterval(bond, within(value, 0, INT_MAX))),
  option('arpIpTarget', {}, setArpTargets),
  option('nsIp6Target', {}, setNsTargets),
  option('arpValidate', ARP, (bond, value) => setArpValidate(bond, within(value, 0, BOND_ARP_FILTER + BOND_ARP_VALIDATE_BACKUP))),
  option('arpAllTargets', {}, ({ parameters }, value) => {
    parameters.arpAllTargets = within(value, 0, BOND_ARP_TARGETS_ALL);
  }),
  option('primary', PRIMARY, setPrimary),
  option('primaryReselect', {}, (bond, value) => {
    bond.parameters.primaryReselect = within(value, 0, BOND_PRI_RESELECT_FAILURE);
    selectActive(bond);
  }),
  option('failOverMac', { alone: true }, ({ parameters }, value) => {
    parameters.failOverMac = within(value, 0, BOND_FOM_FOLLOW);
  }),
  option('xmitHashPolicy', {}, ({ parameters }, value) => {
    parameters.hashPolicy = within(value, 0, BOND_XMIT_POLICY_VLAN_SRCMAC);
  }),
  option('resendIgmp', {}, ({ parameters }, value) => {
    parameters.resendIgmp = within(value, 0, 255);
  }),
  option('numPeerNotif', {}, ({ parameters }, value) => {
    parameters.peerNotifications = value;
  }),
  option('allSlavesActive', {}, setAllSlavesActive),
  option('minLinks', {}, (bond, value) => {
    bond.parameters.minLinks = within(value, 0, INT_MAX);
    updateCarrier(bond);
  }),
  option('lpInterval', {}, ({ parameters }, value) => {
    parameters.lpInterval = within(value, 1, INT_MAX);
  }),
  option('packetsPerSlave', { modes: bit(BOND_MODE_ROUNDROBIN) }, ({ parameters }, value) => {
    parameters.packetsPerSlave = within(value, 0, 0xffff);
  }),
  option('adLacpActive', LACP_DOWN, ({ parameters }, value) => {
    parameters.lacpActive = flag(value);
  }),
  option('adLacpRate', LACP_DOWN, (bond, value) => setLacpRate(bond, flag(value))),
  option('adSelect', { down: true }, ({ parameters }, value) => {
    parameters.adSelect = within(value, 0, BOND_AD_COUNT);
  }),
  option('adActorSysPrio', LACP, (bond, value) => setActorSystemPriority(bond, within(value, 1, 0xffff))),
  option('adUserPortKey', LACP_DOWN, (bond, value) => setUserKey(bond, within(value, 0, 1023))),
  option('adActorSystem', LACP, setActorSystem),
  option('tlbDynamicLb', { modes: bit(BOND_MODE_TLB), down: true }, ({ parameters }, value) => {
    parameters.tlbDynamic = flag(value);
  }),
  option('missedMax', ARP, ({ parameters }, value) => {
    parameters.arpMissedMax = within(value, 1, 255);
  }),
];

/** IFLA_INFO_DATA: one option after the other, up to the first that is refused. Linux: bond_changelink() */
export function changeBond(bond: BondDevice, data: BondData): void {
  for (const { key, set, ...terms } of options) {
    const value = data[key];
    if (value === undefined) continue;
    checkTogether(key, data);
    setOne(bond, terms, () => set(bond, value));
  }
}

function checkTogether(key: keyof BondData, { miimon = 0, arpInterval = 0, arpValidate = 0, adActorSystem }: BondData): void {
  if (key === 'arpInterval' && arpInterval !== 0 && miimon !== 0) fail(EINVAL, 'ARP monitoring cannot be used with MII monitoring');
  if (key === 'arpValidate' && arpValidate !== 0 && miimon !== 0) fail(EINVAL, 'ARP validating cannot be used with MII monitoring');
  if (key === 'adActorSystem' && adActorSystem?.length !== 6) fail(EINVAL);
}

// Linux: bond_opt_check_deps(), bond_opt_error_interpret()
function setOne(bond: BondDevice, { modes = -1, alone = false, down = false }: Terms, set: () => void): void {
  if ((modes & (1 << bond.parameters.mode)) === 0) fail(EACCES, 'option not supported in mode');
  if (alone && bond.slaves.length > 0) fail(ENOTEMPTY, 'unable to set option because the bond device has slaves');
  if (down && bond.up) fail(EBUSY, 'unable to set option because the bond is up');
  try {
    set();
  } catch (error) {
    if (error instanceof NetError && error.errno === EINVAL && error.extack === undefined) fail(EINVAL, 'invalid option value');
    throw error;
  }
}

/** The frames of slaves that do not work are the bond's as well, or are not. Linux: bond_option_all_slaves_active_set() */
function setAllSlavesActive(bond: BondDevice, value: number): void {
  const all = flag(value);
  if (all === bond.parameters.allSlavesActive) return;
  bond.parameters.allSlavesActive = all;
  for (const slave of bond.slaves) if (slave.backup) slave.inactive = !all;
}

/** IFLA_INFO_SLAVE_DATA. Linux: bond_slave_changelink() */
export function changeSlave(slave: Slave, { queueId, prio }: BondSlaveData): void {
  const { bond } = slave;
  if (queueId !== undefined) {
    if (queueId > bond.numTxQueues) fail(EPERM);
    if (queueId !== 0 && bond.slaves.some((other) => other !== slave && other.queueId === queueId)) fail(EPERM);
    slave.queueId = queueId;
  }
  if (prio === undefined) return;
  setOne(bond, PRIMARY, () => {
    slave.priority = prio;
    if (bond.primary === null) selectActive(bond);
  });
}
