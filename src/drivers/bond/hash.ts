import {
  BOND_XMIT_POLICY_ENCAP23,
  BOND_XMIT_POLICY_ENCAP34,
  BOND_XMIT_POLICY_LAYER2,
  BOND_XMIT_POLICY_LAYER23,
  BOND_XMIT_POLICY_LAYER34,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
} from '../../netlink/rtnl/link/bond.js';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6, HEADER, type as etherType } from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';

// Which flow a packet belongs to, as a number: xmit_hash_policy. Words of the packet are read as a little-endian machine has them, so
// that a flow takes the same way as on the common ones of Linux.

const PROTOCOL_IPIP = 4;
const PROTOCOL_IPV6 = 41;
const PROTOCOL_GRE = 47;
const PROTOCOL_ESP = 50;
const PROTOCOL_AH = 51;
const PROTOCOL_DCCP = 33;
const PROTOCOL_SCTP = 132;
const PROTOCOL_UDPLITE = 136;
const NO_PROTOCOL = -1;
/** How many headers deep a tunnelled packet is looked into. */
const MOST_LEVELS = 8;

/** What is found of a flow, of one packet at a time. */
const found = { addresses: 0, protocol: NO_PROTOCOL, transport: 0 };

/** A frame's number, link header at `skb.data`. Linux: bond_xmit_hash() */
export function transmitHash(policy: number, skb: PacketBuffer): number {
  if (policy === BOND_XMIT_POLICY_VLAN_SRCMAC) return vlanSourceHash(skb);
  if (policy === BOND_XMIT_POLICY_LAYER2) return ethernetHash(skb);
  const encapsulated = policy === BOND_XMIT_POLICY_ENCAP23 || policy === BOND_XMIT_POLICY_ENCAP34;
  if (!(encapsulated ? dissectInner(skb) : dissect(skb, skb.data + HEADER, etherType(skb.view, skb.data)))) return ethernetHash(skb);
  const layer2 = policy === BOND_XMIT_POLICY_LAYER23 || policy === BOND_XMIT_POLICY_ENCAP23;
  let hash = (layer2 ? ethernetHash(skb) : transportWord(skb)) ^ found.addresses;
  hash ^= hash >>> 16;
  hash ^= hash >>> 8;
  // The lowest bit of ports says little.
  return policy === BOND_XMIT_POLICY_LAYER34 || policy === BOND_XMIT_POLICY_ENCAP34 ? (hash >>> 1) & 0x7fff_ffff : hash >>> 0;
}

// Linux: bond_eth_hash()
function ethernetHash({ bytes, view, data }: PacketBuffer): number {
  return bytes[data + 5]! ^ bytes[data + 11]! ^ etherType(view, data);
}

// Linux: bond_vlan_srcmac_hash()
function vlanSourceHash({ bytes, data, vlanTci }: PacketBuffer): number {
  const vendor = (bytes[data + 6]! << 16) | (bytes[data + 7]! << 8) | bytes[data + 8]!;
  const device = (bytes[data + 9]! << 16) | (bytes[data + 10]! << 8) | bytes[data + 11]!;
  return (vlanTci < 0 ? 0 : vlanTci) ^ vendor ^ device;
}

/** The headers of an IP packet at `at`. False: it is none. Linux: bond_flow_ip() */
function dissect(skb: PacketBuffer, at: number, protocol: number): boolean {
  const { view, tail } = skb;
  if (protocol === ETH_P_IP) {
    if (tail - at < ip.HEADER) return false;
    found.addresses = view.getUint32(at + 12, true) ^ view.getUint32(at + 16, true);
    const fragment = (ip.fragment(view, at) & (ip.MF | ip.OFFSET_MASK)) !== 0;
    found.protocol = fragment ? NO_PROTOCOL : ip.protocol(view, at);
    found.transport = at + ip.headerLength(view, at);
    return true;
  }
  if (protocol !== ETH_P_IPV6 || tail - at < ip6.HEADER) return false;
  let addresses = 0;
  for (let word = ip6.SOURCE; word < ip6.HEADER; word += 4) addresses ^= view.getUint32(at + word, true);
  found.addresses = addresses;
  found.protocol = ip6.nextHeader(view, at);
  found.transport = at + ip6.HEADER;
  return true;
}

/** The headers of the packet inside all tunnels and tags. Linux: skb_flow_dissect() with flow_keys_bonding */
function dissectInner(skb: PacketBuffer): boolean {
  const { view, tail } = skb;
  let at = skb.data + HEADER;
  let protocol = etherType(view, skb.data);
  for (let level = 0; level < MOST_LEVELS; level++) {
    if (protocol === ETH_P_8021Q || protocol === ETH_P_8021AD) {
      if (tail - at < 4) return false;
      protocol = view.getUint16(at + 2);
      at += 4;
      continue;
    }
    if (!dissect(skb, at, protocol)) return level > 0 && found.protocol !== NO_PROTOCOL;
    const inner = innerProtocol(skb);
    if (inner === 0) return true;
    at = found.transport;
    protocol = inner;
  }
  return true;
}

/** EtherType of what a tunnel's header at `found.transport` carries, which then begins there; 0: it is no tunnel. */
function innerProtocol({ view, tail }: PacketBuffer): number {
  if (found.protocol === PROTOCOL_IPIP) return ETH_P_IP;
  if (found.protocol === PROTOCOL_IPV6) return ETH_P_IPV6;
  const at = found.transport;
  if (found.protocol !== PROTOCOL_GRE || tail - at < 4) return 0;
  // RFC 2784, RFC 2890: checksum, key and sequence are there where their bits are; version 0.
  const flags = view.getUint16(at);
  if ((flags & 0x0007) !== 0) return 0;
  const inner = view.getUint16(at + 2);
  if (inner !== ETH_P_IP && inner !== ETH_P_IPV6) return 0;
  found.transport = at + 4 + ((flags & 0x8000) !== 0 ? 4 : 0) + ((flags & 0x2000) !== 0 ? 4 : 0) + ((flags & 0x1000) !== 0 ? 4 : 0);
  return inner;
}

/** Both ports, or of an ICMP echo type, code and identifier; 0 where there are none. */
function transportWord({ view, tail }: PacketBuffer): number {
  const at = found.transport;
  switch (found.protocol) {
    case ip.PROTOCOL_TCP:
    case ip.PROTOCOL_UDP:
    case PROTOCOL_DCCP:
    case PROTOCOL_ESP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDPLITE:
      return tail - at < 4 ? 0 : view.getUint32(at, true);
    case PROTOCOL_AH:
      return tail - at < 8 ? 0 : view.getUint32(at + 4, true);
    case ip.PROTOCOL_ICMP:
      return icmpWord(view, at, tail, 8, 0);
    case icmpv6.PROTOCOL:
      return icmpWord(view, at, tail, icmpv6.ECHO_REQUEST, icmpv6.ECHO_REPLY);
    default:
      return 0;
  }
}

// Linux: skb_flow_get_icmp_tci(): an identifier of 0 counts as 1.
function icmpWord(view: DataView, at: number, tail: number, request: number, reply: number): number {
  if (tail - at < 8) return 0;
  const type = view.getUint8(at);
  if (type !== request && type !== reply) return 0;
  return type | (view.getUint8(at + 1) << 8) | ((view.getUint16(at + 4, true) || 1) << 16);
}
