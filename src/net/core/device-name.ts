import { EEXIST, EINVAL, ENFILE, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { IFNAMSIZ } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';

/** Names that "%d" can give: Linux looks at one page of bits times eight. */
const MAX_NUMBERS = 8 * 4096;
const encoder = new TextEncoder();
/** What the kernel's isspace() is true for, of ASCII. */
const FORBIDDEN = /[/:\t\n\v\f\r ]/;

// Linux: dev_valid_name()
export function isValidName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && encoder.encode(name).length < IFNAMSIZ && !FORBIDDEN.test(name);
}

/**
 * The name that a device asking for `wanted` gets in `namespace`: itself, or with "%d" the first number that is free.
 * Throws EINVAL, EEXIST, ENFILE. Linux: dev_get_valid_name(), __dev_alloc_name()
 */
export function freeName(namespace: Namespace, wanted: string): string {
  if (!isValidName(wanted)) fail(EINVAL);
  const percent = wanted.indexOf('%');
  if (percent < 0) {
    if (namespace.devicesByName.has(wanted)) fail(EEXIST);
    return wanted;
  }
  if (wanted[percent + 1] !== 'd' || wanted.includes('%', percent + 2)) fail(EINVAL);
  const before = wanted.slice(0, percent);
  const after = wanted.slice(percent + 2);
  for (let number = 0; number < MAX_NUMBERS; number++) {
    const name = `${before}${number}${after}`;
    if (encoder.encode(name).length >= IFNAMSIZ) break;
    if (!namespace.devicesByName.has(name)) return name;
  }
  return fail(ENFILE);
}

/** RTM_NEWLINKPROP. EEXIST when any device of the namespace has the name. Linux: rtnl_alt_ifname() */
export function addAltName(device: NetDevice, name: string): void {
  const names = device.namespace.devicesByName;
  if (names.has(name)) fail(EEXIST);
  names.set(name, device);
  device.altNames.push(name);
}

/** RTM_DELLINKPROP. ENOENT: nobody has it; EINVAL: it is another device's, or no alternative name. Linux: netdev_name_node_alt_destroy() */
export function removeAltName(device: NetDevice, name: string): void {
  const names = device.namespace.devicesByName;
  const owner = names.get(name);
  if (owner === undefined) fail(ENOENT);
  const at = device.altNames.indexOf(name);
  if (owner !== device || at < 0) fail(EINVAL);
  names.delete(name);
  device.altNames.splice(at, 1);
}
