import { update16 } from '../../wire/checksum.js';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import { ECN_DROP, ECN_KEEP, ECN_SET_CE, ecnDecapsulate } from './ecn.js';
import type { PacketBuffer } from './packet-buffer.js';
import type { Stack } from './stack.js';

// What a tunnel reads of, and writes into, the packet that it carries: `protocol` is an EtherType, `at` where the packet begins.

const VLAN_HLEN = 4;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** Whether tags stand between the link header and the packet (802.1Q, 802.1ad), which inside tunnels are looked through. */
const isTag = (protocol: number): boolean => protocol === ETH_P_8021Q || protocol === ETH_P_8021AD;

/** TOS or traffic class; 0 for what has none. Linux: ip_tunnel_get_dsfield() */
export function payloadTos(skb: PacketBuffer, protocol: number, at: number): number {
  if (isTag(protocol)) return skb.tail - at < VLAN_HLEN ? 0 : payloadTos(skb, skb.view.getUint16(at + 2), at + VLAN_HLEN);
  if (protocol === ETH_P_IP && skb.tail - at >= IPV4_HEADER) return skb.view.getUint8(at + 1);
  if (protocol === ETH_P_IPV6 && skb.tail - at >= IPV6_HEADER) return (skb.view.getUint16(at) >>> 4) & 0xff;
  return 0;
}

/** TTL or hop limit; 0 for what has none. Linux: ip_tunnel_get_ttl() */
export function payloadTtl(skb: PacketBuffer, protocol: number, at: number): number {
  if (isTag(protocol)) return skb.tail - at < VLAN_HLEN ? 0 : payloadTtl(skb, skb.view.getUint16(at + 2), at + VLAN_HLEN);
  if (protocol === ETH_P_IP && skb.tail - at >= IPV4_HEADER) return skb.view.getUint8(at + 8);
  if (protocol === ETH_P_IPV6 && skb.tail - at >= IPV6_HEADER) return skb.view.getUint8(at + 7);
  return 0;
}

/** Whether it must not be cut. */
export function payloadDontFragment(skb: PacketBuffer, protocol: number, at: number): boolean {
  if (isTag(protocol)) return skb.tail - at >= VLAN_HLEN && payloadDontFragment(skb, skb.view.getUint16(at + 2), at + VLAN_HLEN);
  return protocol === ETH_P_IP && skb.tail - at >= IPV4_HEADER && (skb.view.getUint16(at + 6) & 0x4000) !== 0;
}

/**
 * Passes the congestion mark of the outer header on to the packet inside, `skb.data` at its network header. False: it cannot say so,
 * and is dropped. Linux: IP_ECN_decapsulate()
 */
export function decapsulateEcn(stack: Stack, skb: PacketBuffer, outerTos: number): boolean {
  const { protocol, data: at } = skb;
  if (protocol !== ETH_P_IP && protocol !== ETH_P_IPV6) return true;
  if (skb.tail - at < (protocol === ETH_P_IP ? IPV4_HEADER : IPV6_HEADER)) return true;
  const inner = payloadTos(skb, protocol, at);
  const verdict = ecnDecapsulate(outerTos, inner);
  if (verdict === ECN_KEEP) return true;
  if (verdict === ECN_DROP) return false;
  if (skb.shared && !stack.pool.makeWritable(skb)) return false;
  const marked = verdict === ECN_SET_CE ? inner | 3 : (inner & ~3) | 1;
  const { view } = skb;
  const word = view.getUint16(at);
  if (protocol === ETH_P_IPV6) {
    view.setUint16(at, (word & 0xf00f) | (marked << 4));
    return true;
  }
  view.setUint8(at + 1, marked);
  view.setUint16(at + 10, update16(view.getUint16(at + 10), word, view.getUint16(at)));
  return true;
}
