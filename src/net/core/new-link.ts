import { EINVAL } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import type { LinkAttributes, LinkHeader } from '../../netlink/rtnl/link/link.js';
import { NET_ADDR_SET, type NetDevice } from './device.js';
import { registerDevice, unregisterDevices } from './device-registry.js';
import { applyFlags, deviceFlags, notifyFlags, setOperState, validateMtu } from './device-state.js';
import type { LinkKind, LinkRequest } from './link-kind.js';

// How RTM_NEWLINK makes a device: create, give it what the message says, register, open. Also for the peers of pairs.

const MAX_QUEUES = 4096;
const ALL_FLAGS = 0xffff_ffff;

/**
 * Gives a device that is not registered yet what its RTM_NEWLINK says. Throws EINVAL with Linux's texts. Linux: rtnl_create_link()
 */
export function applyCreateAttributes(device: NetDevice, attributes: LinkAttributes): void {
  const { numTxQueues, numRxQueues, mtu, address, broadcast } = attributes;
  if (numTxQueues !== undefined) {
    if (numTxQueues < 1 || numTxQueues > MAX_QUEUES) fail(EINVAL, 'Invalid number of transmit queues');
    device.numTxQueues = numTxQueues;
  }
  if (numRxQueues !== undefined) {
    if (numRxQueues < 1 || numRxQueues > MAX_QUEUES) fail(EINVAL, 'Invalid number of receive queues');
    device.numRxQueues = numRxQueues;
  }
  if (mtu !== undefined) {
    validateMtu(device, mtu);
    device.mtu = mtu;
  }
  if (address !== undefined) {
    device.address = address.slice();
    device.addressAssignType = NET_ADDR_SET;
  }
  if (broadcast !== undefined) {
    const bytes = device.broadcast.slice();
    bytes.set(broadcast.subarray(0, bytes.length));
    device.broadcast = bytes;
  }
  if (attributes.txqlen !== undefined) device.txQueueLength = attributes.txqlen;
  if (attributes.operstate !== undefined) setOperState(device, attributes.operstate);
  if (attributes.linkmode !== undefined) device.linkMode = attributes.linkmode;
  if (attributes.group !== undefined) device.group = attributes.group;
  if (attributes.gsoMaxSize !== undefined) device.gsoMaxSize = attributes.gsoMaxSize;
  if (attributes.gsoMaxSegs !== undefined) device.gsoMaxSegments = attributes.gsoMaxSegs;
  if (attributes.groMaxSize !== undefined) device.groMaxSize = attributes.groMaxSize;
}

/** The flags that `header` leads to: its own where `change` says so, or, without `change`, all of them. Linux: rtnl_dev_combine_flags() */
export function combinedFlags(device: NetDevice, header: Partial<LinkHeader>): number {
  const flags = header.flags ?? 0;
  const change = header.change ?? 0;
  return change === 0 ? flags : (flags & change) | (deviceFlags(device) & ~change);
}

/** Sets a new, registered device's flags, and tells of it for the first time. Linux: rtnl_configure_link() */
export function announceLink(device: NetDevice, header: Partial<LinkHeader>): void {
  const oldFlags = device.flags;
  if ((header.flags ?? 0) !== 0 || (header.change ?? 0) !== 0) applyFlags(device, combinedFlags(device, header));
  notifyFlags(device, oldFlags, ALL_FLAGS);
}

/**
 * Makes a link of `kind`, registered and announced; on a refusal nothing of it is left. A name in the request that is '' is the
 * kind's pattern. Linux: rtnl_newlink_create()
 */
export function newLink<Data>(
  kind: LinkKind<Data>,
  request: LinkRequest<Data>,
  header: Partial<LinkHeader>,
  attributes: LinkAttributes,
): NetDevice {
  const named: LinkRequest<Data> = request.name === '' ? { ...request, name: kind.namePattern } : request;
  const device = kind.create(named);
  device.kind = request.stack.linkKinds.get(kind.kind) ?? null;
  try {
    applyCreateAttributes(device, attributes);
    registerDevice(request.namespace, device, { ifindex: header.index ?? 0, announce: false });
    kind.registered?.(device, named);
    announceLink(device, header);
  } catch (error) {
    if (error instanceof NetError) {
      if (!device.registered) device.abandoned();
      unregisterDevices(kind.deletes?.(device) ?? [device]);
    }
    throw error;
  }
  return device;
}

/** RTM_DELLINK of one device and what goes with it. Linux: rtnl_delete_link() */
export function deleteLinks(devices: readonly NetDevice[]): void {
  const all = new Set<NetDevice>();
  for (const device of devices) for (const end of device.kind?.deletes?.(device) ?? [device]) all.add(end);
  unregisterDevices([...all]);
}
