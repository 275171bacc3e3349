import { ICMP6_MIB_MAX, type Icmp6Stats } from '../../../net/ipv6/snmp.js';

/** 64-bit words: how many there are, then the counters in the order of linux/snmp.h. Linux: __snmp6_fill_stats64() */
function words(counts: Float64Array): Uint8Array {
  const bytes = new Uint8Array(counts.length * 8);
  const view = new DataView(bytes.buffer);
  counts.forEach((count, i) => {
    const value = i === 0 ? counts.length : count;
    view.setUint32(i * 8, value >>> 0, true);
    view.setUint32(i * 8 + 4, Math.floor(value / 0x1_0000_0000), true);
  });
  return bytes;
}

const NO_MESSAGES = words(new Float64Array(ICMP6_MIB_MAX));

/** IFLA_INET6_STATS */
export const ipStatistics = words;

/** IFLA_INET6_ICMP6STATS; null: the device has had no message. */
export const icmpStatistics = (stats: Icmp6Stats | null): Uint8Array => (stats === null ? NO_MESSAGES : words(stats.counts));
