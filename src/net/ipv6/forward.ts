import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { gsoNetworkLength } from '../core/gso.js';
import { FORWARD } from '../core/hooks.js';
import { HEADROOM } from '../core/packet-pool.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { FORWARDED, FRAG_COMPLETE } from './control-block.js';
import { enteredBy, ip6Count, routeOwner } from './count.js';
import { ip6Input } from './deliver.js';
import type { Ipv6 } from './ipv6.js';
import { ip6Output } from './output.js';
import type { Rt6 } from './rt6.js';
import { Ip6Mib } from './snmp.js';

const source = new Uint32Array(4);
const destination = new Uint32Array(4);

/** ip6_forward(): a packet for somebody else. Takes ownership. */
export function ip6Forward(ipv6: Ipv6, skb: PacketBuffer, dst: Rt6, device: NetDevice): void {
  const { stack } = ipv6.namespace;
  const v = skb.view;
  const at = skb.networkHeader;
  if (ipv6.allConfig.forwarding === 0 || skb.packetType !== PACKET_HOST) {
    if (ipv6.allConfig.forwarding === 0) ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InAddrErrors);
    stack.drop(skb, skb.packetType === PACKET_HOST ? DropReason.IP_INADDRERRORS : DropReason.NOT_SPECIFIED);
    return;
  }
  if (v.getUint8(at + 7) <= 1) {
    ipv6.icmp.sendError(skb, icmpv6.TIME_EXCEEDED, icmpv6.EXCEEDED_HOPLIMIT, 0);
    ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InHdrErrors);
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  ip6.readAddress(v, at + ip6.SOURCE, source);
  ip6.readAddress(v, at + ip6.DESTINATION, destination);
  if (device.ipv6?.proxies() === true && isProxied(ipv6, device)) {
    const verdict = proxyCheck(skb);
    if (verdict > 0) {
      v.setUint8(at + 7, v.getUint8(at + 7) - 1);
      ip6Input(ipv6, skb, device);
      return;
    }
    if (verdict < 0) {
      ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InDiscards);
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
  }
  const output = dst.device!;
  if (output === device) {
    // RFC 4861 8.2: there is a better first hop on the link that it came from. One a second for each sender.
    if (ipv6.icmp.allowPeer(source, 1000)) ipv6.ndisc.sendRedirect(skb, dst.gateway ?? destination);
  } else if (ip6.isAny(source) || ip6.isMulticast(source) || ip6.isLoopback(source)) {
    ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InAddrErrors);
    stack.drop(skb, DropReason.IP_INADDRERRORS);
    return;
  } else if (ip6.isLinkLocal(source)) {
    // RFC 4291 2.5.6: never beyond its link.
    ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.NOT_NEIGHBOUR, 0);
    ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InAddrErrors);
    stack.drop(skb, DropReason.IP_INADDRERRORS);
    return;
  }
  const mtu = Math.max(ipv6.routes.forwardMtu(dst), ip6.MIN_MTU);
  if (tooBig(skb, mtu)) {
    ipv6.icmp.sendError(skb, icmpv6.PACKET_TOO_BIG, 0, mtu);
    ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InTooBigErrors);
    ip6Count(ipv6, dst.owner, Ip6Mib.FragFails);
    stack.drop(skb, DropReason.PKT_TOO_BIG);
    return;
  }
  if ((skb.shared || skb.data < output.hardHeaderBytes) && !makeRoom(ipv6, skb, output)) {
    ip6Count(ipv6, dst.owner, Ip6Mib.OutDiscards);
    stack.drop(skb, DropReason.NOMEM);
    return;
  }
  skb.view.setUint8(skb.networkHeader + 7, skb.view.getUint8(skb.networkHeader + 7) - 1);
  skb.cb0 |= FORWARDED;
  if (ipv6.hooks.forward.length !== 0 && !ipv6.hooks.pass(skb, FORWARD, device, output)) return;
  ip6ForwardFinish(ipv6, skb);
}

/** ip6_forward_finish() */
export function ip6ForwardFinish(ipv6: Ipv6, skb: PacketBuffer): void {
  const owner = routeOwner(ipv6, skb);
  ip6Count(ipv6, owner, Ip6Mib.OutForwDatagrams);
  ip6Count(ipv6, owner, Ip6Mib.OutOctets, skb.tail - skb.data);
  ip6Output(ipv6, skb);
}

const isProxied = (ipv6: Ipv6, device: NetDevice): boolean =>
  ipv6.ndisc.table.proxies.lookup(device, destination[0]!, destination[1]!, destination[2]!, destination[3]!) !== null;

/** ip6_forward_proxy_check(): 1 unicast neighbour discovery is ours, -1 link-local packets are not passed on, 0 all else goes on. */
function proxyCheck(skb: PacketBuffer): number {
  const found = skipHeaders(skb.view, skb.networkHeader, skb.tail);
  if (found.protocol === icmpv6.PROTOCOL && found.offset >= 0 && found.offset < skb.tail) {
    const type = skb.view.getUint8(found.offset);
    if (type >= icmpv6.ROUTER_SOLICITATION && type <= icmpv6.REDIRECT) return 1;
  }
  return ip6.isLinkLocal(destination) ? -1 : 0;
}

/** ip6_pkt_too_big() */
function tooBig(skb: PacketBuffer, mtu: number): boolean {
  if (skb.tail - skb.data <= mtu) return false;
  // What came in fragments leaves in fragments, if those fit.
  if ((skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 !== 0) return skb.cb1 > mtu;
  return !(skb.gsoSize !== 0 && gsoNetworkLength(skb) <= mtu);
}

/** Bytes of its own and room for the link's header (skb_cow()). */
function makeRoom(ipv6: Ipv6, skb: PacketBuffer, output: NetDevice): boolean {
  if (skb.shared && !ipv6.namespace.stack.pool.makeWritable(skb)) return false;
  if (skb.data >= output.hardHeaderBytes) return true;
  const shift = HEADROOM - skb.data;
  if (skb.tail + shift > skb.bytes.length) return false;
  skb.bytes.copyWithin(HEADROOM, skb.data, skb.tail);
  skb.data += shift;
  skb.tail += shift;
  skb.networkHeader += shift;
  skb.transportHeader += shift;
  skb.csumStart += shift;
  skb.macHeader = -1;
  return true;
}
