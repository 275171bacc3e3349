import { EAFNOSUPPORT, EEXIST, EINVAL, ENODEV, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_EXT_LEARNED,
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_MANAGED,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_USE,
  NTF_MANAGED,
  type Neighbour,
  type NeighbourTable,
} from '../../../net/core/neighbour.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { NTF_EXT_LEARNED, NTF_PROXY, NTF_ROUTER, NTF_USE, NUD_PERMANENT } from '../../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { findNeighbour, type NeighbourKey, neighbourKey } from './key.js';

/** How NDA_FLAGS_EXT joins ndm_flags: NTF_EXT_SHIFT. */
const EXT_SHIFT = 8;

export function tableOf(namespace: Namespace, family: number): NeighbourTable | undefined {
  return namespace.neighbourTables.find((table) => table.family === family);
}

/** RTM_NEWNEIGH. Linux: neigh_add() */
export function newNeighbour(request: NetlinkRequest): void {
  const { header, attributes } = neighbourMessage.parse(request.message);
  const { dst, lladdr, protocol = 0 } = attributes;
  if (dst === undefined) fail(EINVAL, 'Network address not specified');
  const device = deviceOf(request.namespace, header.ifindex);
  if (device !== null && lladdr !== undefined && lladdr.length < device.address.length) fail(EINVAL, 'Invalid link address');
  const table = tableOf(request.namespace, header.family) ?? fail(EAFNOSUPPORT);
  const key = neighbourKey(table, dst, 'Invalid network address');
  const flags = header.flags | ((attributes.flagsExt ?? 0) << EXT_SHIFT);
  if ((flags & NTF_PROXY) !== 0) {
    if ((flags & NTF_MANAGED) !== 0) fail(EINVAL, 'Invalid NTF_* flag combination');
    table.proxies.add(device, flags, protocol, ...key);
    return;
  }
  if (device === null) fail(EINVAL, 'Device not specified');
  const found = findNeighbour(table, device, key);
  if (found !== null && (request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
  const neighbour = found ?? create(request, table, device, key, header.state, flags);
  const override = found === null || (request.flags & NLM_F_REPLACE) !== 0;
  if (protocol !== 0) neighbour.protocol = protocol;
  neighbour.update(lladdr ?? null, header.state, updateFlags(flags, override));
  if ((flags & (NTF_USE | NTF_MANAGED)) !== 0) neighbour.use();
}

function create(
  request: NetlinkRequest,
  table: NeighbourTable,
  device: NetDevice,
  key: NeighbourKey,
  state: number,
  flags: number,
): Neighbour {
  if ((request.flags & NLM_F_CREATE) === 0) fail(ENOENT);
  if ((state & NUD_PERMANENT) !== 0 && (flags & NTF_MANAGED) !== 0) fail(EINVAL, 'Invalid NTF_* flag for permanent entry');
  return table.create(device, (state & NUD_PERMANENT) !== 0 || (flags & NTF_EXT_LEARNED) !== 0, ...key);
}

function updateFlags(flags: number, override: boolean): number {
  let update = NEIGH_UPDATE_F_ADMIN;
  if (override) update |= NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER;
  if ((flags & NTF_EXT_LEARNED) !== 0) update |= NEIGH_UPDATE_F_EXT_LEARNED;
  if ((flags & NTF_ROUTER) !== 0) update |= NEIGH_UPDATE_F_ISROUTER;
  if ((flags & NTF_USE) !== 0) update |= NEIGH_UPDATE_F_USE;
  if ((flags & NTF_MANAGED) !== 0) update |= NEIGH_UPDATE_F_MANAGED;
  return update;
}

/** RTM_DELNEIGH. Linux: neigh_delete() */
export function deleteNeighbour(request: NetlinkRequest): void {
  const { header, attributes } = neighbourMessage.parse(request.message);
  if (attributes.dst === undefined) fail(EINVAL, 'Network address not specified');
  const device = deviceOf(request.namespace, header.ifindex);
  const table = tableOf(request.namespace, header.family) ?? fail(EAFNOSUPPORT);
  const key = neighbourKey(table, attributes.dst, 'Invalid network address');
  if ((header.flags & NTF_PROXY) !== 0) table.proxies.delete(device, ...key);
  else if (device === null) fail(EINVAL);
  else table.delete(device, ...key);
}

function deviceOf(namespace: Namespace, ifindex: number): NetDevice | null {
  return ifindex === 0 ? null : (namespace.deviceByIndex(ifindex) ?? fail(ENODEV));
}
