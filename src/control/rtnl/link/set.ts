import { EBADF, EBUSY, EINVAL, ENODEV, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { moveDevice, renameDevice } from '../../../net/core/device-registry.js';
import {
  changeCarrier,
  changeFlags,
  netdevStateChange,
  setAddress,
  setAlias,
  setBroadcast,
  setCarrier,
  setMtu,
  setOperState,
  setTxQueueLength,
} from '../../../net/core/device-state.js';
import { setMaster } from '../../../net/core/upper-devices.js';
import { combinedFlags } from '../../../net/core/new-link.js';
import { type LinkAttributes, type LinkHeader, linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { setInet6 } from '../ipv6/inet6.js';
import { ensureUniqueNamespace, namedNamespace } from '../target-namespace.js';
import { findDevice } from './find.js';

/** RTM_SETLINK. Linux: rtnl_setlink() */
export function setLink(request: NetlinkRequest): void {
  const { header, attributes } = linkMessage.parse(request.message);
  ensureUniqueNamespace(attributes, false);
  const device = findDevice(request.namespace, header, attributes);
  if (device === 'unnamed') fail(EINVAL);
  else if (device === 'absent') fail(ENODEV);
  else changeLink(request, device, header, attributes);
}

/** Linux: validate_linkmsg() */
export function validateLink(device: NetDevice | null, attributes: LinkAttributes): void {
  if (device === null) return;
  if (attributes.address !== undefined && attributes.address.length < device.address.length) fail(EINVAL);
  if (attributes.broadcast !== undefined && attributes.broadcast.length < device.broadcast.length) fail(EINVAL);
}

/**
 * Changes what a request says of a device that is there, one thing after the other; when one fails, those before it stay
 * changed. Linux: do_setlink()
 */
export function changeLink(
  request: NetlinkRequest,
  device: NetDevice,
  header: LinkHeader,
  attributes: LinkAttributes,
  changed = false,
): void {
  let notify = changed;
  try {
    validateLink(device, attributes);
    moveToNamespace(request, device, attributes);
    if (attributes.map !== undefined) fail(EOPNOTSUPP);
    if (attributes.address !== undefined) setAddress(device, attributes.address);
    if (attributes.mtu !== undefined) setMtu(device, attributes.mtu);
    if (attributes.group !== undefined) {
      device.group = attributes.group | 0;
      notify = true;
    }
    if (header.index > 0 && attributes.ifname !== undefined && attributes.ifname !== '') renameDevice(device, attributes.ifname);
    if (attributes.ifalias !== undefined) {
      setAlias(device, attributes.ifalias);
      notify = true;
    }
    if (attributes.broadcast !== undefined) setBroadcast(device, attributes.broadcast);
    if (header.flags !== 0 || header.change !== 0) changeFlags(device, combinedFlags(device, header));
    if (attributes.master !== undefined) setMaster(device, attributes.master);
    if (attributes.carrier !== undefined) changeCarrier(device, attributes.carrier !== 0);
    if (attributes.txqlen !== undefined) setTxQueueLength(device, attributes.txqlen);
    setSegmentLimits(device, attributes);
    if (attributes.operstate !== undefined) setOperState(device, attributes.operstate);
    if (attributes.linkmode !== undefined) {
      notify ||= device.linkMode !== attributes.linkmode;
      device.linkMode = attributes.linkmode;
    }
    // Linux: do_setvfinfo(): no device of ours has virtual functions.
    if (attributes.vfInfo !== undefined) fail(EOPNOTSUPP);
    if (attributes.protoDown !== undefined || attributes.protoDownReason !== undefined) {
      setProtoDown(device, attributes);
      notify = true;
    }
    if (attributes.afSpec?.inet6 !== undefined) {
      setInet6(device, attributes.afSpec.inet6);
      notify = true;
    }
    // Linux: dev_change_xdp_fd(): there are no programs here that a descriptor could name; -1 takes none away.
    if (attributes.xdp?.fd !== undefined && attributes.xdp.fd >= 0) fail(EBADF);
  } finally {
    if (notify) netdevStateChange(device);
  }
}

function moveToNamespace(request: NetlinkRequest, device: NetDevice, attributes: LinkAttributes): void {
  const namespace = namedNamespace(request, attributes);
  if (namespace === null) return;
  const { ifname = '', newIfindex = 0 } = attributes;
  moveDevice(device, namespace, { ifindex: newIfindex, ...(ifname === '' ? {} : { name: ifname }) });
}

// Linux: do_set_proto_down()
function setProtoDown(device: NetDevice, { protoDown, protoDownReason }: LinkAttributes): void {
  if (!device.changesProtoDown) fail(EOPNOTSUPP, 'Protodown not supported by device');
  if (protoDownReason !== undefined) {
    if (protoDownReason.value === undefined) fail(EINVAL, 'Invalid protodown reason value');
    const mask = protoDownReason.mask ?? 0xffff_ffff;
    device.protoDownReason = ((device.protoDownReason & ~mask) | (protoDownReason.value & mask)) >>> 0;
  }
  if (protoDown === undefined) return;
  if (protoDown === 0 && device.protoDownReason !== 0) fail(EBUSY, 'Cannot clear protodown, active reasons');
  device.protoDown = protoDown !== 0;
  setCarrier(device, !device.protoDown);
}

function setSegmentLimits(device: NetDevice, attributes: LinkAttributes): void {
  const { gsoMaxSize, gsoMaxSegs, groMaxSize } = attributes;
  if (gsoMaxSize !== undefined) {
    if (gsoMaxSize > device.tsoMaxSize) fail(EINVAL);
    device.gsoMaxSize = gsoMaxSize;
  }
  if (gsoMaxSegs !== undefined) {
    if (gsoMaxSegs > 0xffff || gsoMaxSegs > device.tsoMaxSegments) fail(EINVAL);
    device.gsoMaxSegments = gsoMaxSegs;
  }
  if (groMaxSize !== undefined) device.groMaxSize = groMaxSize;
}
