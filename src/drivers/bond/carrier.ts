import { BOND_LINK_UP, BOND_MODE_8023AD } from '../../netlink/rtnl/link/bond.js';
import { setCarrier } from '../../net/core/device-state.js';
import type { BondDevice } from './device.js';
import { updateAggregatorCarrier } from './lacp/selection.js';

/** The bond has carrier while one of its slaves is up, or an aggregator is in use. Linux: bond_set_carrier() */
export function updateCarrier(bond: BondDevice): void {
  if (bond.slaves.length === 0) setCarrier(bond, false);
  else if (bond.parameters.mode === BOND_MODE_8023AD) updateAggregatorCarrier(bond);
  else
    setCarrier(
      bond,
      bond.slaves.some((slave) => slave.link === BOND_LINK_UP),
    );
}
