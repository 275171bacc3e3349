import { EINVAL, ENODEV } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { LinkKind } from '../../../net/core/link-kind.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import { RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import { ifinfomsg, type LinkAttributes, linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { targetNamespace } from '../target-namespace.js';
import { describeLink, linkHeader } from './describe.js';
import { findDevice } from './find.js';

const oneAllowed: ReadonlySet<string> = new Set(['ifname', 'altIfname', 'extMask', 'targetNetnsid']);
const dumpAllowed: ReadonlySet<string> = new Set(['targetNetnsid', 'extMask', 'master', 'linkinfo']);

/** RTM_GETLINK of one device. Linux: rtnl_getlink() */
export function getLink(request: NetlinkRequest): void {
  const { header, attributes } = parseGet(request);
  const namespace = targetNamespace(request, attributes.targetNetnsid);
  const device = findDevice(namespace, header, attributes);
  if (device === 'unnamed') fail(EINVAL);
  else if (device === 'absent') fail(ENODEV);
  else answer(request, device, attributes);
}

function answer(request: NetlinkRequest, device: NetDevice, attributes: LinkAttributes): void {
  const { extMask = 0, targetNetnsid } = attributes;
  request.answer(
    linkMessage,
    linkHeader(device),
    describeLink(request.server, device, { viewer: request.namespace, extMask, targetNetnsid }),
    RTM_NEWLINK,
  );
}

// Linux: rtnl_valid_getlink_req()
function parseGet(request: NetlinkRequest) {
  if (!request.strict) return linkMessage.parse(request.message);
  const start = payloadStart(request.message);
  if (request.message.end - start < ifinfomsg.size) fail(EINVAL, 'Invalid header for get link');
  const header = linkMessage.readHeader(request.message);
  if (header.type !== 0 || header.flags !== 0 || header.change !== 0 || request.message.view.getUint8(start + 1) !== 0)
    fail(EINVAL, 'Invalid values in header for get link request');
  const attributes = linkMessage.parseAttributes(request.message);
  for (const key of Object.keys(attributes)) if (!oneAllowed.has(key)) fail(EINVAL, 'Unsupported attribute in get link request');
  return { header, attributes };
}

/** RTM_GETLINK of all devices, or those of a master or kind. Linux: rtnl_dump_ifinfo() */
export function dumpLinks(request: NetlinkRequest): Dump {
  return {
    generation: () => request.namespace.deviceGeneration,
    *messages(writer) {
      const attributes = parseDump(request);
      const namespace = targetNamespace(request, attributes.targetNetnsid);
      const { master = 0, extMask = 0, targetNetnsid } = attributes;
      const kind = attributes.linkinfo?.kind === undefined ? undefined : namespace.stack.linkKinds.get(attributes.linkinfo.kind);
      const flags = NLM_F_MULTI | (master !== 0 || kind !== undefined ? NLM_F_DUMP_FILTERED : 0);
      for (const device of dumpOrder(namespace)) {
        if (!device.registered || device.namespace !== namespace || filtered(device, master, kind)) continue;
        const description = describeLink(request.server, device, { viewer: request.namespace, extMask, targetNetnsid });
        const { sequence } = request.message;
        linkMessage.build(writer, RTM_NEWLINK, flags, sequence, request.socket.portId, linkHeader(device), description);
        yield;
      }
    },
  };
}

// Linux: link_dump_filtered()
function filtered(device: NetDevice, master: number, kind: LinkKind | undefined): boolean {
  if (master === 0xffff_ffff ? device.master !== null : master !== 0 && device.master?.ifindex !== master) return true;
  return kind !== undefined && device.kind !== kind;
}

/** The order of dumps: 256 hash buckets by index, the youngest first in each. */
export function dumpOrder(namespace: Namespace): NetDevice[] {
  const devices = [...namespace.devicesByIndex.values()].reverse();
  return devices.sort((a, b) => (a.ifindex & 0xff) - (b.ifindex & 0xff));
}

// Linux: rtnl_valid_dump_ifinfo_req(). Without strict checking a header that is too short, or attributes that make no sense, ask for all.
function parseDump(request: NetlinkRequest): LinkAttributes {
  if (!request.strict) {
    try {
      return linkMessage.parse(request.message).attributes;
    } catch (error) {
      if (error instanceof NetError) return {};
      throw error;
    }
  }
  const start = payloadStart(request.message);
  if (request.message.end - start < ifinfomsg.size) fail(EINVAL, 'Invalid header for link dump');
  const header = linkMessage.readHeader(request.message);
  if (header.type !== 0 || header.flags !== 0 || header.change !== 0 || request.message.view.getUint8(start + 1) !== 0)
    fail(EINVAL, 'Invalid values in header for link dump request');
  if (header.index !== 0) fail(EINVAL, 'Filter by device index not supported for link dumps');
  const attributes = linkMessage.parseAttributes(request.message, true);
  for (const key of Object.keys(attributes)) if (!dumpAllowed.has(key)) fail(EINVAL, 'Unsupported attribute in link dump request');
  return attributes;
}
