import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { isMulticast } from '../../wire/ethernet.js';
import { LACP_TIMEOUT } from '../../wire/lacp.js';
import type { BondDevice } from './device.js';

// Options that say what the bond is to its LACP partner.

export function setActorSystem(bond: BondDevice, address: Uint8Array): void {
  if (isMulticast(address)) fail(EINVAL);
  bond.parameters.adActorSystem = address.slice();
  bond.ad.follow(bond);
}

export function setActorSystemPriority(bond: BondDevice, priority: number): void {
  bond.parameters.adActorSystemPriority = priority;
  bond.ad.follow(bond);
}

/** Linux: bond_3ad_update_lacp_rate() */
export function setLacpRate(bond: BondDevice, fast: boolean): void {
  bond.parameters.lacpFast = fast;
  for (const { port } of bond.slaves) {
    if (port === null) continue;
    if (fast) port.actor.state |= LACP_TIMEOUT;
    else port.actor.state &= ~LACP_TIMEOUT;
  }
}

export function setUserKey(bond: BondDevice, key: number): void {
  bond.parameters.adUserPortKey = key;
}
