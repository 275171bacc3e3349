import { arpType } from './arp.js';
import { dhcpPort } from './dhcp.js';
import { domainTcp, domainUdp, multicastDomain } from './domain.js';
import { ethernet, ethernetLink, netAnalyzerLink } from './ethernet.js';
import { greProtocol } from './gre.js';
import { icmpProtocol } from './icmp.js';
import { icmp6Protocol } from './icmp6.js';
import { igmpProtocol } from './igmp.js';
import { anyIp, ip, ipType, ipv4Link, rawLink } from './ip.js';
import { ip6, ip6Type, ipv6Link } from './ip6.js';
import { sll2Link, sllLink } from './linux-cooked.js';
import { llc } from './llc.js';
import { ntpPort } from './ntp.js';
import { nullLink } from './null.js';
import type { EthertypePrinter, IpProtocolPrinter, LinkPrinter, PortPrinter, Printer, Registry } from './registry-types.js';
import { slowType } from './slow.js';
import { tcpProtocol } from './tcp.js';
import { ftpPort, httpPort, rtspPort, sipPort, smtpPort, sshPort, whoisPort } from './text-protocols.js';
import { udpProtocol } from './udp.js';
import { vxlanPort } from './vxlan.js';

const links: readonly LinkPrinter[] = [ethernetLink, netAnalyzerLink, rawLink, ipv4Link, ipv6Link, sllLink, sll2Link, nullLink];

const ethertypes: readonly EthertypePrinter[] = [ipType, ip6Type, arpType, slowType];

/** Protocols of IP that carry IP itself. */
const tunnels: readonly IpProtocolPrinter[] = [
  { protocols: [4], print: (d, at, length) => d.registry.ip(d, at, length) },
  { protocols: [41], print: (d, at, length) => d.registry.ip6(d, at, length) },
  { protocols: [77], print: (d, _at, length) => d.put(` nd ${length}`) },
  { protocols: [143], version: 6, print: (d, at, length) => void d.registry.ethernet(d, at, length, d.left(at)) },
];

const ipProtocols: readonly IpProtocolPrinter[] = [
  icmpProtocol,
  icmp6Protocol,
  igmpProtocol,
  tcpProtocol,
  udpProtocol,
  greProtocol,
  ...tunnels,
];

/** Where two know a port, the first of them prints it. */
const udp: readonly PortPrinter[] = [domainUdp, multicastDomain, dhcpPort, ntpPort, sipPort, vxlanPort];
const tcp: readonly PortPrinter[] = [smtpPort, whoisPort, sshPort, ftpPort, httpPort, rtspPort, domainTcp];

const notYet: Printer = (d, at, length) => d.dump(at, length);

const byKey = <K, V>(values: readonly V[], keys: (value: V) => readonly K[]): Map<K, V> =>
  new Map(values.flatMap((value) => keys(value).map((key) => [key, value])));

export const registry: Registry = {
  links: byKey(links, ({ types }) => types),
  ethertypes: byKey(ethertypes, ({ types }) => types),
  ipProtocols: byKey(ipProtocols, ({ protocols }) => protocols),
  udp,
  tcp,
  ip,
  ip6,
  anyIp,
  ethernet,
  llc,
  ppp: notYet,
  mpls: notYet,
  isoclns: notYet,
};
