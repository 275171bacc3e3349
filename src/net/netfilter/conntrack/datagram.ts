import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { IP_CT_NEW, IPCT_ASSURED, IPS_ASSURED, IPS_SEEN_REPLY, STREAM_AT } from './layout.js';
import { ACCEPT, type ConntrackProtocol, INVALID } from './protocol.js';
import { IPPROTO_GRE, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDP, IPPROTO_UDPLITE } from './tuple.js';

/** What goes both ways for two seconds is a stream. */
const STREAM_AFTER_MS = 2000;

/** What knows no connections of its own, and is kept for a while after each packet: longer once both sides have spoken for some time. */
function datagrams(
  protocol: number,
  headerBytes: number,
  once: (c: Conntrack) => number,
  stream: (c: Conntrack) => number,
): ConntrackProtocol {
  return {
    protocol,
    isNew: (conntrack, id, skb, at) => {
      if (at + headerBytes > skb.tail) return false;
      conntrack.table.set(id, STREAM_AT, (conntrack.nowMs() + STREAM_AFTER_MS) | 0);
      return true;
    },
    // Linux: nf_conntrack_udp_packet()
    packet(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number): number {
      if (at + headerBytes > skb.tail) return INVALID;
      const { table } = conntrack;
      const policy = conntrack.timeoutsOf(id);
      if ((table.status(id) & IPS_SEEN_REPLY) === 0) {
        conntrack.refresh(id, policy?.[1] ?? once(conntrack));
        return ACCEPT;
      }
      const isStream = ((conntrack.nowMs() - table.get(id, STREAM_AT)) | 0) > 0;
      conntrack.refresh(id, isStream ? (policy?.[2] ?? stream(conntrack)) : (policy?.[1] ?? once(conntrack)));
      if (isStream && table.setStatus(id, IPS_ASSURED)) conntrack.event(id, IPCT_ASSURED);
      return ACCEPT;
    },
    timeout: once,
  };
}

export const udpProtocol = datagrams(
  IPPROTO_UDP,
  8,
  (c) => c.settings.udpTimeout,
  (c) => c.settings.udpTimeoutStream,
);
export const udpLiteProtocol = datagrams(
  IPPROTO_UDPLITE,
  8,
  (c) => c.settings.udpTimeout,
  (c) => c.settings.udpTimeoutStream,
);
export const greProtocol = datagrams(
  IPPROTO_GRE,
  4,
  (c) => c.settings.greTimeout,
  (c) => c.settings.greTimeoutStream,
);

/** Questions of ICMP and what answers them; each answer ends nothing, as others may follow. */
function questions(protocol: number, asks: ReadonlySet<number>, seconds: (c: Conntrack) => number): ConntrackProtocol {
  return {
    protocol,
    isNew: (_conntrack, _id, skb, at) => at < skb.tail && asks.has(skb.view.getUint8(at)),
    packet(conntrack, id, _skb, _at, info) {
      // Linux: a reply without a question is not let by as new.
      if (info === IP_CT_NEW && (conntrack.table.status(id) & IPS_SEEN_REPLY) !== 0) return INVALID;
      conntrack.refresh(id, conntrack.timeoutsOf(id)?.[1] ?? seconds(conntrack));
      return ACCEPT;
    },
    timeout: seconds,
  };
}

/** Echo, timestamp, information, address mask. */
export const icmpProtocol = questions(IPPROTO_ICMP, new Set([8, 13, 15, 17]), (c) => c.settings.icmpTimeout);
/** Echo, node information. */
export const icmpv6Protocol = questions(IPPROTO_ICMPV6, new Set([128, 139]), (c) => c.settings.icmpv6Timeout);

export const genericProtocol: ConntrackProtocol = {
  protocol: 0,
  isNew: () => true,
  packet(conntrack, id) {
    conntrack.refresh(id, conntrack.timeoutsOf(id)?.[1] ?? conntrack.settings.genericTimeout);
    return ACCEPT;
  },
  timeout: (c) => c.settings.genericTimeout,
};
