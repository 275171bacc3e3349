import { verify } from '../../../wire/checksum.js';
import * as igmp from '../../../wire/igmp.js';
import { DropReason } from '../../core/drop-reason.js';
import type { Transport } from '../../core/internet.js';
import { CHECKSUM_NONE, PACKET_BROADCAST, PACKET_MULTICAST, type PacketBuffer } from '../../core/packet-buffer.js';
import type { Ipv4 } from '../ipv4.js';

/** Messages of IGMP that come in. Linux: igmp_rcv() */
export class Igmp implements Transport {
  readonly protocol = igmp.PROTOCOL;
  readonly #ipv4: Ipv4;

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
  }

  receive(skb: PacketBuffer): void {
    const { stack } = this.#ipv4.namespace;
    const at = skb.data;
    const bytes = skb.tail - at;
    const v = skb.view;
    if (bytes < igmp.HEADER) {
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    if (skb.ipSummed === CHECKSUM_NONE && !verify(v, at, bytes, 0)) {
      stack.drop(skb, DropReason.IP_CSUM);
      return;
    }
    const reporter = skb.device === null ? undefined : this.#ipv4.multicast.reporterOf(skb.device);
    if (reporter !== undefined) {
      const type = igmp.type(v, at);
      if (type === igmp.QUERY) reporter.heardQuery(v, at, bytes);
      else if (type === igmp.V1_REPORT || type === igmp.V2_REPORT) {
        // A report to one host alone is none, and our own comes back by the loop.
        if (skb.packetType === PACKET_MULTICAST || skb.packetType === PACKET_BROADCAST) reporter.heardReport(igmp.group(v, at));
      }
    }
    stack.consume(skb);
  }

  /** Nothing in an ICMP error about IGMP interests anybody. */
  error(): void {
    // Linux: igmp_protocol has no err_handler.
  }
}
