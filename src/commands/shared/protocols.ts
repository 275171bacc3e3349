import { parseU8 } from './numbers.js';

/** Protocols above IP by number, as /etc/protocols of Debian names them. */
// biome-ignore format: a table
const names: Readonly<Record<number, string>> = {
  0: 'ip', 1: 'icmp', 2: 'igmp', 3: 'ggp', 4: 'ipencap', 5: 'st', 6: 'tcp', 8: 'egp', 9: 'igp', 12: 'pup', 17: 'udp', 20: 'hmp',
  22: 'xns-idp', 27: 'rdp', 29: 'iso-tp4', 33: 'dccp', 36: 'xtp', 37: 'ddp', 38: 'idpr-cmtp', 41: 'ipv6', 43: 'ipv6-route',
  44: 'ipv6-frag', 45: 'idrp', 46: 'rsvp', 47: 'gre', 50: 'esp', 51: 'ah', 57: 'skip', 58: 'ipv6-icmp', 59: 'ipv6-nonxt',
  60: 'ipv6-opts', 73: 'rspf', 81: 'vmtp', 88: 'eigrp', 89: 'ospf', 93: 'ax.25', 94: 'ipip', 97: 'etherip', 98: 'encap', 103: 'pim',
  108: 'ipcomp', 112: 'vrrp', 115: 'l2tp', 124: 'isis', 132: 'sctp', 133: 'fc', 135: 'mobility-header', 136: 'udplite',
  137: 'mpls-in-ip', 138: 'manet', 139: 'hip', 140: 'shim6', 141: 'wesp', 142: 'rohc', 143: 'ethernet',
};

export const protocolName = (number: number, numeric: boolean): string => (numeric ? undefined : names[number]) ?? `ipproto-${number}`;

/** The protocol that a name or a number means; null when it is neither. */
export function parseProtocol(word: string): number | null {
  const number = parseU8(word);
  if (number !== null) return number;
  const named = Object.entries(names).find(([, name]) => name === word);
  return named === undefined ? null : Number(named[0]);
}
