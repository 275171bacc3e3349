import { isMulticast } from '../../wire/ethernet.js';
import type { NetDevice } from './device.js';
import { addPromiscuity } from './device-state.js';

// Further link-layer addresses that a device receives (dev_uc_add(), dev_mc_add_excl()).

export function sameLinkAddress(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A device that cannot filter addresses receives all while it has further ones. Linux: __dev_set_rx_mode() */
export function setExtraAddresses(device: NetDevice, addresses: readonly Uint8Array[]): void {
  const unicast = (list: readonly Uint8Array[]) => (list.some((address) => !isMulticast(address)) ? 1 : 0);
  const more = device.filtersUnicast ? 0 : unicast(addresses) - unicast(device.extraAddresses);
  device.extraAddresses = addresses;
  if (more !== 0) addPromiscuity(device, more);
  else device.rxModeChanged();
}

/** For a device upon it, whose address frames carry. Linux: dev_uc_add() */
export function addUnicastAddress(device: NetDevice, address: Uint8Array): void {
  setExtraAddresses(device, [...device.extraAddresses, address.slice()]);
}

/** Linux: dev_uc_del() */
export function removeUnicastAddress(device: NetDevice, address: Uint8Array): void {
  const at = device.extraAddresses.findIndex((other) => sameLinkAddress(other, address));
  if (at >= 0) setExtraAddresses(device, device.extraAddresses.toSpliced(at, 1));
}
