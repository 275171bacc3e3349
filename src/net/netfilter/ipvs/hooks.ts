import { AF_INET } from '../../../netlink/constants.js';
import { FORWARD, type Hook, LOCAL_IN, LOCAL_OUT, PRE_ROUTING } from '../../core/hooks.js';
import { NF_IP_PRI_CONNTRACK_DEFRAG } from '../conntrack/hooks.js';
import { defragment6 } from '../conntrack/defragment.js';
import { forwardedIcmp, incoming } from './input.js';
import type { Ipvs } from './ipvs.js';
import { outgoing } from './output.js';

const NF_IP_PRI_NAT_DST = -100;
const NF_IP_PRI_NAT_SRC = 100;

/** Puts IPVS on the hooks of one family; returns how to take it off again. Linux: ip_vs_ops4, ip_vs_ops6 */
export function registerIpvsHooks(ipvs: Ipvs, family: number): () => void {
  const { namespace } = ipvs;
  const four = family === AF_INET;
  const { hooks } = four ? namespace.ipv4 : namespace.ipv6;
  const reply = (priority: number): Hook => ({ priority, run: (skb, hook) => outgoing(ipvs, family, skb, hook) });
  const request = (priority: number): Hook => ({ priority, run: (skb, hook, input) => incoming(ipvs, family, skb, hook, input) });
  const icmp: Hook = { priority: 99, run: (skb, _hook, input) => forwardedIcmp(ipvs, family, skb, input) };
  const leave = [
    // Answers get their source back behind the filters, requests are sent on behind them.
    hooks.register(LOCAL_IN, reply(NF_IP_PRI_NAT_SRC - 2)),
    hooks.register(LOCAL_IN, request(NF_IP_PRI_NAT_SRC - 1)),
    hooks.register(LOCAL_OUT, reply(NF_IP_PRI_NAT_DST + 1)),
    hooks.register(LOCAL_OUT, request(NF_IP_PRI_NAT_DST + 2)),
    hooks.register(FORWARD, icmp),
    hooks.register(FORWARD, reply(100)),
  ];
  if (!four) {
    // Ports are in the first fragment alone: all have to be there. Linux: nf_defrag_ipv6_enable()
    const defragmenter: Hook = {
      priority: NF_IP_PRI_CONNTRACK_DEFRAG,
      run: (skb, _hook, input, output) => defragment6(namespace.conntrack, skb, input ?? output!),
    };
    leave.push(hooks.register(PRE_ROUTING, defragmenter), hooks.register(LOCAL_OUT, defragmenter));
  }
  return () => {
    for (const one of leave) one();
  };
}
