import { EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_UNSPEC, NETLINK_ROUTE, NLM_F_BULK, NLM_F_DUMP } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_NEWLINK, RTNLGRP_STATS } from '../../netlink/rtnl/constants.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump, NetlinkProtocol } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';

/** What answers one message type of one address family (rtnl_register). */
export interface RtnetlinkHandler {
  /** RTM_* */
  readonly type: number;
  /** AF_UNSPEC: all families that have no handler of their own. */
  readonly family: number;
  handle?(request: NetlinkRequest): void;
  dump?(request: NetlinkRequest): Dump;
}

/** A part of rtnetlink - links, addresses, ... - as one descriptor; the list of all is registry.ts. */
export interface RtnetlinkModule {
  readonly handlers: readonly RtnetlinkHandler[];
  /** Turns what happens in a namespace into notifications. Called once a namespace, when it is made. */
  watch?(server: NetlinkServer, namespace: Namespace): void;
  /** Called once a stack: what concerns all its namespaces. */
  watchStack?(server: NetlinkServer): void;
}

const RTM_MAX = 123;
// The low two bits of a type say what it does: rtnl_msgtype_kind().
const KIND_DEL = 1;
const KIND_GET = 2;

export function rtnetlink(server: NetlinkServer, modules: readonly RtnetlinkModule[]): NetlinkProtocol {
  const handlers = new Map<number, RtnetlinkHandler>();
  const key = (family: number, type: number) => (type << 8) | family;
  for (const module of modules) for (const handler of module.handlers) handlers.set(key(handler.family, handler.type), handler);

  const watch = (namespace: Namespace) => {
    for (const module of modules) module.watch?.(server, namespace);
  };
  for (const namespace of server.stack.namespaces.values()) watch(namespace);
  server.stack.namespaceEvents.subscribe((event) => {
    if (event.type === 'created') watch(event.namespace);
  });
  for (const module of modules) module.watchStack?.(server);

  return {
    protocol: NETLINK_ROUTE,
    groups: RTNLGRP_STATS,
    nonRootReceive: true,

    // Linux: rtnetlink_rcv_msg()
    receive(request) {
      const { type, flags, message } = request;
      if (type > RTM_MAX) fail(EOPNOTSUPP);
      if (message.end <= payloadStart(message)) return undefined;
      const family = message.bytes[payloadStart(message)]!;
      const kind = (type - RTM_NEWLINK) & 3;
      if (kind !== KIND_GET && !request.credentials.netAdmin) fail(EPERM);
      const own = handlers.get(key(family, type));
      const general = handlers.get(key(AF_UNSPEC, type));
      if (kind === KIND_GET && (flags & NLM_F_DUMP) !== 0) {
        const dumper = own?.dump === undefined ? general : own;
        return dumper?.dump === undefined ? fail(EOPNOTSUPP) : dumper.dump(request);
      }
      const handler = own?.handle === undefined ? general : own;
      if (handler?.handle === undefined) return fail(EOPNOTSUPP);
      if (kind === KIND_DEL && (flags & NLM_F_BULK) !== 0) fail(EOPNOTSUPP, 'Bulk delete is not supported');
      handler.handle(request);
      return undefined;
    },
  };
}
