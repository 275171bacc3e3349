import { hexIntegerType, integerType } from '../datatypes/basic.js';
import { dccpPacketType, inetProtocolType, inetServiceType, tcpFlagType } from '../datatypes/inet.js';
import { field, type Protocol, TRANSPORT } from './protocol.js';

/** Headers behind those of IP. Lengths and offsets are in bits. */

const sport = field('sport', inetServiceType, 0);
const dport = field('dport', inetServiceType, 16);
const transport = (protocol: Omit<Protocol, 'base' | 'upper'>): Protocol => ({ base: TRANSPORT, upper: [], ...protocol });

export const ah = transport({
  name: 'ah',
  id: 1,
  length: 0,
  key: 'nexthdr',
  fields: [
    field('nexthdr', inetProtocolType, 0),
    field('hdrlength', integerType, 8, 8),
    field('reserved', integerType, 16, 16),
    field('spi', integerType, 32, 32),
    field('sequence', integerType, 64, 32),
  ],
});

export const esp = transport({
  name: 'esp',
  id: 2,
  length: 0,
  fields: [field('spi', integerType, 0, 32), field('sequence', integerType, 32, 32)],
});

export const comp = transport({
  name: 'comp',
  id: 3,
  length: 0,
  key: 'nexthdr',
  fields: [field('nexthdr', inetProtocolType, 0), field('flags', hexIntegerType, 8, 8), field('cpi', integerType, 16, 16)],
});

export const udp = transport({
  name: 'udp',
  id: 6,
  length: 0,
  checksum: 'checksum',
  fields: [sport, dport, field('length', integerType, 32, 16), field('checksum', integerType, 48, 16)],
});

export const udplite = transport({
  name: 'udplite',
  id: 7,
  length: 0,
  checksum: 'checksum',
  fields: [sport, dport, field('csumcov', integerType, 32, 16), field('checksum', integerType, 48, 16)],
});

export const tcp = transport({
  name: 'tcp',
  id: 8,
  length: 0,
  checksum: 'checksum',
  fields: [
    sport,
    dport,
    field('sequence', integerType, 32, 32),
    field('ackseq', integerType, 64, 32),
    field('doff', integerType, 96, 4),
    field('reserved', integerType, 100, 4),
    field('flags', tcpFlagType, 104, 8),
    field('window', integerType, 112, 16),
    field('checksum', integerType, 128, 16),
    field('urgptr', integerType, 144, 16),
  ],
});

export const dccp = transport({ name: 'dccp', id: 9, length: 0, fields: [sport, dport, field('type', dccpPacketType, 67, 4)] });

export const sctp = transport({
  name: 'sctp',
  id: 10,
  length: 0,
  fields: [sport, dport, field('vtag', integerType, 32, 32), field('checksum', integerType, 64, 32)],
});

/** What the ports of several transports have in common. */
export const th = transport({ name: 'th', id: 11, length: 0, fields: [sport, dport] });
