import { bitmaskType, integerType } from './basic.js';
import { type Datatype, jsonNumber, parseInteger, type SymbolTable, TypeProblem } from './datatype.js';

/** Numbers of protocols, their types, codes and flags. */

const table = (base: 10 | 16, text: string): SymbolTable => ({
  base,
  entries: text
    .trim()
    .split(/\s+/)
    .map((item) => item.split('='))
    .map(([name, value]) => [name!, Number(value)] as const),
});

const symbolic = (
  id: number,
  name: string,
  description: string,
  bits: number,
  byteorder: Datatype['byteorder'],
  symbols: SymbolTable,
  base: Datatype = integerType,
): Datatype => ({ id, name, description, bits, byteorder, base, symbols });

export const etherType: Datatype = {
  ...symbolic(
    10,
    'ether_type',
    'Ethernet protocol',
    16,
    'big',
    table(16, 'ip=0x0800 arp=0x0806 ip6=0x86dd 8021q=0x8100 8021ad=0x88a8 vlan=0x8100'),
  ),
  format: (value) => `0x${value.toString(16).padStart(4, '0')}`,
};

// biome-ignore format: a table
export const arpOperationType = symbolic(11, 'arp_op', 'ARP operation', 16, 'big', table(16,
  'request=1 reply=2 rrequest=3 rreply=4 inrequest=8 inreply=9 nak=10'));

export const inetProtocolType: Datatype = {
  id: 12,
  name: 'inet_proto',
  description: 'Internet protocol',
  bits: 8,
  byteorder: 'big',
  base: integerType,
  parse(text, names) {
    const number = parseInteger(text);
    if (number !== null) {
      if (number > 255n) throw new TypeProblem('Protocol out of range');
      return number;
    }
    const found = names.protocol(text);
    if (found === undefined) throw new TypeProblem('Could not resolve protocol name');
    return BigInt(found);
  },
  print: (value, style) => (style.numericProtocol ? undefined : style.names.protocolName(Number(value))) ?? value.toString(),
  json: (value, style) => (style.numericProtocol ? undefined : style.names.protocolName(Number(value))) ?? jsonNumber(value),
};

export const inetServiceType: Datatype = {
  id: 13,
  name: 'inet_service',
  description: 'internet network service',
  bits: 16,
  byteorder: 'big',
  base: integerType,
  parse(text, names) {
    const number = parseInteger(text);
    if (number !== null) {
      if (number > 65535n) throw new TypeProblem('Service out of range');
      return number;
    }
    const found = names.service(text);
    if (found === undefined) throw new TypeProblem('Could not resolve service: Servname not supported for ai_socktype');
    return BigInt(found);
  },
  print(value, style) {
    const name = style.services ? style.names.serviceName(Number(value)) : undefined;
    return name === undefined ? value.toString() : `"${name}"`;
  },
  json: (value, style) => (style.services ? style.names.serviceName(Number(value)) : undefined) ?? jsonNumber(value),
};

// biome-ignore format: a table
export const icmpTypeType = symbolic(14, 'icmp_type', 'ICMP type', 8, 'big', table(10,
  `echo-reply=0 destination-unreachable=3 source-quench=4 redirect=5 echo-request=8 router-advertisement=9 router-solicitation=10
   time-exceeded=11 parameter-problem=12 timestamp-request=13 timestamp-reply=14 info-request=15 info-reply=16
   address-mask-request=17 address-mask-reply=18`));

// biome-ignore format: a table
export const tcpFlagType = symbolic(15, 'tcp_flag', 'TCP flag', 8, 'big', table(16,
  'fin=0x01 syn=0x02 rst=0x04 psh=0x08 ack=0x10 urg=0x20 ecn=0x40 cwr=0x80'), bitmaskType);

// biome-ignore format: a table
export const dccpPacketType = symbolic(16, 'dccp_pkttype', 'DCCP packet type', 4, 'big', table(16,
  'request=0 response=1 data=2 ack=3 dataack=4 closereq=5 close=6 reset=7 sync=8 syncack=9'));

// biome-ignore format: a table
export const mobilityType = symbolic(17, 'mh_type', 'Mobility Header Type', 8, 'big', table(10,
  `binding-refresh-request=0 home-test-init=1 careof-test-init=2 home-test=3 careof-test=4 binding-update=5
   binding-acknowledgement=6 binding-error=7 fast-binding-update=8 fast-binding-acknowledgement=9 fast-binding-advertisement=10
   experimental-mobility-header=11 home-agent-switch-message=12`));

// biome-ignore format: a table
export const icmpv6TypeType = symbolic(29, 'icmpv6_type', 'ICMPv6 type', 8, 'big', table(10,
  `destination-unreachable=1 packet-too-big=2 time-exceeded=3 parameter-problem=4 echo-request=128 echo-reply=129
   mld-listener-query=130 mld-listener-report=131 mld-listener-done=132 mld-listener-reduction=132 nd-router-solicit=133
   nd-router-advert=134 nd-neighbor-solicit=135 nd-neighbor-advert=136 nd-redirect=137 router-renumbering=138
   ind-neighbor-solicit=141 ind-neighbor-advert=142 mld2-listener-report=143`));

// biome-ignore format: a table
export const icmpCodeType = symbolic(32, 'icmp_code', 'icmp code', 8, 'big', table(10,
  `net-unreachable=0 host-unreachable=1 prot-unreachable=2 port-unreachable=3 net-prohibited=9 host-prohibited=10
   admin-prohibited=13 frag-needed=4`));

// biome-ignore format: a table
export const icmpv6CodeType = symbolic(33, 'icmpv6_code', 'icmpv6 code', 8, 'big', table(10,
  'no-route=0 admin-prohibited=1 addr-unreachable=3 port-unreachable=4 policy-fail=5 reject-route=6'));

// biome-ignore format: a table
export const icmpxCodeType = symbolic(34, 'icmpx_code', 'icmpx code', 8, 'big', table(10,
  'port-unreachable=1 admin-prohibited=3 no-route=0 host-unreachable=2'));

// biome-ignore format: a table
export const dscpType: Datatype = { ...symbolic(36, 'dscp', 'Differentiated Services Code Point', 6, 'big', table(16,
  `cs0=0x00 cs1=0x08 cs2=0x10 cs3=0x18 cs4=0x20 cs5=0x28 cs6=0x30 cs7=0x38 df=0x00 be=0x00 lephb=0x01 af11=0x0a af12=0x0c
   af13=0x0e af21=0x12 af22=0x14 af23=0x16 af31=0x1a af32=0x1c af33=0x1e af41=0x22 af42=0x24 af43=0x26 va=0x2c ef=0x2e`)),
  format: (value) => `0x${value.toString(16).padStart(2, '0')}` };

// biome-ignore format: a table
export const ecnType: Datatype = { ...symbolic(37, 'ecn', 'Explicit Congestion Notification', 2, 'big', table(16,
  'not-ect=0 ect1=1 ect0=2 ce=3')), format: (value) => `0x${value.toString(16)}` };

// biome-ignore format: a table
export const igmpTypeType = symbolic(42, 'igmp_type', 'IGMP type', 8, 'big', table(10,
  'membership-query=17 membership-report-v1=18 membership-report-v2=22 membership-report-v3=34 leave-group=23'));

export const symbolTable = table;
export const symbolicType = symbolic;
