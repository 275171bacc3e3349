import { AF_INET, AF_INET6 } from '../../../../netlink/constants.js';
import { ENCAP_CSUM, TUNNEL_GRE, TUNNEL_GUE } from '../../../../netlink/genl/ip-vs.js';
import * as checksum from '../../../../wire/checksum.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../../wire/ethernet.js';
import * as gre from '../../../../wire/gre.js';
import * as ip from '../../../../wire/ipv4.js';
import * as ip6 from '../../../../wire/ipv6.js';
import * as udp from '../../../../wire/udp.js';
import { hash4 } from '../../../../base/hash.js';
import { completeChecksum } from '../../../core/checksum-offload.js';
import { DropReason } from '../../../core/drop-reason.js';
import type { Dst } from '../../../core/dst.js';
import { ecnEncapsulate } from '../../../core/ecn.js';
import { Flow } from '../../../core/flow.js';
import { segment } from '../../../core/gso.js';
import { coverHeadroom } from '../../../core/headroom.js';
import { NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../../core/hooks.js';
import { HeaderFields } from '../../../core/internet.js';
import { CHECKSUM_NONE, GSO_NONE, type PacketBuffer } from '../../../core/packet-buffer.js';
import { payloadDontFragment, payloadTos, payloadTtl } from '../../../core/tunnel-payload.js';
import type { Destination } from '../destination.js';
import type { Ipvs } from '../ipvs.js';
import { DESTINATION } from '../layout.js';
import { fits, unreachable } from './fit.js';
import { finish, isLocal } from './send.js';
import { waySource, wayTo } from './way.js';

const flow = new Flow();
const header = new HeaderFields();

const PROTOCOL_IPIP = 4;
const PROTOCOL_IPV6 = 41;
/** GUE, draft-ietf-intarea-gue 3.1:  0 version, C, length in words | 1 protocol | 2 flags. */
const GUE_HEADER = 4;
const MIN_MTU = 68;
/** Room for all outer headers and the link's. */
const HEADROOM = 128;

/** Bytes between the outer network header and the packet. */
export function encapsulationBytes(server: Destination | null): number {
  if (server === null) return 0;
  if (server.tunnelType === TUNNEL_GUE) return udp.HEADER + GUE_HEADER;
  if (server.tunnelType === TUNNEL_GRE) return gre.HEADER + ((server.tunnelFlags & ENCAP_CSUM) !== 0 ? 4 : 0);
  return 0;
}

/** The packet goes inside another, to the server. Linux: ip_vs_tunnel_xmit() */
export function tunnel(ipvs: Ipvs, id: number, skb: PacketBuffer): number {
  const { table } = ipvs.connections;
  const { ipv4, ipv6, stack } = ipvs.namespace;
  const family = table.family(id);
  const outerFamily = table.serverFamily(id);
  const dst = wayTo(ipvs, id);
  if (dst === null) {
    unreachable(ipvs, family, skb);
    return NF_DROP;
  }
  if (isLocal(dst)) {
    finish(ipvs, id, skb);
    return NF_ACCEPT;
  }
  const server = ipvs.destinationOf(id);
  const bytes = encapsulationBytes(server) + (outerFamily === AF_INET ? ip.HEADER : ip6.HEADER);
  const mtu = (outerFamily === AF_INET ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst)) - bytes;
  if (mtu < (family === AF_INET ? MIN_MTU : ip6.MIN_MTU)) return NF_DROP;
  if (!fits(ipvs, family, skb, mtu, ipvs.settings.pmtuDisc === 0)) return NF_DROP;
  finish(ipvs, id, skb);
  table.readAddress(id, DESTINATION, flow.destination6);
  if (skb.gsoSize === 0) {
    encapsulate(ipvs, family, outerFamily, skb, dst, server);
    return NF_STOLEN;
  }
  skb.device = dst.device;
  for (let piece = segment(skb); piece !== null; ) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    piece.ipvs = true;
    if (piece.data > HEADROOM || coverHeadroom(stack, piece, HEADROOM)) encapsulate(ipvs, family, outerFamily, piece, dst, server);
    else stack.drop(piece, DropReason.NOMEM);
    piece = next;
  }
  return NF_STOLEN;
}

/** Puts on the outer headers and sends; the server's address is in `flow.destination6`. Takes ownership. */
function encapsulate(ipvs: Ipvs, family: number, outerFamily: number, skb: PacketBuffer, dst: Dst, server: Destination | null): void {
  const { ipv4, ipv6, stack } = ipvs.namespace;
  skb.device = dst.device;
  if (!coverHeadroom(stack, skb, HEADROOM) || !completeChecksum(skb)) {
    stack.drop(skb, DropReason.NOMEM);
    return;
  }
  const payload = family === AF_INET ? ETH_P_IP : ETH_P_IPV6;
  const at = skb.networkHeader;
  const tos = payloadTos(skb, payload, at);
  const ttl = payloadTtl(skb, payload, at);
  const dontFragment = ipvs.settings.pmtuDisc !== 0 && payloadDontFragment(skb, payload, at);
  const protocol = family === AF_INET ? PROTOCOL_IPIP : PROTOCOL_IPV6;
  skb.data = at;
  flow.protocol = protocol;
  flow.source6.set(waySource);
  flow.source = waySource[0]!;
  flow.destination = flow.destination6[0]!;
  if (server !== null && server.tunnelType === TUNNEL_GUE) putGue(ipvs, outerFamily, skb, server, protocol);
  else if (server !== null && server.tunnelType === TUNNEL_GRE) putGre(skb, server, payload);
  skb.ipSummed = CHECKSUM_NONE;
  skb.gsoType = GSO_NONE;
  skb.gsoSize = 0;
  skb.tunnel = null;
  header.ttl = ttl;
  header.tos = ecnEncapsulate(tos, tos);
  header.dontFragment = dontFragment;
  header.id = -1;
  if (outerFamily === AF_INET6) {
    ipv6.output(skb, dst, flow, header);
    return;
  }
  header.id = ipv4.identifiers.take(flow.source, flow.destination, flow.protocol, 1, ipv4.nowMs());
  ipv4.output(skb, dst, flow, header);
}

/** Linux: ipvs_gre_encap() */
function putGre(skb: PacketBuffer, server: Destination, payload: number): void {
  const flags = (server.tunnelFlags & ENCAP_CSUM) !== 0 ? gre.CSUM : 0;
  const at = skb.push(encapsulationBytes(server));
  gre.write(skb.view, at, flags, payload, 0, 0, skb.tail);
  flow.protocol = gre.PROTOCOL;
}

/** Linux: ipvs_gue_encap() */
function putGue(ipvs: Ipvs, outerFamily: number, skb: PacketBuffer, server: Destination, protocol: number): void {
  const inner = skb.data;
  const sourcePort = flowPort(ipvs, skb, inner);
  const guide = skb.push(GUE_HEADER);
  const { view } = skb;
  view.setUint8(guide, 0);
  view.setUint8(guide + 1, protocol);
  view.setUint16(guide + 2, 0);
  const at = skb.push(udp.HEADER);
  const bytes = skb.tail - at;
  udp.write(view, at, sourcePort, server.tunnelPort, bytes);
  flow.protocol = udp.PROTOCOL;
  // RFC 8200 8.1: over IPv6 there is no UDP without a checksum, but for tunnels that say so.
  if ((server.tunnelFlags & ENCAP_CSUM) === 0) return;
  const { ipv4, ipv6 } = ipvs.namespace;
  const pseudo =
    outerFamily === AF_INET ? ipv4.pseudoHeaderSum(flow, udp.PROTOCOL, bytes) : ipv6.pseudoHeaderSum(flow, udp.PROTOCOL, bytes);
  view.setUint16(at + udp.CHECKSUM_AT, checksum.checksum(view, at, bytes, pseudo) || 0xffff);
}

/** A source port that tells flows apart, out of those that are nobody's. Linux: udp_flow_src_port() */
function flowPort(ipvs: Ipvs, skb: PacketBuffer, at: number): number {
  const { stack, ipv4 } = ipvs.namespace;
  const { view, transportHeader } = skb;
  const addresses = at + (view.getUint8(at) >>> 4 === 4 ? 12 : 8);
  const ports = transportHeader + 4 <= skb.tail ? view.getUint32(transportHeader) : 0;
  const hash = hash4(stack.hashSeed, view.getUint32(addresses), view.getUint32(addresses + 4), ports, skb.protocol);
  const { localPortFirst, localPortLast } = ipv4.settings;
  return localPortFirst + (hash % (localPortLast - localPortFirst + 1));
}
