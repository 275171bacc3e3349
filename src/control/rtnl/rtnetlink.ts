import { EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_UNSPEC, NETLINK_ROUTE, NLM_F_BULK, NLM_F_DUMP } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_GETADDR, RTM_GETNETCONF, RTM_GETROUTE, RTM_NEWLINK, RTNLGRP_STATS } from '../../netlink/rtnl/constants.js';
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
  /** NLM_F_BULK may be set: it deletes many (RTNL_FLAG_BULK_DEL_SUPPORTED). */
  readonly bulk?: boolean;
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

/** Dumps that a request for no family, or one that has none of its own, gets of all families. */
const dumpedForAllFamilies: ReadonlySet<number> = new Set([RTM_GETADDR, RTM_GETROUTE, RTM_GETNETCONF]);

/** The dumps of several families, one behind the other. Linux: rtnl_dump_all() */
function dumpAll(handlers: RtnetlinkHandler[], request: NetlinkRequest): Dump | undefined {
  const dumps = handlers.sort((a, b) => a.family - b.family).flatMap((handler) => handler.dump?.(request) ?? []);
  if (dumps.length === 0) return undefined;
  return {
    generation: () => dumps.reduce((sum, dump) => sum + (dump.generation?.() ?? 0), 0),
    *messages(writer) {
      for (const dump of dumps) for (const messages = dump.messages(writer); messages.next().done !== true; ) yield;
    },
  };
}

export function rtnetlink(server: NetlinkServer, modules: readonly RtnetlinkModule[]): NetlinkProtocol {
  const handlers = new Map<number, RtnetlinkHandler>();
  const key = (family: number, type: number) => (type << 8) | family;
  for (const module of modules) for (const handler of module.handlers) handlers.set(key(handler.family, handler.type), handler);

  const ofAllFamilies = (type: number) =>
    dumpedForAllFamilies.has(type) ? [...handlers.values()].filter((handler) => handler.type === type) : [];

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
        if (dumper?.dump !== undefined) return dumper.dump(request);
        return dumpAll(ofAllFamilies(type), request) ?? fail(EOPNOTSUPP);
      }
      const handler = own?.handle === undefined ? general : own;
      if (handler?.handle === undefined) return fail(EOPNOTSUPP);
      if (kind === KIND_DEL && (flags & NLM_F_BULK) !== 0 && handler.bulk !== true) fail(EOPNOTSUPP, 'Bulk delete is not supported');
      handler.handle(request);
      return undefined;
    },
  };
}
