import { EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { deleteLinks } from '../../../net/core/new-link.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { ensureUniqueNamespace, targetNamespace } from '../target-namespace.js';
import { findDevice } from './find.js';

/** RTM_DELLINK: one device, or a group's. Linux: rtnl_dellink() */
export function deleteLink(request: NetlinkRequest): void {
  const { header, attributes } = linkMessage.parse(request.message);
  ensureUniqueNamespace(attributes, true);
  const namespace = targetNamespace(request, attributes.targetNetnsid);
  const found = findDevice(namespace, header, attributes);
  if (found === 'absent') fail(ENODEV);
  if (typeof found !== 'string') deleteDevices([found]);
  else if (attributes.group !== undefined) deleteGroup(namespace.devices(), attributes.group);
  else fail(EINVAL);
}

// Linux: rtnl_group_dellink()
function deleteGroup(devices: readonly NetDevice[], group: number): void {
  if (group === 0) fail(EPERM);
  const members = devices.filter((device) => device.group === group);
  if (members.length === 0) fail(ENODEV);
  deleteDevices(members);
}

/** Only devices of a link kind can be deleted; some take others with them. */
function deleteDevices(devices: readonly NetDevice[]): void {
  if (devices.some((device) => device.kind === null)) fail(EOPNOTSUPP);
  deleteLinks(devices);
}
