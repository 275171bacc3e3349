import { BOND_LINK_DOWN, BOND_LINK_FAIL, BOND_MODE_8023AD } from '../../netlink/rtnl/link/bond.js';
import type { DeviceEvent } from '../../net/core/device-event.js';
import { selectActive } from './active.js';
import type { BondDevice } from './device.js';
import { release } from './enslave.js';
import { usesPrimary } from './parameters.js';
import { type Slave, slaveOf } from './slave.js';

/** What happens to the device of a slave. Linux: bond_slave_netdev_event() */
export function slaveEvent(bond: BondDevice, event: DeviceEvent): void {
  const slave = slaveOf(event.device);
  if (slave === null || slave.bond !== bond) return;
  switch (event.type) {
    case 'unregister':
      release(bond, slave);
      break;
    case 'up':
    case 'carrier':
      speedMayHaveChanged(bond, slave);
      bond.updateUsable();
      break;
    case 'down':
      bond.updateUsable();
      break;
    case 'rename':
      renamed(bond, slave);
      break;
    case 'resendIgmp':
      bond.namespace.deviceEvents.notify({ type: 'resendIgmp', device: bond });
      break;
  }
}

function speedMayHaveChanged(bond: BondDevice, slave: Slave): void {
  slave.readSpeed();
  if (bond.parameters.mode !== BOND_MODE_8023AD) return;
  if (!slave.fullDuplex) slave.link = slave.lastLinkUpUs === Number.NEGATIVE_INFINITY ? BOND_LINK_DOWN : BOND_LINK_FAIL;
  slave.port?.updateKeys(false);
}

/** A slave may get, or lose, the name of the one that is preferred. */
function renamed(bond: BondDevice, slave: Slave): void {
  const { mode, primary } = bond.parameters;
  if (!usesPrimary(mode) || primary === '') return;
  if (slave === bond.primary) bond.primary = null;
  else if (slave.device.name === primary) bond.primary = slave;
  else return;
  selectActive(bond);
}
