import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip6 from '../../../wire/ipv6.js';
import * as mld from '../../../wire/mld.js';
import { PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST, type PacketBuffer } from '../../core/packet-buffer.js';
import { ROUTER_ALERT } from '../control-block.js';
import type { Ipv6 } from '../ipv6.js';

const source = new Uint32Array(4);

/** A message of MLD has come in, its checksum right, `skb.data` at its header. Does not take ownership. */
export function mldReceive(ipv6: Ipv6, skb: PacketBuffer): void {
  const { device } = skb;
  const reporter = device === null ? undefined : ipv6.multicast.reporterOf(device);
  if (reporter === undefined) return;
  const v = skb.view;
  const at = skb.data;
  const type = v.getUint8(at);
  ip6.readAddress(v, skb.networkHeader + ip6.SOURCE, source);
  if (type === icmpv6.MLD_QUERY) {
    // RFC 3810 6.2: of this link, and meant for routers.
    const trusted = ip6.isLinkLocal(source) && v.getUint8(skb.networkHeader + 7) === 1 && (skb.cb0 & ROUTER_ALERT) !== 0;
    if (trusted) reporter.heardQuery(v, at, skb.tail - at);
  } else if (type === icmpv6.MLD_REPORT && skb.packetType !== PACKET_LOOPBACK) {
    if (skb.packetType !== PACKET_MULTICAST && skb.packetType !== PACKET_BROADCAST) return;
    if (skb.tail - at < mld.HEADER || (!ip6.isAny(source) && !ip6.isLinkLocal(source))) return;
    reporter.heardReport(mld.group(v, at, new Uint32Array(4)));
  }
}
