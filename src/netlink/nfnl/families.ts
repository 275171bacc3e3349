import { NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from './nfnetlink.js';

/** Families of tables by nfgenmsg's number. */
export const familyNames: ReadonlyMap<number, string> = new Map([
  [NFPROTO_IPV4, 'ip'],
  [NFPROTO_IPV6, 'ip6'],
  [NFPROTO_INET, 'inet'],
  [NFPROTO_ARP, 'arp'],
  [NFPROTO_BRIDGE, 'bridge'],
  [NFPROTO_NETDEV, 'netdev'],
]);

export const familyName = (family: number): string => familyNames.get(family) ?? 'unknown';
