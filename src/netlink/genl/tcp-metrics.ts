import { type AttributesOf, attributes, be32, binary, nest, u16, u32, u64 } from '../attributes.js';
import { genlMessage } from './genl.js';

// linux/tcp_metrics.h
export const TCP_METRICS_FAMILY = 'tcp_metrics';
export const TCP_METRICS_VERSION = 1;
export const TCP_METRICS_CMD_GET = 1;
export const TCP_METRICS_CMD_DEL = 2;
/** TCP_METRICS_ATTR_MAX */
export const TCP_METRICS_MAXATTR = 13;

/** TCP_METRICS_ATTR_VALS: TCP_METRIC_*, each type one more than its number. Times are eighths (rtt) and quarters (rttvar). */
export const tcpMetricValues = attributes('TCP_METRIC', {
  rttUs: u32(6),
  rttMs: u32(1),
  rttvarUs: u32(7),
  rttvarMs: u32(2),
  ssthresh: u32(3),
  cwnd: u32(4),
  reordering: u32(5),
});

/** TCP_METRICS_ATTR_*: the peer, our address, milliseconds since it was last used, what is known. */
export const tcpMetricsAttributes = attributes('TCP_METRICS_ATTR', {
  addressIpv4: be32(1),
  sourceIpv4: be32(11),
  addressIpv6: binary(2, { max: 16 }),
  sourceIpv6: binary(12, { max: 16 }),
  ageMs: u64(3),
  values: nest(6, tcpMetricValues),
  fastOpenMss: u16(7),
  fastOpenSynDrops: u16(8),
  /** Milliseconds since a SYN was last dropped. */
  fastOpenSynDropAgeMs: u64(9),
  fastOpenCookie: binary(10, { max: 16 }),
});
export type TcpMetricsAttributes = AttributesOf<typeof tcpMetricsAttributes>;
export const tcpMetricsMessage = genlMessage('tcp_metrics', tcpMetricsAttributes);
