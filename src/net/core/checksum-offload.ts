import { fold, sum } from '../../wire/checksum.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type PacketBuffer } from './packet-buffer.js';

/**
 * Computes a checksum that was left to the device (skb_checksum_help()): over everything from `csumStart`, the field holding the
 * pseudo-header's sum. For devices without NETIF_F_HW_CSUM and before the bytes are cut into fragments.
 * False: the bytes are shared and the pool is at its limit; the packet is as before.
 */
export function completeChecksum(skb: PacketBuffer): boolean {
  if (skb.ipSummed !== CHECKSUM_PARTIAL) return true;
  if (!skb.device!.stack.pool.bringIn(skb)) return false;
  if (skb.shared && !skb.device!.stack.pool.makeWritable(skb)) return false;
  const value = ~fold(sum(skb.view, skb.csumStart, skb.tail - skb.csumStart, 0)) & 0xffff;
  // A computed zero goes out as all ones: in UDP zero means that there is none (RFC 768), and TCP does not care.
  skb.view.setUint16(skb.csumStart + skb.csumOffset, value === 0 ? 0xffff : value);
  skb.ipSummed = CHECKSUM_NONE;
  return true;
}
