import type { Flow } from '../../../net/core/flow.js';
import type { PacketBuffer } from '../../../net/core/packet-buffer.js';
import type { PacketPool } from '../../../net/core/packet-pool.js';
import { ETH_P_IP } from '../../../wire/ethernet.js';
import * as icmp from '../../../wire/icmp.js';
import * as ip from '../../../wire/ipv4.js';

/** Room for the ports, and the ICMP header whole. */
const TRANSPORT = 8;

/**
 * A packet of `flow` that stands for one that came in: header, and the ports, which rules and the hash of multipath look at. null: no
 * memory. The caller releases it. Linux: inet_rtm_getroute_build_skb()
 */
export function probePacket(pool: PacketPool, flow: Flow): PacketBuffer | null {
  const skb = pool.allocate(ip.HEADER + TRANSPORT);
  if (skb === null) return null;
  const at = skb.put(ip.HEADER + TRANSPORT);
  const { view } = skb;
  skb.bytes.fill(0, at, skb.tail);
  view.setUint8(at, 0x45);
  view.setUint8(at + 1, flow.tos);
  view.setUint16(at + 2, ip.HEADER + TRANSPORT);
  view.setUint8(at + 9, flow.protocol);
  view.setUint32(at + 12, flow.source);
  view.setUint32(at + 16, flow.destination);
  const transport = at + ip.HEADER;
  if (flow.protocol === ip.PROTOCOL_ICMP) view.setUint8(transport, icmp.ECHO);
  else {
    view.setUint16(transport, flow.sourcePort);
    view.setUint16(transport + 2, flow.destinationPort);
  }
  skb.cb0 = 0;
  skb.protocol = ETH_P_IP;
  skb.networkHeader = at;
  skb.transportHeader = transport;
  return skb;
}
