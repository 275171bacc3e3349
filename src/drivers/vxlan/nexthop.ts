import { EAFNOSUPPORT, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { NexthopObject } from '../../net/nexthop/object.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';

/** The group of forwarding nexthops that entries of a device over `ipv6` may lead to. EINVAL, EAFNOSUPPORT. Linux: vxlan_fdb_nh_update() */
export function nexthopGroup(underlay: Namespace, id: number, ipv6: boolean): NexthopObject {
  const object = underlay.nexthops.find(id) ?? fail(EINVAL, 'Nexthop id does not exist');
  if (!object.fdb) fail(EINVAL, 'Nexthop is not a fdb nexthop');
  if (object.members === null) fail(EINVAL, 'Nexthop is not a multipath group');
  if (object.members[0]?.object.family !== (ipv6 ? AF_INET6 : AF_INET)) fail(EAFNOSUPPORT, 'Nexthop group family not supported');
  return object;
}

/**
 * The member of a group that a flow of `hash` (31 bits) goes by, always the same while the group stays as it is; null: it is empty.
 * RFC 2992. Linux: nexthop_path_fdb_result()
 */
export function pickMember({ members }: NexthopObject, hash: number): NexthopObject | null {
  if (members === null) return null;
  let total = 0;
  for (let i = 0; i < members.length; i++) total += members[i]!.weight;
  let weight = 0;
  for (let i = 0; i < members.length; i++) {
    weight += members[i]!.weight;
    if (hash <= Math.floor((weight * 2 ** 31 + total / 2) / total) - 1) return members[i]!.object;
  }
  return null;
}
