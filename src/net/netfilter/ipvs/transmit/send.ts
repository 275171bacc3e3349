import { AF_INET } from '../../../../netlink/constants.js';
import { IP_VS_CONN_F_NFCT } from '../../../../netlink/genl/ip-vs.js';
import { RTN_ANYCAST, RTN_LOCAL } from '../../../../netlink/rtnl/constants.js';
import type { Dst } from '../../../core/dst.js';
import { coverHeadroom } from '../../../core/headroom.js';
import { LOCAL_OUT, NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../../core/hooks.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { IGNORE_DF } from '../../../ipv4/control-block.js';
import { ipOutput } from '../../../ipv4/output.js';
import { IGNORE_DF as IGNORE_DF6 } from '../../../ipv6/control-block.js';
import { ip6Output } from '../../../ipv6/output.js';
import { notrack, updateConntrack } from '../conntrack.js';
import type { Ipvs } from '../ipvs.js';
import { FLAGS } from '../layout.js';

export const isLocal = (dst: Dst): boolean => dst.type === RTN_LOCAL || dst.type === RTN_ANYCAST;

/** IPVS is done with the packet, and netfilter knows or forgets it. */
export function finish(ipvs: Ipvs, id: number, skb: PacketBuffer): void {
  skb.ipvs = true;
  if ((ipvs.connections.table.get(id, FLAGS) & IP_VS_CONN_F_NFCT) === 0) notrack(ipvs, skb);
  else updateConntrack(ipvs, skb, id, true);
}

/** Sends a packet by `dst` as if this host had made it; to a server on this host it goes on where it is. NF_*. Linux: ip_vs_nat_send_or_cont() */
export function send(ipvs: Ipvs, id: number, family: number, skb: PacketBuffer, dst: Dst): number {
  finish(ipvs, id, skb);
  if (isLocal(dst)) return NF_ACCEPT;
  const { ipv4, ipv6, stack } = ipvs.namespace;
  const device = dst.device!;
  if (!coverHeadroom(stack, skb, device.hardHeaderBytes)) return NF_DROP;
  skb.dst = dst;
  skb.device = device;
  if (family === AF_INET) {
    skb.cb0 |= IGNORE_DF;
    if (ipv4.hooks.localOut.length !== 0 && !ipv4.hooks.pass(skb, LOCAL_OUT, null, device)) return NF_STOLEN;
    ipOutput(ipv4, skb);
  } else {
    skb.cb0 |= IGNORE_DF6;
    if (ipv6.hooks.localOut.length !== 0 && !ipv6.hooks.pass(skb, LOCAL_OUT, null, device)) return NF_STOLEN;
    ip6Output(ipv6, skb);
  }
  return NF_STOLEN;
}
