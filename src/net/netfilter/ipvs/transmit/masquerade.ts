import { AF_INET } from '../../../../netlink/constants.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import { NF_DROP } from '../../../core/hooks.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { Tuple } from '../../conntrack/tuple.js';
import { isPartial, manipulate } from '../../nat/manip.js';
import { DESTINATION as DESTINATION_SIDE } from '../../nat/range.js';
import { applicationOf } from '../apps/bind.js';
import type { Ipvs } from '../ipvs.js';
import { DESTINATION } from '../layout.js';
import type { IpvsPacket } from '../packet.js';
import { fits, unreachable } from './fit.js';
import { isLocal, send } from './send.js';
import { wayTo } from './way.js';

const target = new Tuple();

/** The packet gets the server's address and port. Linux: ip_vs_nat_xmit() */
export function masquerade(ipvs: Ipvs, id: number, skb: PacketBuffer, packet: IpvsPacket): number {
  const { table } = ipvs.connections;
  const { ipv4, ipv6, stack } = ipvs.namespace;
  const family = table.family(id);
  const dst = wayTo(ipvs, id);
  if (dst === null) {
    unreachable(ipvs, family, skb);
    return NF_DROP;
  }
  if (!isLocal(dst)) {
    const mtu = family === AF_INET ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst);
    if (!fits(ipvs, family, skb, mtu, false)) return NF_DROP;
  } else if (skb.shared && !stack.pool.makeWritable(skb)) return NF_DROP;
  if (applicationOf(ipvs, id)?.incoming(ipvs, id, skb, packet) === false) return NF_DROP;
  target.family = family === AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
  table.readAddress(id, DESTINATION, target.destination);
  target.setPorts(0, table.serverPort(id));
  manipulate(skb, skb.networkHeader, target, DESTINATION_SIDE, isPartial(skb));
  return send(ipvs, id, family, skb, dst);
}
