import { EINVAL, ENODEV } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { addAltName, removeAltName } from '../../../net/core/device-name.js';
import { netdevStateChange } from '../../../net/core/device-state.js';
import { RTM_NEWLINKPROP } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { ensureUniqueNamespace } from '../target-namespace.js';
import { findDevice } from './find.js';

/** RTM_NEWLINKPROP, RTM_DELLINKPROP: alternative names. Linux: rtnl_linkprop() */
export function changeProperties(request: NetlinkRequest): void {
  const { header, attributes } = linkMessage.parse(request.message);
  ensureUniqueNamespace(attributes, true);
  const device = findDevice(request.namespace, header, attributes);
  if (device === 'unnamed') fail(EINVAL);
  else if (device === 'absent') fail(ENODEV);
  else {
    let changed = false;
    try {
      for (const name of attributes.propList ?? []) {
        if (request.type === RTM_NEWLINKPROP) addAltName(device, name);
        else removeAltName(device, name);
        changed = true;
      }
    } finally {
      if (changed) netdevStateChange(device);
    }
  }
}
