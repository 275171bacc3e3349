import { EAFNOSUPPORT, EINVAL, ENODEV, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { Neighbour } from '../../../net/core/neighbour.js';
import { NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import { NTF_PROXY, RTM_NEWNEIGH } from '../../../netlink/rtnl/constants.js';
import { ndmsg, neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { parseStrictly } from '../strict.js';
import { type DescribedNeighbour, describeNeighbour, describeProxy } from './describe.js';
import { findNeighbour, neighbourKey } from './key.js';
import { tableOf } from './modify.js';

/** RTM_GETNEIGH of one entry. Linux: neigh_get() */
export function getNeighbour(request: NetlinkRequest): void {
  const { header, attributes } = parseStrictly(request, neighbourMessage, ndmsg.size, {
    badHeader: 'Invalid header for neighbor get request',
    allowed: ['dst'],
    badAttribute: 'Unsupported attribute in neighbor get request',
  });
  if (header.state !== 0 || header.type !== 0) fail(EINVAL, 'Invalid values in header for neighbor get request');
  if ((header.flags & ~NTF_PROXY) !== 0) fail(EINVAL, 'Invalid flags in header for neighbor get request');
  const table = tableOf(request.namespace, header.family) ?? fail(EAFNOSUPPORT, 'Unsupported family in header for neighbor get request');
  const device = header.ifindex === 0 ? null : (request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV, 'Unknown device ifindex'));
  if (attributes.dst === undefined) fail(EINVAL, 'Network address not specified');
  const key = neighbourKey(table, attributes.dst, 'Invalid network address in neighbor get request');
  let found: DescribedNeighbour;
  if ((header.flags & NTF_PROXY) !== 0) {
    const [key0, key1, key2, key3] = key;
    const entry = table.proxies.list.find(
      (proxy) => proxy.device === device && proxy.key0 === key0 && proxy.key1 === key1 && proxy.key2 === key2 && proxy.key3 === key3,
    );
    found = describeProxy(table, entry ?? fail(ENOENT, 'Proxy neighbour entry not found'));
  } else {
    if (device === null) fail(EINVAL, 'No device specified');
    found = describeNeighbour(findNeighbour(table, device, key) ?? fail(ENOENT, 'Neighbour entry not found'));
  }
  request.answer(neighbourMessage, found.header, found.attributes, RTM_NEWNEIGH);
}

interface NeighbourFilter {
  readonly ifindex: number;
  readonly master: number;
}

/** RTM_GETNEIGH of all entries, or all proxies. Linux: neigh_dump_info() */
export function dumpNeighbours(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const { message, namespace } = request;
      const start = payloadStart(message);
      const family = message.bytes[start]!;
      const proxies = message.end - start >= ndmsg.size && neighbourMessage.readHeader(message).flags === NTF_PROXY;
      const filter = parseFilter(request);
      const flags = NLM_F_MULTI | (filter.ifindex !== 0 || filter.master !== 0 ? NLM_F_DUMP_FILTERED : 0);
      for (const table of [...namespace.neighbourTables]) {
        if (family !== 0 && table.family !== family) continue;
        for (const entry of proxies ? table.proxies.list.slice() : table.entries()) {
          if (!passes(entry.device, filter)) continue;
          if (entry instanceof Neighbour && entry.dead) continue;
          const { header, attributes } = entry instanceof Neighbour ? describeNeighbour(entry) : describeProxy(table, entry);
          neighbourMessage.build(writer, RTM_NEWNEIGH, flags, message.sequence, request.socket.portId, header, attributes);
          yield;
        }
      }
    },
  };
}

// Linux: neigh_ifindex_filtered(), neigh_master_filtered()
function passes(device: NetDevice | null, { ifindex, master }: NeighbourFilter): boolean {
  if (ifindex !== 0 && device?.ifindex !== ifindex) return false;
  return master === 0 || device?.master?.ifindex === master;
}

// Linux: neigh_valid_dump_req()
function parseFilter(request: NetlinkRequest): NeighbourFilter {
  if (!request.strict) {
    if (request.message.end - payloadStart(request.message) < ndmsg.size) return { ifindex: 0, master: 0 };
    const { ifindex = 0, master = 0 } = neighbourMessage.parse(request.message).attributes;
    return { ifindex, master };
  }
  const { header, attributes } = parseStrictly(request, neighbourMessage, ndmsg.size, {
    badHeader: 'Invalid header for neighbor dump request',
    allowed: ['ifindex', 'master'],
    badAttribute: 'Unsupported attribute in neighbor dump request',
  });
  if (header.ifindex !== 0 || header.state !== 0 || header.type !== 0) fail(EINVAL, 'Invalid values in header for neighbor dump request');
  if ((header.flags & ~NTF_PROXY) !== 0) fail(EINVAL, 'Invalid flags in header for neighbor dump request');
  return { ifindex: attributes.ifindex ?? 0, master: attributes.master ?? 0 };
}
