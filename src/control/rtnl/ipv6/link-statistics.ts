import type { DeviceIcmp6Stats, Ip6Stats } from '../../../net/ipv6/snmp.js';

/** IPSTATS_MIB_*, linux/snmp.h; the first word is how many there are. */
const IP_COUNTERS: readonly (keyof Ip6Stats)[] = [
  'inReceives',
  'inOctets',
  'inDelivers',
  'outForwDatagrams',
  'outRequests',
  'outOctets',
  'inHdrErrors',
  'inTooBigErrors',
  'inNoRoutes',
  'inAddrErrors',
  'inUnknownProtos',
  'inTruncatedPkts',
  'inDiscards',
  'outDiscards',
  'outNoRoutes',
  'reasmTimeout',
  'reasmReqds',
  'reasmOKs',
  'reasmFails',
  'fragOKs',
  'fragFails',
  'fragCreates',
  'inMcastPkts',
  'outMcastPkts',
];
/** In 6.1: those above, octets of multicasts and broadcasts, ECN. */
const IP_WORDS = 37;
const ICMP_COUNTERS: readonly (keyof DeviceIcmp6Stats)[] = ['inMsgs', 'inErrors', 'outMsgs', 'outErrors', 'inCsumErrors'];
const ICMP_WORDS = 7;

function words(count: number, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(count * 8);
  const view = new DataView(bytes.buffer);
  [count, ...values].forEach((value, i) => {
    view.setUint32(i * 8, value >>> 0, true);
    view.setUint32(i * 8 + 4, Math.floor(value / 0x1_0000_0000), true);
  });
  return bytes;
}

/** IFLA_INET6_STATS */
export const ipStatistics = (stats: Ip6Stats): Uint8Array =>
  words(
    IP_WORDS,
    IP_COUNTERS.map((key) => stats[key]),
  );

/** IFLA_INET6_ICMP6STATS */
export const icmpStatistics = (stats: DeviceIcmp6Stats): Uint8Array =>
  words(
    ICMP_WORDS,
    ICMP_COUNTERS.map((key) => stats[key]),
  );
