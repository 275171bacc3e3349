import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { LinkAttributes, LinkHeader } from '../../../netlink/rtnl/link/link.js';

/** What a request names: a device, one that is not there, or none at all. */
export type NamedDevice = NetDevice | 'absent' | 'unnamed';

/** The device of ifi_index, else of IFLA_IFNAME or IFLA_ALT_IFNAME. Linux: __dev_get_by_index(), rtnl_dev_get() */
export function findDevice(namespace: Namespace, header: LinkHeader, attributes: LinkAttributes): NamedDevice {
  if (header.index > 0) return namespace.deviceByIndex(header.index) ?? 'absent';
  const name = attributes.ifname ?? attributes.altIfname;
  return name === undefined ? 'unnamed' : (namespace.deviceByName(name) ?? 'absent');
}
