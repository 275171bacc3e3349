import { EEXIST, ENOSPC } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { NETLINK_ROUTE } from '../../netlink/constants.js';
import { NETNSA_NSID_NOT_ASSIGNED, RTM_NEWNSID, RTNLGRP_NSID } from '../../netlink/rtnl/constants.js';
import { nsidMessage } from '../../netlink/rtnl/nsid.js';
import type { NetlinkServer } from '../netlink-kernel.js';

/** Ids are non-negative ints. */
const MAX_NSID = 0x7fff_ffff;

/** The namespace that has `id` as `namespace` sees it. */
export function namespaceById(namespace: Namespace, id: number): Namespace | undefined {
  for (const [peer, peerId] of namespace.nsids) if (peerId === id) return peer;
  return undefined;
}

/**
 * The id of `peer` in `owner`, the lowest free one if it has none yet; -1 when either is being torn down.
 * Linux: peernet2id_alloc()
 */
export function namespaceIdOf(server: NetlinkServer, owner: Namespace, peer: Namespace): number {
  const existing = owner.nsids.get(peer);
  if (existing !== undefined) return existing;
  if (owner.dead || peer.dead) return NETNSA_NSID_NOT_ASSIGNED;
  const taken = new Set(owner.nsids.values());
  let id = 0;
  while (taken.has(id)) id++;
  return assign(server, owner, peer, id);
}

/** RTM_NEWNSID of a peer without id: `wanted` negative for any. EEXIST: the id is taken. Linux: alloc_netid() */
export function assignNamespaceId(server: NetlinkServer, owner: Namespace, peer: Namespace, wanted: number): number {
  if (wanted < 0) return namespaceIdOf(server, owner, peer);
  if (wanted > MAX_NSID) fail(ENOSPC);
  if (namespaceById(owner, wanted) !== undefined) fail(EEXIST, 'The specified nsid is already used');
  return assign(server, owner, peer, wanted);
}

function assign(server: NetlinkServer, owner: Namespace, peer: Namespace, id: number): number {
  owner.nsids.set(peer, id);
  tellNamespaceId(server, owner, RTM_NEWNSID, id);
  return id;
}

/** RTM_NEWNSID, RTM_DELNSID to RTNLGRP_NSID of `owner`. */
export function tellNamespaceId(server: NetlinkServer, owner: Namespace, type: number, nsid: number): void {
  const notification = { protocol: NETLINK_ROUTE, namespace: owner, group: RTNLGRP_NSID, answersRequest: true };
  server.notify(notification, (writer, sequence, portId) => {
    nsidMessage.build(writer, type, 0, sequence, portId, {}, { nsid });
  });
}
