import { BOND_MODE_8023AD } from '../../netlink/rtnl/link/bond.js';
import type { BondDevice } from './device.js';
import { balancesLoad, usesHash } from './parameters.js';
import type { Slave } from './slave.js';

// What slaves are to their bond: active or backup, with the link up or not.

function setBackup(slave: Slave, backup: boolean): void {
  if (slave.backup === backup) return;
  slave.backup = backup;
  tell(slave);
}

/** Linux: bond_lower_state_changed() */
function tell(slave: Slave): void {
  if (slave.device.master === slave.bond) slave.device.namespace.deviceEvents.notify({ type: 'lowerState', device: slave.device });
}

/** Linux: bond_set_slave_link_state() */
export function setLink(slave: Slave, link: number): void {
  if (slave.link === link) return;
  slave.link = link;
  tell(slave);
}

/** Linux: bond_set_slave_active_flags() */
export function activate(slave: Slave): void {
  setBackup(slave, false);
  slave.inactive = false;
}

/** Linux: bond_set_slave_inactive_flags() */
export function deactivate(slave: Slave): void {
  const { mode, allSlavesActive } = slave.bond.parameters;
  if (!balancesLoad(mode)) setBackup(slave, true);
  if (!allSlavesActive) slave.inactive = true;
}

/** Linux: bond_set_backup_slave() */
export function makeBackup(slave: Slave): void {
  setBackup(slave, true);
}

/** Linux: bond_set_active_slave() */
export function makeActive(slave: Slave): void {
  setBackup(slave, false);
}

/** Gathers the slaves that packets are spread over by their hash. Linux: bond_update_slave_arr() */
export function updateUsable(bond: BondDevice): void {
  const { mode, tlbDynamic } = bond.parameters;
  if (!usesHash(mode, tlbDynamic)) {
    bond.usable = [];
    return;
  }
  const aggregator = mode === BOND_MODE_8023AD ? bond.activeAggregator : null;
  if (mode === BOND_MODE_8023AD && aggregator === null) bond.usable = [];
  else bond.usable = bond.slaves.filter((slave) => slave.canTransmit && (aggregator === null || slave.port?.aggregator === aggregator));
}
