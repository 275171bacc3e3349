import { AF_INET } from '../../../netlink/constants.js';
import { IFF_LOOPBACK, RTN_LOCAL } from '../../../netlink/rtnl/constants.js';
import { LOCAL_IN } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { reroute4, reroute6 } from '../reroute.js';
import type { Ipvs } from './ipvs.js';

/** Policy may send what comes from this host another way than what passes through. Linux: ip_vs_route_me_harder() */
export function rerouted(ipvs: Ipvs, family: number, skb: PacketBuffer, hook: number): boolean {
  if (ipvs.settings.snatReroute === 0 || hook === LOCAL_IN) return true;
  const dst = skb.dst!;
  const { ipv4, ipv6 } = ipvs.namespace;
  if (family === AF_INET) return dst.type === RTN_LOCAL || reroute4(ipv4, skb);
  return dst.device === null || (dst.device.flags & IFF_LOOPBACK) !== 0 || reroute6(ipv6, skb);
}
