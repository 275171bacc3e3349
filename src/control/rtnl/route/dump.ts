import { EINVAL, ENODEV, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { FibRoute } from '../../../net/ipv4/fib/fib.js';
import type { FibInfo } from '../../../net/ipv4/fib/info.js';
import type { FibTable } from '../../../net/ipv4/fib/table.js';
import { AF_INET, NLA_HDRLEN, NLM_F_DUMP_FILTERED, NLM_F_MULTI, NLMSG_HDRLEN } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import { RTM_F_CLONED, RTM_F_PREFIX, RTM_NEWROUTE } from '../../../netlink/rtnl/constants.js';
import { routeMessage, rtmsg } from '../../../netlink/rtnl/route.js';
import type { MessageWriter } from '../../../netlink/writer.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { fibOf } from '../ipv4.js';
import { parseStrictly } from '../strict.js';
import { describeRoute } from './describe.js';

/** How many routes are read out of a table at once. */
const BATCH = 512;

interface RouteFilter {
  readonly flags: number;
  readonly protocol: number;
  readonly type: number;
  readonly tableId: number;
  readonly oif: number;
}

/** RTM_GETROUTE of a table or all. Linux: inet_dump_fib() */
export function dumpRoutes(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const filter = request.strict ? strictFilter(request) : liberalFilter(request);
      const set = filter.flags !== 0 || filter.protocol !== 0 || filter.type !== 0 || filter.tableId !== 0 || filter.oif !== 0;
      const flags = NLM_F_MULTI | (request.strict && set ? NLM_F_DUMP_FILTERED : 0);
      // IPv4 has no prefixes that came from a router; no cached route is shown as one of its own.
      if ((filter.flags & (RTM_F_PREFIX | RTM_F_CLONED)) !== 0) return;
      const copier = new RouteCopier(
        flags,
        request.message.sequence,
        request.socket.portId,
        request.namespace.ipv4.settings.nexthopCompatMode,
      );
      for (const table of tablesOf(request, filter.tableId))
        for (const routes of batchesOf(request, table)) {
          copier.reset();
          for (const route of routes) {
            if (!passes(route, filter)) continue;
            copier.write(writer, route);
            yield;
          }
        }
    },
  };
}

function tablesOf(request: NetlinkRequest, tableId: number): readonly FibTable[] {
  const fib = fibOf(request.namespace);
  if (tableId === 0) return fib.tables();
  const table = fib.table(tableId);
  if (table !== null) return [table];
  return request.message.bytes[payloadStart(request.message)] === AF_INET ? fail(ENOENT, 'ipv4: FIB table does not exist') : [];
}

/**
 * Writes RTM_NEWROUTE of one route after the other. Those that have their FibInfo in common differ in destination and length
 * alone: they are copied from the first of them.
 */
class RouteCopier {
  readonly #flags: number;
  readonly #sequence: number;
  readonly #portId: number;
  readonly #first = new Map<FibInfo, { readonly route: FibRoute; readonly bytes: Uint8Array }>();

  readonly #compatible: boolean;

  constructor(flags: number, sequence: number, portId: number, compatible: boolean) {
    this.#compatible = compatible;
    this.#flags = flags;
    this.#sequence = sequence;
    this.#portId = portId;
  }

  /** What routes have in common may have changed. */
  reset(): void {
    this.#first.clear();
  }

  write(writer: MessageWriter, route: FibRoute): void {
    const first = this.#first.get(route.info);
    if (first !== undefined && route.prefixLength !== 0 && alike(first.route, route)) {
      const at = writer.at;
      writer.raw(first.bytes);
      writer.bytes[at + DST_LEN] = route.prefixLength;
      writer.view.setUint32(at + DST, route.destination);
      return;
    }
    const start = writer.at;
    const { header, attributes } = describeRoute(route, this.#compatible);
    routeMessage.build(writer, RTM_NEWROUTE, this.#flags, this.#sequence, this.#portId, header, attributes);
    if (route.prefixLength !== 0) this.#first.set(route.info, { route, bytes: writer.bytes.slice(start, writer.at) });
  }
}

const alike = (a: FibRoute, b: FibRoute): boolean => a.type === b.type && a.tos === b.tos && a.tableId === b.tableId;

/** In the message, behind the nlmsghdr: rtm_dst_len; the payload of RTA_DST, which follows rtmsg and RTA_TABLE (8 bytes). */
const DST_LEN = NLMSG_HDRLEN + 1;
const DST = NLMSG_HDRLEN + rtmsg.size + 8 + NLA_HDRLEN;

/** The routes of a table in batches, so that a large one is not held as objects while a slow reader takes its dump. */
function* batchesOf(request: NetlinkRequest, table: FibTable): Generator<readonly FibRoute[]> {
  const fib = fibOf(request.namespace);
  let from = 0;
  let done = false;
  while (!done) {
    const batch: FibRoute[] = [];
    done = true;
    fib.walk(
      table,
      (route) => {
        // A batch ends between destinations: the next one begins at a destination.
        if (batch.length >= BATCH && batch.at(-1)?.destination !== route.destination) {
          from = route.destination;
          done = false;
          return false;
        }
        batch.push(route);
        return true;
      },
      from,
    );
    yield batch;
  }
}

// Linux: fn_trie_dump_leaf()
function passes(route: FibRoute, filter: RouteFilter): boolean {
  if (filter.type !== 0 && route.type !== filter.type) return false;
  if (filter.protocol !== 0 && route.info.protocol !== filter.protocol) return false;
  return filter.oif === 0 || route.info.nexthops.some((nexthop) => nexthop.device?.ifindex === filter.oif);
}

function liberalFilter(request: NetlinkRequest): RouteFilter {
  const bytes = request.message.end - payloadStart(request.message);
  const flags = bytes < rtmsg.size ? 0 : routeMessage.readHeader(request.message).flags & (RTM_F_PREFIX | RTM_F_CLONED);
  return { flags, protocol: 0, type: 0, tableId: 0, oif: 0 };
}

// Linux: ip_valid_fib_dump_req()
function strictFilter(request: NetlinkRequest): RouteFilter {
  const { header, attributes } = parseStrictly(request, routeMessage, rtmsg.size, {
    badHeader: 'Invalid header for FIB dump request',
    allowed: ['table', 'oif'],
    badAttribute: 'Unsupported attribute in dump request',
  });
  if (header.dstLen !== 0 || header.srcLen !== 0 || header.tos !== 0 || header.scope !== 0)
    fail(EINVAL, 'Invalid values in header for FIB dump request');
  if ((header.flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) !== 0) fail(EINVAL, 'Invalid flags for FIB dump request');
  const oif = attributes.oif ?? 0;
  if (oif !== 0 && request.namespace.deviceByIndex(oif) === undefined) fail(ENODEV);
  return { flags: header.flags, protocol: header.protocol, type: header.type, tableId: attributes.table ?? header.table, oif };
}
