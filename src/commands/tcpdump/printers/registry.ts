import { juniperEtherLink } from './juniper.js';
import { arpType } from './arp.js';
import { dhcpPort } from './dhcp.js';
import { dhcp6Port } from './dhcp6.js';
import { domainTcp, domainUdp, multicastDomain } from './domain.js';
import { eapolType } from './eap.js';
import { ethernet, ethernetLink, netAnalyzerLink } from './ethernet.js';
import { genevePort } from './geneve.js';
import { greProtocol } from './gre.js';
import { hsrpPort } from './hsrp.js';
import { icmpProtocol } from './icmp.js';
import { icmp6Protocol } from './icmp6.js';
import { igmpProtocol } from './igmp.js';
import { anyIp, ip, ipType, ipv4Link, rawLink } from './ip.js';
import { ip6, ip6Type, ipv6Link } from './ip6.js';
import { ipsecProtocols } from './ipsec.js';
import { sll2Link, sllLink } from './linux-cooked.js';
import { llc, snap } from './llc.js';
import { mpls, mplsPort, mplsProtocol, mplsType } from './mpls.js';
import { lldpType } from './lldp.js';
import { ntpPort } from './ntp.js';
import { nullLink } from './null.js';
import { chdlcLink } from './chdlc.js';
import { l2tpPort } from './l2tp.js';
import { ppp, pppLink, pppSerialLink } from './ppp.js';
import { pppoeLink, pppoeType } from './pppoe.js';
import { pptpPort } from './pptp.js';
import { isoclns, osiType } from './isoclns.js';
import { frameRelayLink } from './frame-relay.js';
import { bcmLiPort } from './bcm-li.js';
import { bfdPort } from './bfd.js';
import { eigrpProtocol } from './eigrp.js';
import { pimProtocol } from './pim.js';
import { bgpPort } from './bgp.js';
import { ospfProtocol } from './ospf.js';
import { sctpProtocol } from './sctp.js';
import type { EthertypePrinter, IpProtocolPrinter, LinkPrinter, PortPrinter, Printer, Registry } from './registry-types.js';
import { ripPort } from './rip.js';
import { ripngPort } from './ripng.js';
import { slowType } from './slow.js';
import { syslogPort } from './syslog.js';
import { tcpProtocol } from './tcp.js';
import { ftpPort, httpPort, rtspPort, sipPort, smtpPort, sshPort, whoisPort } from './text-protocols.js';
import { tftpPort } from './tftp.js';
import { udpProtocol } from './udp.js';
import { vrrpProtocol } from './vrrp.js';
import { vxlanPort } from './vxlan.js';
import { vxlanGpePort } from './vxlan-gpe.js';

const links: readonly LinkPrinter[] = [
  ethernetLink,
  netAnalyzerLink,
  rawLink,
  ipv4Link,
  ipv6Link,
  sllLink,
  sll2Link,
  nullLink,
  pppLink,
  pppSerialLink,
  pppoeLink,
  chdlcLink,
  frameRelayLink,
  juniperEtherLink,
];

const ethertypes: readonly EthertypePrinter[] = [ipType, ip6Type, arpType, slowType, eapolType, mplsType, lldpType, pppoeType, osiType];

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
  ...ipsecProtocols,
  vrrpProtocol,
  mplsProtocol,
  sctpProtocol,
  ospfProtocol,
  eigrpProtocol,
  pimProtocol,
  ...tunnels,
];

/** Where two know a port, the first of them prints it. */
const udp: readonly PortPrinter[] = [
  domainUdp,
  multicastDomain,
  tftpPort,
  dhcpPort,
  ripPort,
  ntpPort,
  ripngPort,
  dhcp6Port,
  hsrpPort,
  sipPort,
  syslogPort,
  vxlanPort,
  genevePort,
  vxlanGpePort,
  mplsPort,
  l2tpPort,
  bfdPort,
  bcmLiPort,
];
const tcp: readonly PortPrinter[] = [smtpPort, whoisPort, bgpPort, pptpPort, sshPort, ftpPort, httpPort, rtspPort, domainTcp];

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
  ppp: (d, at, length) => void ppp(d, at, length),
  mpls,
  isoclns,
  snap,
  forces: notYet,
};
