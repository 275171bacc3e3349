import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { type Hook, LOCAL_IN, LOCAL_OUT, NF_ACCEPT, POST_ROUTING, PRE_ROUTING } from '../../core/hooks.js';
import { confirm } from './confirm.js';
import type { Conntrack } from './conntrack.js';
import { defragment4, defragment6 } from './defragment.js';
import { track } from './track.js';

// enum nf_ip_hook_priorities
export const NF_IP_PRI_CONNTRACK_DEFRAG = -400;
export const NF_IP_PRI_CONNTRACK = -200;
const NF_IP_PRI_CONNTRACK_CONFIRM = 0x7fff_ffff;

/** Puts tracking on the hooks of IPv4 and IPv6; returns how to take it off again. Linux: ipv4_conntrack_ops, nf_defrag_ipv4_enable() */
export function registerConntrackHooks(conntrack: Conntrack): () => void {
  const { namespace } = conntrack;
  const leave: (() => void)[] = [];
  for (const family of [NFPROTO_IPV4, NFPROTO_IPV6]) {
    const hooks = family === NFPROTO_IPV4 ? namespace.ipv4.hooks : namespace.ipv6.hooks;
    const defragmenter: Hook = {
      priority: NF_IP_PRI_CONNTRACK_DEFRAG,
      run: (skb, _hook, input, output) =>
        family === NFPROTO_IPV4 ? defragment4(conntrack, skb) : defragment6(conntrack, skb, input ?? output!),
    };
    const tracker: Hook = {
      priority: NF_IP_PRI_CONNTRACK,
      run: (skb, hook) => track(conntrack, family, skb, hook),
    };
    const confirmer: Hook = {
      priority: NF_IP_PRI_CONNTRACK_CONFIRM,
      run: (skb) => (skb.conntrack === 0 ? NF_ACCEPT : confirm(conntrack, skb)),
    };
    leave.push(
      hooks.register(PRE_ROUTING, defragmenter),
      hooks.register(LOCAL_OUT, defragmenter),
      hooks.register(PRE_ROUTING, tracker),
      hooks.register(LOCAL_OUT, tracker),
      hooks.register(POST_ROUTING, confirmer),
      hooks.register(LOCAL_IN, confirmer),
    );
  }
  return () => {
    for (const one of leave) one();
  };
}
