import type { NetDevice } from '../../net/core/device.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Stack } from '../../net/core/stack.js';

// What programs are told of a packet, by a queue as by a log.

/** struct nfqnl_msg_packet_hw, struct nfulnl_msg_packet_hw: eight bytes for the address. */
const HW_ADDRESS = 8;
const ETHER_BYTES = 6;

/** Who sent it on the link, of a packet that came in by Ethernet. */
export function hardwareAddress(skb: PacketBuffer, input: NetDevice | null): { readonly hwaddr?: Uint8Array } {
  if (input === null || skb.macHeader < 0 || skb.networkHeader - skb.macHeader < 2 * ETHER_BYTES) return {};
  const bytes = new Uint8Array(4 + HW_ADDRESS);
  bytes[1] = ETHER_BYTES;
  bytes.set(skb.bytes.subarray(skb.macHeader + ETHER_BYTES, skb.macHeader + 2 * ETHER_BYTES), 4);
  return { hwaddr: bytes };
}

/** When it was received, if that was noted. */
export function packetTime({ timestampUs }: PacketBuffer, { clock, nowUs }: Stack) {
  if (timestampUs === 0) return {};
  const wallUs = Math.floor(clock.wallUs() - (nowUs - timestampUs));
  return { timestamp: { secHigh: 0, sec: Math.floor(wallUs / 1_000_000), usecHigh: 0, usec: wallUs % 1_000_000 } };
}
