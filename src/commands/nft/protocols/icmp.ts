import { integerType } from '../datatypes/basic.js';
import { icmpCodeType, icmpTypeType, icmpv6CodeType, icmpv6TypeType, igmpTypeType } from '../datatypes/inet.js';
import { field, type Protocol, TRANSPORT } from './protocol.js';

/** Headers of control messages; some fields are only in messages of certain types. */

const ECHO = [8, 0];
const ECHO6 = [128, 129];

export const icmp: Protocol = {
  name: 'icmp',
  id: 4,
  base: TRANSPORT,
  length: 0,
  upper: [],
  checksum: 'checksum',
  fields: [
    field('type', icmpTypeType, 0),
    field('code', icmpCodeType, 8),
    field('checksum', integerType, 16, 16),
    field('id', integerType, 32, 16, ECHO),
    field('sequence', integerType, 48, 16, ECHO),
    field('gateway', integerType, 32, 32, [5]),
    field('mtu', integerType, 48, 16, [3]),
  ],
};

export const igmp: Protocol = {
  name: 'igmp',
  id: 5,
  base: TRANSPORT,
  length: 0,
  upper: [],
  checksum: 'checksum',
  fields: [
    field('type', igmpTypeType, 0),
    field('checksum', integerType, 16, 16),
    field('mrt', integerType, 8, 8),
    field('group', integerType, 32, 32),
  ],
};

export const icmpv6: Protocol = {
  name: 'icmpv6',
  id: 14,
  base: TRANSPORT,
  length: 0,
  upper: [],
  checksum: 'checksum',
  fields: [
    field('type', icmpv6TypeType, 0),
    field('code', icmpv6CodeType, 8),
    field('checksum', integerType, 16, 16),
    field('parameter-problem', integerType, 32, 32, [4]),
    field('mtu', integerType, 32, 32, [2]),
    field('id', integerType, 32, 16, ECHO6),
    field('sequence', integerType, 48, 16, ECHO6),
    field('max-delay', integerType, 32, 16, [130]),
  ],
};
