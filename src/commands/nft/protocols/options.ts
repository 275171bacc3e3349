import { ipv6AddressType } from '../datatypes/address.js';
import { integerType, untypedType } from '../datatypes/basic.js';
import { inetProtocolType, mobilityType } from '../datatypes/inet.js';
import { type Field, field } from './protocol.js';
import {
  NFT_EXTHDR_OP_IPV4,
  NFT_EXTHDR_OP_IPV6,
  NFT_EXTHDR_OP_SCTP,
  NFT_EXTHDR_OP_TCPOPT,
} from '../../../netlink/nfnl/expressions/exthdr.js';

/** Extension headers of IPv6, options of TCP and IPv4, chunks of SCTP: found by a number, wherever they lie. */
export interface ExtensionHeader {
  readonly name: string;
  readonly op: number;
  /** The number that it is found by. */
  readonly type: number;
  readonly fields: readonly Field[];
}

const nexthdr = field('nexthdr', inetProtocolType, 0);
const hdrlength = field('hdrlength', integerType, 8, 8);

const ipv6 = (name: string, type: number, ...fields: Field[]): ExtensionHeader => ({ name, op: NFT_EXTHDR_OP_IPV6, type, fields });
const routing = [nexthdr, hdrlength, field('type', integerType, 16, 8), field('seg-left', integerType, 24, 8)];
const addresses = (name: string, count: number, first: number) =>
  Array.from({ length: count }, (_, index) => field(`${name}[${index + 1}]`, ipv6AddressType, first + index * 128));

/** In the order in which an extension and field are looked for when a rule is listed. */
export const ipv6Extensions: readonly ExtensionHeader[] = [
  ipv6('hbh', 0, nexthdr, hdrlength),
  ipv6('rt', 43, ...routing),
  ipv6('rt0', 43, ...routing, field('reserved', integerType, 32, 32), ...addresses('addr', 16, 64)),
  ipv6('rt2', 43, ...routing, field('reserved', integerType, 32, 32), field('addr', untypedType, 64, 128)),
  ipv6(
    'srh',
    43,
    ...routing,
    field('last-entry', integerType, 32, 8),
    field('flags', integerType, 40, 8),
    field('tag', integerType, 48, 16),
    ...addresses('sid', 16, 64),
  ),
  ipv6(
    'frag',
    44,
    nexthdr,
    field('reserved', integerType, 8, 8),
    field('frag-off', integerType, 16, 13),
    field('reserved2', integerType, 29, 2),
    field('more-fragments', integerType, 31, 1),
    field('id', integerType, 32, 32),
  ),
  ipv6('dst', 60, nexthdr, hdrlength),
  ipv6(
    'mh',
    135,
    nexthdr,
    hdrlength,
    field('type', mobilityType, 16),
    field('reserved', integerType, 24, 8),
    field('checksum', integerType, 32, 16),
  ),
];

/** What words of the grammar name; eol and nop have it without a type. */
const untypedLength = field('length', untypedType, 8, 8);
const tcpKind = field('kind', integerType, 0, 8);
const tcpLength = field('length', integerType, 8, 8);
const tcpOption = (name: string, type: number, ...fields: Field[]): ExtensionHeader => ({
  name,
  op: NFT_EXTHDR_OP_TCPOPT,
  type,
  fields: fields.length === 0 ? [tcpKind] : [tcpKind, ...fields],
});
const sackBlock = (index: number) => [field('left', integerType, 16 + index * 64, 32), field('right', integerType, 48 + index * 64, 32)];

export const tcpOptions: readonly ExtensionHeader[] = [
  tcpOption('eol', 0, untypedLength),
  tcpOption('nop', 1, untypedLength),
  tcpOption('maxseg', 2, tcpLength, field('size', integerType, 16, 16)),
  tcpOption('window', 3, tcpLength, field('count', integerType, 16, 8)),
  tcpOption('sack-perm', 4, tcpLength),
  tcpOption('sack', 5, tcpLength, ...sackBlock(0)),
  tcpOption('sack1', 5, tcpLength, ...sackBlock(1)),
  tcpOption('sack2', 5, tcpLength, ...sackBlock(2)),
  tcpOption('sack3', 5, tcpLength, ...sackBlock(3)),
  tcpOption('timestamp', 8, tcpLength, field('tsval', integerType, 16, 32), field('tsecr', integerType, 48, 32)),
  tcpOption('mptcp', 30, tcpLength, field('subtype', integerType, 16, 4)),
  tcpOption('md5sig', 19, tcpLength),
  tcpOption('fastopen', 34, tcpLength),
];

const ipOption = (name: string, type: number, ...fields: Field[]): ExtensionHeader => ({
  name,
  op: NFT_EXTHDR_OP_IPV4,
  type,
  fields: [field('type', integerType, 0, 8), field('length', integerType, 8, 8), ...fields],
});
const pointer = [field('ptr', integerType, 16, 8), field('addr', integerType, 24, 32)];

export const ipOptions: readonly ExtensionHeader[] = [
  ipOption('lsrr', 131, ...pointer),
  ipOption('rr', 7, ...pointer),
  ipOption('ssrr', 137, ...pointer),
  ipOption('ra', 148, field('value', integerType, 16, 16)),
];

const chunkHead = [field('type', integerType, 0, 8), field('flags', integerType, 8, 8), field('length', integerType, 16, 16)];
const chunk = (name: string, type: number, ...fields: Field[]): ExtensionHeader => ({
  name,
  op: NFT_EXTHDR_OP_SCTP,
  type,
  fields: [...chunkHead, ...fields],
});
const initial = [
  field('init-tag', integerType, 32, 32),
  field('a-rwnd', integerType, 64, 32),
  field('num-outbound-streams', integerType, 96, 16),
  field('num-inbound-streams', integerType, 112, 16),
  field('initial-tsn', integerType, 128, 32),
];

export const sctpChunks: readonly ExtensionHeader[] = [
  chunk(
    'data',
    0,
    field('tsn', integerType, 32, 32),
    field('stream', integerType, 64, 16),
    field('ssn', integerType, 80, 16),
    field('ppid', integerType, 96, 32),
  ),
  chunk('init', 1, ...initial),
  chunk('init-ack', 2, ...initial),
  chunk(
    'sack',
    3,
    field('cum-tsn-ack', integerType, 32, 32),
    field('a-rwnd', integerType, 64, 32),
    field('num-gap-ack-blocks', integerType, 96, 16),
    field('num-dup-tsns', integerType, 112, 16),
  ),
  chunk('heartbeat', 4),
  chunk('heartbeat-ack', 5),
  chunk('abort', 6),
  chunk('shutdown', 7, field('cum-tsn-ack', integerType, 32, 32)),
  chunk('shutdown-ack', 8),
  chunk('error', 9),
  chunk('cookie-echo', 10),
  chunk('cookie-ack', 11),
  chunk('ecne', 12, field('lowest-tsn', integerType, 32, 32)),
  chunk('cwr', 13, field('lowest-tsn', integerType, 32, 32)),
  chunk('shutdown-complete', 14),
  chunk('asconf-ack', 0x80, field('seqno', integerType, 32, 32)),
  chunk('forward-tsn', 0xc0, field('new-cum-tsn', integerType, 32, 32)),
  chunk('asconf', 0xc1, field('seqno', integerType, 32, 32)),
];
