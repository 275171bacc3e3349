import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { Flow } from '../core/flow.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import type { Ipv4 } from '../ipv4/ipv4.js';
import type { Ipv6 } from '../ipv6/ipv6.js';

const flow = new Flow();

// A packet of this host's whose addresses or mark are others now goes where these lead. False: nowhere; the packet is the caller's.

// Linux: ip_route_me_harder()
export function reroute4(ipv4: Ipv4, skb: PacketBuffer): boolean {
  const { view, networkHeader: at } = skb;
  const source = ip.source(view, at);
  flow.reset();
  flow.destination = ip.destination(view, at);
  flow.source = ipv4.addressType(source) === RTN_LOCAL ? source : 0;
  flow.anySource = true;
  flow.tos = ip.tos(view, at) & 0x1e;
  flow.mark = skb.mark;
  flow.protocol = ip.protocol(view, at);
  flow.oif = skb.socket === null ? 0 : skb.socket.boundIfindex;
  const dst = ipv4.route(flow);
  if (dst.error !== 0) return false;
  skb.dst = dst;
  skb.device = dst.device;
  return true;
}

// Linux: ip6_route_me_harder()
export function reroute6(ipv6: Ipv6, skb: PacketBuffer): boolean {
  const { view, networkHeader: at } = skb;
  flow.reset();
  ip6.readAddress(view, at + ip6.DESTINATION, flow.destination6);
  ip6.readAddress(view, at + ip6.SOURCE, flow.source6);
  flow.anySource = true;
  flow.mark = skb.mark;
  flow.protocol = ip6.nextHeader(view, at);
  flow.oif = skb.socket === null ? 0 : skb.socket.boundIfindex;
  const dst = ipv6.routes.output(flow);
  if (dst.error !== 0) return false;
  skb.dst = dst;
  skb.device = dst.device;
  return true;
}
