import { type HookAttributes, NF_INET_INGRESS } from '../../../netlink/nfnl/nf-tables.js';
import { NFPROTO_INET, NFPROTO_NETDEV } from '../../../netlink/nfnl/nfnetlink.js';
import type { BaseChain } from '../../../net/netfilter/nf_tables/chain.js';

/** NFTA_CHAIN_HOOK: devices as a list, and where there is one, by itself as well. Linux: nft_dump_basechain_hook() */
export function describeHook(base: BaseChain, family: number): HookAttributes {
  const onDevices = family === NFPROTO_NETDEV || (family === NFPROTO_INET && base.hook === NF_INET_INGRESS);
  const [first] = base.devices;
  return {
    hooknum: base.hook,
    priority: base.priority,
    ...(onDevices ? { devs: base.devices } : {}),
    ...(onDevices && base.devices.length === 1 && first !== undefined ? { dev: first } : {}),
  };
}
