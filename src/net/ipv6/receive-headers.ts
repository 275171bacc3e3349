import * as icmpv6 from '../../wire/icmpv6.js';
import { NEXTHDR_AUTH } from '../../wire/ipv6-extensions.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { ROUTER_ALERT } from './control-block.js';
import { heldBy, ip6Count } from './count.js';
import type { Ipv6 } from './ipv6.js';
import { Ip6Mib } from './snmp.js';

/** The header was passed; what follows is to be looked at. */
export const HEADER_DONE = 0;

// Options, RFC 8200 4.2
const OPTION_PAD1 = 0;
const OPTION_PADN = 1;
const OPTION_ROUTER_ALERT = 5;
const OPTION_JUMBO = 194;
const OPTION_HOME_ADDRESS = 201;

/** Routing headers that are known at all, RFC 6275 6.4. */
const ROUTING_TYPE_2 = 2;

/** ipv6_parse_hopopts(): false: the packet was dropped. */
export function readHopByHop(ipv6: Ipv6, skb: PacketBuffer): boolean {
  const start = skb.networkHeader + skb.cb3;
  const bytes = headerBytes(skb, start);
  const { settings } = ipv6;
  if (bytes < 0 || bytes - 2 > settings.maxHbhLength) {
    ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
    ipv6.namespace.stack.drop(skb, DropReason.IP_INHDR);
    return false;
  }
  if (!readOptions(ipv6, skb, start, bytes, settings.maxHbhOptsNumber, true)) return false;
  skb.cb2 = skb.cb3;
  skb.cb3 += bytes;
  skb.transportHeader = start + bytes;
  return true;
}

/**
 * One extension header of a packet for this host, `skb.data` at it: HEADER_DONE; the packet that goes on (reassembly made another of
 * several); or null: it is used up. Takes ownership in the last two.
 */
export function nextHeader(ipv6: Ipv6, skb: PacketBuffer, protocol: number, device: NetDevice): PacketBuffer | null | typeof HEADER_DONE {
  const start = skb.data;
  if (protocol === ip6.NEXTHDR_NONE) {
    ipv6.namespace.stack.consume(skb);
    return null;
  }
  if (protocol === ip6.NEXTHDR_FRAGMENT) return ipv6.reassembly.add(skb, device);
  if (protocol === NEXTHDR_AUTH) {
    // Without IPsec nobody takes it.
    ip6Count(ipv6, heldBy(skb), Ip6Mib.InUnknownProtos);
    ipv6.icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_NEXT_HEADER, skb.cb2);
    ipv6.namespace.stack.drop(skb, DropReason.IP_NOPROTO);
    return null;
  }
  const bytes = headerBytes(skb, start);
  if (bytes < 0) {
    ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
    ipv6.namespace.stack.drop(skb, DropReason.IP_INHDR);
    return null;
  }
  if (protocol === ip6.NEXTHDR_DEST) {
    const { settings } = ipv6;
    if (bytes - 2 > settings.maxDstOptsLength) {
      ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
      ipv6.namespace.stack.drop(skb, DropReason.IP_INHDR);
      return null;
    }
    if (!readOptions(ipv6, skb, start, bytes, settings.maxDstOptsNumber, false)) return null;
  } else if (!passRouting(ipv6, skb, start, device)) return null;
  skb.cb2 = start - skb.networkHeader;
  skb.cb3 = skb.cb2 + bytes;
  return HEADER_DONE;
}

/** Length of the options or routing header at `start`; -1: it is cut off. */
function headerBytes(skb: PacketBuffer, start: number): number {
  if (start + 8 > skb.tail) return -1;
  const bytes = (skb.view.getUint8(start + 1) + 1) << 3;
  return start + bytes > skb.tail ? -1 : bytes;
}

/** ip6_parse_tlv(): false: the packet was dropped, and if the option asks for it its sender told. */
function readOptions(ipv6: Ipv6, skb: PacketBuffer, start: number, bytes: number, most: number, hopByHop: boolean): boolean {
  const v = skb.view;
  const end = start + bytes;
  const limit = Math.abs(most);
  let count = 0;
  let padding = 0;
  for (let at = start + 2; at < end; ) {
    const type = v.getUint8(at);
    if (type === OPTION_PAD1) {
      at++;
      if (++padding > 7) return badOptions(ipv6, skb);
      continue;
    }
    if (at + 1 >= end) return badOptions(ipv6, skb);
    const length = v.getUint8(at + 1) + 2;
    if (at + length > end) return badOptions(ipv6, skb);
    if (type === OPTION_PADN) {
      // RFC 4942 2.1.9.5: no more padding than aligns, and nothing hidden in it.
      padding += length;
      if (padding > 7) return badOptions(ipv6, skb);
      for (let i = 2; i < length; i++) if (v.getUint8(at + i) !== 0) return badOptions(ipv6, skb);
    } else {
      padding = 0;
      if (++count > limit) return badOptions(ipv6, skb);
      if (hopByHop && type === OPTION_ROUTER_ALERT) {
        if (length !== 4) return badOptions(ipv6, skb);
        skb.cb0 |= ROUTER_ALERT;
      } else if (hopByHop && type === OPTION_JUMBO) return unknownOption(ipv6, skb, at, icmpv6.HEADER_FIELD);
      else if (hopByHop || type !== OPTION_HOME_ADDRESS || length !== 18) {
        // The two highest bits say what is to be done (RFC 8200 4.2).
        const action = type >>> 6;
        if (action === 1) return badOptions(ipv6, skb);
        const group = v.getUint8(skb.networkHeader + ip6.DESTINATION) === 0xff;
        if (action === 2 || (action === 3 && !group)) return unknownOption(ipv6, skb, at, icmpv6.UNKNOWN_OPTION);
        if (action === 3) return badOptions(ipv6, skb);
      }
    }
    at += length;
  }
  return true;
}

function badOptions(ipv6: Ipv6, skb: PacketBuffer): false {
  ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
  ipv6.namespace.stack.drop(skb, DropReason.IP_INHDR);
  return false;
}

function unknownOption(ipv6: Ipv6, skb: PacketBuffer, at: number, code: number): false {
  ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
  ipv6.icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, code, at - skb.networkHeader);
  ipv6.namespace.stack.drop(skb, DropReason.IP_INHDR);
  return false;
}

/** ipv6_rthdr_rcv(): a header that has done its work is passed; source routing (RFC 5095) is refused. False: dropped. */
function passRouting(ipv6: Ipv6, skb: PacketBuffer, start: number, device: NetDevice): boolean {
  const { stack } = ipv6.namespace;
  const v = skb.view;
  if (v.getUint8(skb.networkHeader + ip6.DESTINATION) === 0xff || skb.packetType !== PACKET_HOST) {
    ip6Count(ipv6, heldBy(skb), Ip6Mib.InAddrErrors);
    stack.drop(skb, DropReason.IP_INADDRERRORS);
    return false;
  }
  const type = v.getUint8(start + 2);
  if (v.getUint8(start + 3) === 0) {
    // Type 2 is for mobility, and only with its one address.
    if (type !== ROUTING_TYPE_2 || (ipv6.allConfig.acceptSourceRoute >= 0 && device.ipv6 !== null)) return true;
    ip6Count(ipv6, heldBy(skb), Ip6Mib.InAddrErrors);
    stack.drop(skb, DropReason.IP_INADDRERRORS);
    return false;
  }
  ip6Count(ipv6, heldBy(skb), Ip6Mib.InHdrErrors);
  // Linux: of an unknown type the field is named; of type 0 and of type 2 without mobility as well.
  ipv6.icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, icmpv6.HEADER_FIELD, start + 2 - skb.networkHeader);
  stack.drop(skb, DropReason.IP_INHDR);
  return false;
}
