import { EACCES, EINVAL, EOPNOTSUPP, EPERM, ESRCH } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { LinkAttributes } from '../../netlink/rtnl/link/link.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { namespaceById } from './namespace-ids.js';

/** IFLA_TARGET_NETNSID and its kind: the namespace that a GET request speaks of. Linux: rtnl_get_net_ns_capable() */
export function targetNamespace(request: NetlinkRequest, id: number | undefined): Namespace {
  if (id === undefined) return request.namespace;
  const namespace = namespaceById(request.namespace, id) ?? fail(EINVAL, 'Invalid target network namespace id');
  if (!request.credentials.netAdmin) fail(EACCES, 'Invalid target network namespace id');
  return namespace;
}

/** At most one attribute may name a namespace. Linux: rtnl_ensure_unique_netns() */
export function ensureUniqueNamespace(attributes: LinkAttributes, byIdOnly: boolean): void {
  const byProcessOrFile = attributes.netNsPid !== undefined || attributes.netNsFd !== undefined;
  if (byIdOnly) {
    if (byProcessOrFile) fail(EOPNOTSUPP, 'specified netns attribute not supported');
    return;
  }
  const named = [attributes.netNsPid, attributes.netNsFd, attributes.targetNetnsid].filter((value) => value !== undefined);
  if (named.length > 1) fail(EINVAL, 'multiple netns identifying attributes specified');
}

/**
 * The namespace that IFLA_NET_NS_PID, IFLA_NET_NS_FD or IFLA_TARGET_NETNSID name; null: none of them is there. On our bus
 * IFLA_NET_NS_FD carries a namespace's id in the tapstack family; pid 1 stands for the initial namespace.
 * Linux: rtnl_link_get_net_capable()
 */
export function namedNamespace(request: NetlinkRequest, attributes: LinkAttributes): Namespace | null {
  const { netNsPid, netNsFd, targetNetnsid } = attributes;
  const { names } = request.server;
  let namespace: Namespace | null = null;
  if (netNsPid !== undefined) namespace = names.ofProcess(netNsPid) ?? fail(ESRCH);
  else if (netNsFd !== undefined) namespace = names.resolve(netNsFd) ?? fail(EINVAL);
  else if (targetNetnsid !== undefined) namespace = namespaceById(request.namespace, targetNetnsid) ?? fail(EINVAL);
  if (namespace !== null && !request.credentials.netAdmin) fail(EPERM);
  return namespace;
}
