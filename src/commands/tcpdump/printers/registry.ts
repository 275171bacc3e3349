import { ahcpPort } from './ahcp.js';
import { aodvPort } from './aodv.js';
import { aoeType } from './aoe.js';
import { appleTalkTypes, localTalkLink } from './appletalk.js';
import { arpType } from './arp.js';
import { atmLinks } from './atm.js';
import { babelPort } from './babel.js';
import { bcmLiPort } from './bcm-li.js';
import { bfdPort } from './bfd.js';
import { bgpPort } from './bgp.js';
import { cfmType } from './cfm.js';
import { chdlcLink } from './chdlc.js';
import { dccpProtocol } from './dccp.js';
import { decnetType } from './decnet.js';
import { dhcpPort } from './dhcp.js';
import { dhcp6Port } from './dhcp6.js';
import { domainTcp, domainUdp, multicastDomain } from './domain.js';
import { eapolType } from './eap.js';
import { eigrpProtocol } from './eigrp.js';
import { ethernet, ethernetLink, netAnalyzerLinks } from './ethernet.js';
import { frameRelayLink, multilinkFrameRelayLink } from './frame-relay.js';
import { genevePort } from './geneve.js';
import { vehicleTypes } from './geonet.js';
import { greProtocol } from './gre.js';
import { hncpPort } from './hncp.js';
import { hsrpPort } from './hsrp.js';
import { icmpProtocol } from './icmp.js';
import { icmp6Protocol } from './icmp6.js';
import { lowRateLinks } from './ieee802154.js';
import { igmpProtocol } from './igmp.js';
import { igrpProtocol } from './igrp.js';
import { anyIp, ip, ipType, ipv4Link, rawLink } from './ip.js';
import { ipLinks } from './ip-links.js';
import { loadBalancingType, systemLinks } from './ip-links-bsd.js';
import { ip6, ip6Type, ipv6Link } from './ip6.js';
import { ipsecProtocols } from './ipsec.js';
import { ipxType } from './ipx.js';
import { isakmpNatPort, isakmpPort } from './isakmp.js';
import { isoclns, osiType } from './isoclns.js';
import { juniperLinks } from './juniper.js';
import { kerberosPort } from './kerberos.js';
import { l2tpPort } from './l2tp.js';
import { ldpPort } from './ldp.js';
import { sll2Link, sllLink } from './linux-cooked.js';
import { lispPort } from './lisp.js';
import { llc, snap } from './llc.js';
import { lldpType } from './lldp.js';
import { loopbackType } from './loopback.js';
import { lspPingPort } from './lspping.js';
import { lwresPort } from './lwres.js';
import { mpcpType } from './mpcp.js';
import { mpls, mplsPort, mplsType } from './mpls.js';
import { nflogLink } from './nflog.js';
import { nfsTcp } from './nfs.js';
import { nshType } from './nsh.js';
import { ntpPort } from './ntp.js';
import { nullLink } from './null.js';
import { olsrPort } from './olsr.js';
import { openflowPort } from './openflow.js';
import { ospfProtocol } from './ospf.js';
import { pflogLink } from './pflog.js';
import { pgmPorts, pgmProtocol } from './pgm.js';
import { pimProtocol } from './pim.js';
import { ppp, pppLink, pppSerialLink, pppType } from './ppp.js';
import { pppoeLink, pppoeType } from './pppoe.js';
import { pptpPort } from './pptp.js';
import { ptpPort, ptpType } from './ptp.js';
import { radioLinks } from './radiotap.js';
import { radiusPort } from './radius.js';
import { realtekType } from './realtek.js';
import type { EthertypePrinter, IpProtocolPrinter, LinkPrinter, PortPrinter, Printer, Registry } from './registry-types.js';
import { respPort } from './resp.js';
import { ringLinks } from './ring-links.js';
import { ripPort } from './rip.js';
import { ripngPort } from './ripng.js';
import { rpkiPort } from './rpki.js';
import { rsvpProtocol } from './rsvp.js';
import { rtpPorts, vatPort } from './rtp.js';
import { sctpProtocol } from './sctp.js';
import { sflowPort } from './sflow.js';
import { slipLinks } from './slip.js';
import { slowType } from './slow.js';
import { snmpPort } from './snmp.js';
import { someIpPort } from './someip.js';
import { switchTagLinks } from './switch-tags.js';
import { syslogPort } from './syslog.js';
import { tcpProtocol } from './tcp.js';
import { telnetPort } from './telnet.js';
import { ftpPort, httpPort, rtspPort, sipPort, smtpPort, sshPort, whoisPort } from './text-protocols.js';
import { tftpPort } from './tftp.js';
import { timedPort } from './timed.js';
import { tipcType } from './tipc.js';
import { udpProtocol } from './udp.js';
import { vqpPort } from './vqp.js';
import { vrrpProtocol } from './vrrp.js';
import { vsockLink } from './vsock.js';
import { vxlanPort } from './vxlan.js';
import { vxlanGpePort } from './vxlan-gpe.js';
import { whiteBoardPort } from './white-board.js';
import { wlanLink } from './wlan.js';
import { zephyrPort } from './zephyr.js';
import { zmtpPort } from './zmtp.js';

const links: readonly LinkPrinter[] = [
  ethernetLink,
  ...netAnalyzerLinks,
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
  ...juniperLinks,
  multilinkFrameRelayLink,
  wlanLink,
  ...radioLinks,
  vsockLink,
  ...switchTagLinks,
  ...ipLinks,
  ...slipLinks,
  ...systemLinks,
  localTalkLink,
  ...ringLinks,
  ...lowRateLinks,
  ...atmLinks,
  pflogLink,
  nflogLink,
];

const ethertypes: readonly EthertypePrinter[] = [
  ipType,
  ip6Type,
  arpType,
  slowType,
  eapolType,
  mplsType,
  lldpType,
  pppoeType,
  osiType,
  nshType,
  loopbackType,
  realtekType,
  aoeType,
  ...vehicleTypes,
  cfmType,
  mpcpType,
  tipcType,
  ptpType,
  loadBalancingType,
  ipxType,
  ...appleTalkTypes,
  pppType,
  decnetType,
];

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
  sctpProtocol,
  ospfProtocol,
  eigrpProtocol,
  pimProtocol,
  ...tunnels,
  dccpProtocol,
  rsvpProtocol,
  pgmProtocol,
  igrpProtocol,
];

/** Where two know a port, the first of them prints it. */
const udp: readonly PortPrinter[] = [
  domainUdp,
  multicastDomain,
  timedPort,
  tftpPort,
  dhcpPort,
  ripPort,
  aodvPort,
  isakmpPort,
  isakmpNatPort,
  snmpPort,
  ntpPort,
  kerberosPort,
  l2tpPort,
  vatPort,
  zephyrPort,
  ripngPort,
  dhcp6Port,
  ahcpPort,
  babelPort,
  hncpPort,
  whiteBoardPort,
  radiusPort,
  hsrpPort,
  lwresPort,
  ldpPort,
  olsrPort,
  lspPingPort,
  bcmLiPort,
  bfdPort,
  vqpPort,
  sflowPort,
  sipPort,
  syslogPort,
  vxlanPort,
  genevePort,
  lispPort,
  vxlanGpePort,
  mplsPort,
  ptpPort,
  someIpPort,
  zmtpPort,
  ...pgmPorts,
  ...rtpPorts,
];
const tcp: readonly PortPrinter[] = [
  telnetPort,
  smtpPort,
  whoisPort,
  bgpPort,
  pptpPort,
  sshPort,
  openflowPort,
  ftpPort,
  httpPort,
  rtspPort,
  domainTcp,
  ldpPort,
  zmtpPort,
  respPort,
  someIpPort,
  rpkiPort,
  nfsTcp,
];

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
