import { etherAddressType, ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import { integerType } from '../datatypes/basic.js';
import { arpOperationType, dscpType, ecnType, etherType, inetProtocolType } from '../datatypes/inet.js';
import { icmp, icmpv6, igmp } from './icmp.js';
import { field, NETWORK, type Protocol } from './protocol.js';
import { ah, comp, dccp, esp, sctp, tcp, udp, udplite } from './transport.js';

/** Headers of the network layer. */

/** By number of the protocol. */
const transports: Protocol['upper'] = [
  [1, () => icmp],
  [2, () => igmp],
  [50, () => esp],
  [51, () => ah],
  [108, () => comp],
  [17, () => udp],
  [136, () => udplite],
  [6, () => tcp],
  [33, () => dccp],
  [132, () => sctp],
  [58, () => icmpv6],
];

export const ip: Protocol = {
  name: 'ip',
  id: 12,
  base: NETWORK,
  length: 0,
  upper: transports,
  key: 'protocol',
  checksum: 'checksum',
  fields: [
    field('version', integerType, 0, 4),
    field('hdrlength', integerType, 4, 4),
    field('dscp', dscpType, 8, 6),
    field('ecn', ecnType, 14, 2),
    field('length', integerType, 16, 16),
    field('id', integerType, 32, 16),
    field('frag-off', integerType, 48, 16),
    field('ttl', integerType, 64, 8),
    field('protocol', inetProtocolType, 72),
    field('checksum', integerType, 80, 16),
    field('saddr', ipv4AddressType, 96),
    field('daddr', ipv4AddressType, 128),
  ],
};

export const ip6: Protocol = {
  name: 'ip6',
  id: 13,
  base: NETWORK,
  length: 0,
  upper: transports,
  key: 'nexthdr',
  fields: [
    field('version', integerType, 0, 4),
    field('dscp', dscpType, 4, 6),
    field('ecn', ecnType, 10, 2),
    field('flowlabel', integerType, 12, 20),
    field('length', integerType, 32, 16),
    field('nexthdr', inetProtocolType, 48),
    field('hoplimit', integerType, 56, 8),
    field('saddr', ipv6AddressType, 64),
    field('daddr', ipv6AddressType, 192),
  ],
};

export const arp: Protocol = {
  name: 'arp',
  id: 15,
  base: NETWORK,
  length: 0,
  upper: [],
  fields: [
    field('htype', integerType, 0, 16),
    field('ptype', etherType, 16),
    field('hlen', integerType, 32, 8),
    field('plen', integerType, 40, 8),
    field('operation', arpOperationType, 48),
    field('saddr ether', etherAddressType, 64),
    field('daddr ether', etherAddressType, 144),
    field('saddr ip', ipv4AddressType, 112),
    field('daddr ip', ipv4AddressType, 192),
  ],
};

/** Not a header: what inet and the transport's number say when the version of IP is not known. */
export const inetService: Protocol = {
  name: 'inet_service',
  id: 0,
  base: NETWORK,
  length: 0,
  upper: transports,
  key: 'l4proto',
  fields: [],
};
