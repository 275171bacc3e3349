import { EAFNOSUPPORT, ESRCH } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import {
  TCP_METRICS_CMD_DEL,
  TCP_METRICS_CMD_GET,
  TCP_METRICS_FAMILY,
  TCP_METRICS_MAXATTR,
  TCP_METRICS_VERSION,
  type TcpMetricsAttributes,
  tcpMetricsMessage,
} from '../../netlink/genl/tcp-metrics.js';
import { equalAddress, isMapped } from '../../wire/ipv6.js';
import type { MetricsCache, PeerMetrics } from '../../net/tcp/metrics.js';
import { in6, in6Bytes } from '../rtnl/ipv6/in6.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { GenlFamilyMaker } from './generic-netlink.js';

const header = { command: TCP_METRICS_CMD_GET, version: TCP_METRICS_VERSION };
const MAPPED = 0xffff;
const JIFFY_US = 4000;

/** An address as TCP keeps it; undefined: the request names none. EINVAL. Linux: __parse_nl_addr() */
function wordsOf(ipv4: number | undefined, ipv6: Uint8Array | undefined): Uint32Array | undefined {
  if (ipv4 !== undefined) return Uint32Array.of(0, 0, MAPPED, ipv4);
  if (ipv6 === undefined) return undefined;
  return in6(ipv6);
}

/** Milliseconds as the wire has them: at least one, where there is a value at all. */
const milli = (us: number) => Math.max(Math.floor(us / 1000), 1);
const set = (value: number) => (value === 0 ? undefined : value);

// Linux: tcp_metrics_fill_info()
function describe(entry: PeerMetrics, nowUs: number): TcpMetricsAttributes {
  const { local, remote, rtt8, rttvar4, ssthresh, cwnd, reordering } = entry;
  const values = {
    ...(rtt8 === 0 ? {} : { rttUs: rtt8, rttMs: milli(rtt8) }),
    ...(rttvar4 === 0 ? {} : { rttvarUs: rttvar4, rttvarMs: milli(rttvar4) }),
    ssthresh: set(ssthresh),
    cwnd: set(cwnd),
    reordering: set(reordering),
  };
  return {
    ...(isMapped(remote)
      ? { addressIpv4: remote[3]!, sourceIpv4: local[3]! }
      : { addressIpv6: in6Bytes(remote), sourceIpv6: in6Bytes(local) }),
    ageMs: (Math.floor((nowUs - entry.stampUs) / JIFFY_US) * JIFFY_US) / 1000,
    values: Object.values(values).some((value) => value !== undefined) ? values : undefined,
  };
}

/** The entries that a request names by the peer's address and perhaps by ours; null: all. */
function named(request: NetlinkRequest, cache: MetricsCache): PeerMetrics[] | null {
  const { addressIpv4, addressIpv6, sourceIpv4, sourceIpv6 } = tcpMetricsMessage.parse(request.message, true).attributes;
  const remote = wordsOf(addressIpv4, addressIpv6);
  if (remote === undefined) return null;
  const local = wordsOf(sourceIpv4, sourceIpv6);
  return [...cache.of(remote)].filter((entry) => local === undefined || equalAddress(entry.local, local));
}

/** "tcp_metrics": what TCP remembers of the ways to its peers. */
export const tcpMetricsFamily: GenlFamilyMaker = () => ({
  name: TCP_METRICS_FAMILY,
  version: TCP_METRICS_VERSION,
  maxAttribute: TCP_METRICS_MAXATTR,
  commands: [
    {
      command: TCP_METRICS_CMD_GET,
      handle(request) {
        const { metrics, stack } = request.namespace.tcp;
        const [entry = fail(ESRCH)] = named(request, metrics) ?? fail(EAFNOSUPPORT);
        request.answer(tcpMetricsMessage, header, describe(entry, stack.nowUs), request.message.type);
      },
      dump: (request) => ({
        *messages(writer) {
          const { metrics, stack } = request.namespace.tcp;
          const { type, sequence } = request.message;
          for (const entry of [...metrics.all()]) {
            tcpMetricsMessage.build(writer, type, NLM_F_MULTI, sequence, request.socket.portId, header, describe(entry, stack.nowUs));
            yield;
          }
        },
      }),
    },
    {
      command: TCP_METRICS_CMD_DEL,
      admin: true,
      handle(request) {
        const { metrics } = request.namespace.tcp;
        const entries = named(request, metrics);
        if (entries === null) metrics.clear();
        else if (entries.length === 0) fail(ESRCH);
        else for (const entry of entries) metrics.delete(entry);
      },
    },
  ],
});
