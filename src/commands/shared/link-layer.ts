import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { ARPHRD_IP6GRE, ARPHRD_IPGRE, ARPHRD_SIT, ARPHRD_TUNNEL, ARPHRD_TUNNEL6 } from '../../netlink/rtnl/constants.js';
import { formatMac } from '../../wire/mac-address.js';
import { formatAddress, readAddress } from './address.js';
import { failure } from './failure.js';

// linux/if_arp.h: ARPHRD_*, and what iproute2 calls them.
// biome-ignore format: a table
const types: Readonly<Record<number, string>> = {
  0: 'netrom', 1: 'ether', 2: 'eether', 3: 'ax25', 4: 'pronet', 5: 'chaos', 6: 'ieee802', 7: 'arcnet', 8: 'atalk', 15: 'dlci', 19: 'atm',
  23: 'metricom', 24: 'ieee1394', 32: 'infiniband', 256: 'slip', 257: 'cslip', 258: 'slip6', 259: 'cslip6', 260: 'rsrvd', 264: 'adapt',
  270: 'rose', 271: 'x25', 272: 'hwx25', 280: 'can', 290: 'mctp', 512: 'ppp', 513: 'hdlc', 516: 'lapb', 517: 'ddcmp', 518: 'rawhdlc',
  519: 'rawip', 768: 'ipip', 769: 'tunnel6', 770: 'frad', 771: 'skip', 772: 'loopback', 773: 'ltalk', 774: 'fddi', 775: 'bif', 776: 'sit',
  777: 'ip/ddp', 778: 'gre', 779: 'pimreg', 780: 'hippi', 781: 'ash', 782: 'econet', 783: 'irda', 784: 'fcpp', 785: 'fcal', 786: 'fcpl',
  787: 'fcfb/0', 788: 'fcfb/1', 789: 'fcfb/2', 790: 'fcfb/3', 791: 'fcfb/4', 792: 'fcfb/5', 793: 'fcfb/6', 794: 'fcfb/7', 795: 'fcfb/8',
  796: 'fcfb/9', 797: 'fcfb/10', 798: 'fcfb/11', 799: 'fcfb/12', 800: 'tr', 801: 'ieee802.11', 802: 'ieee802.11/prism',
  803: 'ieee802.11/radiotap', 804: 'ieee802.15.4', 805: 'ieee802.15.4/monitor', 820: 'phonet', 821: 'phonet_pipe', 822: 'caif',
  823: 'gre6', 824: 'netlink', 825: '6lowpan', 65534: 'none', 65535: 'void',
};

/** "ether"; in brackets the number of an unknown type, or of any with -N. */
export const linkTypeName = (type: number, numeric: boolean) => (numeric ? undefined : types[type]) ?? `[${type}]`;

/** A link layer address as text: tunnels have IP addresses for theirs. */
export function formatLinkAddress(bytes: Uint8Array, type: number): string {
  if (bytes.length === 4 && (type === ARPHRD_TUNNEL || type === ARPHRD_SIT || type === ARPHRD_IPGRE)) return formatAddress(AF_INET, bytes);
  if (bytes.length === 16 && (type === ARPHRD_TUNNEL6 || type === ARPHRD_IP6GRE)) return formatAddress(AF_INET6, bytes);
  return formatMac(bytes);
}

/** A link layer address from a command line: hexadecimal bytes between colons, or an IPv4 address. Any length. */
export function parseLinkAddress(text: string): Uint8Array {
  if (text.includes('.')) {
    // As an address of IPv4, whose last octets may be left out.
    const ipv4 = readAddress(text, AF_INET);
    if (ipv4 === null) throw failure(`"${text}" is invalid lladdr.`);
    return ipv4.bytes;
  }
  const bytes: number[] = [];
  for (const part of text.split(':')) {
    const byte = /^[ \t]*[+-]?(0[xX])?[0-9a-fA-F]+/.test(part) ? Number.parseInt(part, 16) : Number.NaN;
    if (Number.isNaN(byte) || byte < 0 || byte > 255) throw failure(`"${part}" is invalid lladdr.`);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
