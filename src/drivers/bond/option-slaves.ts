import { EINVAL, ENODEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { BOND_LINK_UP } from '../../netlink/rtnl/link/bond.js';
import { changeActive, selectActive } from './active.js';
import type { BondDevice } from './device.js';
import { slaveOf } from './slave.js';

// Options that name a slave, by its ifindex; 0: none.

/** Linux: bond_option_active_slave_set() */
export function setActive(bond: BondDevice, ifindex: number): void {
  if (ifindex === 0) {
    changeActive(bond, null);
    selectActive(bond);
    return;
  }
  const device = bond.namespace.deviceByIndex(ifindex) ?? fail(ENODEV);
  const slave = slaveOf(device);
  if (slave === null || slave.bond !== bond) return fail(EINVAL);
  if (slave === bond.active) return;
  if (bond.active === null || slave.link !== BOND_LINK_UP || !slave.running) fail(EINVAL);
  changeActive(bond, slave);
}

/** A device that is no slave yet is remembered by its name. Linux: bond_option_primary_set() */
export function setPrimary(bond: BondDevice, ifindex: number): void {
  const device = ifindex === 0 ? null : (bond.namespace.deviceByIndex(ifindex) ?? fail(ENODEV));
  const slave = device === null ? null : slaveOf(device);
  const changed = bond.primary !== null || (slave !== null && slave.bond === bond);
  bond.parameters.primary = device?.name ?? '';
  bond.primary = slave !== null && slave.bond === bond ? slave : null;
  if (changed || device === null) selectActive(bond);
}
