import { EADDRNOTAVAIL, EINVAL } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import { ADDRESS_BYTES, isValidAddress } from '../wire/ethernet.js';

/** What link kinds that speak Ethernet check of IFLA_ADDRESS before they make a device: EINVAL, EADDRNOTAVAIL. */
export function checkEthernetAddress(address: Uint8Array | null): void {
  if (address === null) return;
  if (address.length !== ADDRESS_BYTES) fail(EINVAL);
  if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
}
