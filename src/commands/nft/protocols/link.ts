import { etherAddressType } from '../datatypes/address.js';
import { integerType } from '../datatypes/basic.js';
import { etherType } from '../datatypes/inet.js';
import { arp, ip, ip6 } from './network.js';
import { field, LINK, type Protocol } from './protocol.js';

/** Headers of the link layer, and what families of tables stand for. */

/** By Ethernet's type. */
const networks: Protocol['upper'] = [
  [0x0800, () => ip],
  [0x0806, () => arp],
  [0x86dd, () => ip6],
  [0x8100, () => vlan],
  [0x88a8, () => vlan],
];

export const ether: Protocol = {
  name: 'ether',
  id: 17,
  base: LINK,
  length: 112,
  upper: networks,
  key: 'type',
  fields: [field('daddr', etherAddressType, 0), field('saddr', etherAddressType, 48), field('type', etherType, 96)],
};

export const vlan: Protocol = {
  name: 'vlan',
  id: 16,
  base: LINK,
  length: 32,
  upper: networks,
  key: 'type',
  fields: [
    field('pcp', integerType, 0, 3),
    field('dei', integerType, 3, 1),
    field('id', integerType, 4, 12),
    field('type', etherType, 16),
    field('cfi', integerType, 3, 1),
  ],
};

/** Not headers: what tables of family inet, netdev and bridge begin with. */
export const inet: Protocol = {
  name: 'inet',
  id: 0,
  base: LINK,
  length: 0,
  key: 'nfproto',
  fields: [],
  upper: [
    [2, () => ip],
    [10, () => ip6],
  ],
};

export const netdev: Protocol = { name: 'netdev', id: 0, base: LINK, length: 0, key: 'protocol', fields: [], upper: networks.slice(0, 3) };
