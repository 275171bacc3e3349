import * as wire from '../../netlink/nfnl/nf-tables.js';
import type { Family } from './ast.js';

const inet: Readonly<Record<string, number>> = {
  prerouting: wire.NF_INET_PRE_ROUTING,
  input: wire.NF_INET_LOCAL_IN,
  forward: wire.NF_INET_FORWARD,
  output: wire.NF_INET_LOCAL_OUT,
  postrouting: wire.NF_INET_POST_ROUTING,
};

/** Hooks by their names, of each family. */
const tables: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  ip: inet,
  ip6: inet,
  bridge: inet,
  inet: { ...inet, ingress: wire.NF_INET_INGRESS },
  arp: { input: wire.NF_ARP_IN, output: wire.NF_ARP_OUT, forward: wire.NF_ARP_FORWARD },
  netdev: { ingress: wire.NF_NETDEV_INGRESS, egress: wire.NF_NETDEV_EGRESS },
};

export const hookNumber = (family: Family, name: string): number | undefined => tables[family][name];
export const hookName = (family: Family, number: number): string =>
  Object.entries(tables[family]).find(([, value]) => value === number)?.[0] ?? 'unknown';
