import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { loadModule } from '../../../base/kernel-modules.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { moveDevice } from '../../../net/core/device-registry.js';
import type { LinkKind, LinkRequest } from '../../../net/core/link-kind.js';
import { setMaster } from '../../../net/core/upper-devices.js';
import { deleteLinks, newLink as newDevice } from '../../../net/core/new-link.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { type LinkAttributes, type LinkHeader, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { Deferred } from '../../../netlink/schema.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { namespaceById } from '../namespace-ids.js';
import { ensureUniqueNamespace, namedNamespace } from '../target-namespace.js';
import { findDevice } from './find.js';
import { changeLink, validateLink } from './set.js';

/** RTM_NEWLINK: makes a device, or changes one that is there. Linux: __rtnl_newlink() */
export function newLink(request: NetlinkRequest): void {
  const { header, attributes } = linkMessage.parse(request.message);
  const { namespace } = request;
  ensureUniqueNamespace(attributes, false);
  if (header.index < 0) fail(EINVAL, "ifindex can't be negative");
  const found = findDevice(namespace, header, attributes);
  validateLink(typeof found === 'string' ? null : found, attributes);
  const kindName = attributes.linkinfo?.kind;
  const kind = kindName === undefined ? undefined : namespace.stack.linkKinds.get(kindName);
  // Linux: request_module("rtnl-link-%s")
  if (kind !== undefined) loadModule(`rtnl-link-${kindName}`, namespace.stack.modules);
  // What the kind's own attributes say is judged before it matters whether the device is there.
  const given = attributes.linkinfo?.data;
  const data = kind?.data == null ? undefined : (given ?? Deferred.empty).parse(kind.data);

  kind?.validate?.(attributes, data);

  if (typeof found !== 'string') {
    changeExisting(request, found, kind, given === undefined ? undefined : data, header, attributes);
    return;
  }
  if ((request.flags & NLM_F_CREATE) === 0) {
    if (found === 'unnamed' && attributes.group !== undefined) changeGroup(request, attributes.group, header, attributes);
    else fail(ENODEV);
    return;
  }
  if (attributes.map !== undefined) fail(EOPNOTSUPP);
  if (kind === undefined) fail(EOPNOTSUPP, 'Unknown device type');
  else createLink(request, kind, data, header, attributes);
}

function changeExisting(
  request: NetlinkRequest,
  device: NetDevice,
  kind: LinkKind | undefined,
  data: unknown,
  header: LinkHeader,
  attributes: LinkAttributes,
): void {
  if ((request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
  if ((request.flags & NLM_F_REPLACE) !== 0) fail(EOPNOTSUPP);
  const kindChanges = attributes.linkinfo?.data !== undefined;
  if (kindChanges) {
    if (kind === undefined || kind !== device.kind || kind.change === undefined) fail(EOPNOTSUPP);
    else kind.change(device, data);
  }
  const memberData = attributes.linkinfo?.slaveData;
  if (memberData !== undefined) {
    const member = device.master?.kind?.member ?? fail(EOPNOTSUPP);
    member.change(device, memberData);
  }
  changeLink(request, device, header, attributes, kindChanges || memberData !== undefined);
}

// Linux: rtnl_group_changelink()
function changeGroup(request: NetlinkRequest, group: number, header: LinkHeader, attributes: LinkAttributes): void {
  for (const device of request.namespace.devices()) if (device.group === group) changeLink(request, device, header, attributes);
}

// Linux: rtnl_newlink_create()
function createLink(request: NetlinkRequest, kind: LinkKind, data: unknown, header: LinkHeader, attributes: LinkAttributes): void {
  const { namespace: source } = request;
  const name = attributes.ifname ?? '';
  const destination = namedNamespace(request, attributes) ?? source;
  const linkNamespace = namespaceOfLink(request, attributes);
  const lowerNamespace = linkNamespace ?? source;
  const lower = attributes.link === undefined || attributes.link === 0 ? null : lowerNamespace.deviceByIndex(attributes.link);
  if (lower === undefined) fail(ENODEV);
  const linkRequest: LinkRequest = {
    stack: source.stack,
    namespace: linkNamespace ?? destination,
    source: lowerNamespace,
    name,
    lower: lower ?? null,
    data,
    address: attributes.address ?? null,
    mtu: attributes.mtu ?? null,
    namespaceOf: (other) => namedNamespace(request, other),
  };
  const device = newDevice(kind, linkRequest, header, attributes);
  try {
    if (linkNamespace !== null) moveDevice(device, destination, name === '' ? {} : { name });
    if (attributes.master !== undefined) setMaster(device, attributes.master);
  } catch (error) {
    deleteLinks([device]);
    throw error;
  }
}

function namespaceOfLink(request: NetlinkRequest, attributes: LinkAttributes): Namespace | null {
  if (attributes.linkNetnsid === undefined) return null;
  const namespace = namespaceById(request.namespace, attributes.linkNetnsid) ?? fail(EINVAL, 'Unknown network namespace id');
  if (!request.credentials.netAdmin) fail(EPERM);
  return namespace;
}
