import { ADDRESS_BYTES, ETH_P_802_2, ETH_P_802_3, ETH_P_802_3_MIN, HEADER } from '../../wire/ethernet.js';
import { TAG_BYTES } from '../../wire/vlan.js';
import type { PacketBuffer } from './packet-buffer.js';

const BOTH_ADDRESSES = 2 * ADDRESS_BYTES;

/**
 * Takes the tag out of a received frame whose header was pulled: it lies in `skb.vlanTci` then, and the frame is as if it had
 * never had one. False: the frame is too short, or there is no memory. Linux: skb_vlan_untag()
 */
export function untag(skb: PacketBuffer): boolean {
  if (skb.length < TAG_BYTES || !skb.device!.stack.pool.makeWritable(skb)) return false;
  const { bytes, view, data } = skb;
  skb.vlanTci = view.getUint16(data);
  skb.vlanProtocol = skb.protocol;
  const type = view.getUint16(data + 2);
  if (skb.macHeader >= 0) {
    const mac = skb.macHeader;
    for (let i = BOTH_ADDRESSES - 1; i >= 0; i--) bytes[mac + TAG_BYTES + i] = bytes[mac + i]!;
    skb.macHeader = mac + TAG_BYTES;
  }
  skb.pull(TAG_BYTES);
  if (type >= ETH_P_802_3_MIN) skb.protocol = type;
  else skb.protocol = skb.length >= 2 && view.getUint16(skb.data) === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
  return true;
}

/**
 * Puts the tag of `skb.vlanTci` into a frame whose Ethernet header is at `skb.data`. False: there is no memory.
 * Linux: __vlan_hwaccel_push_inside()
 */
export function insertTag(skb: PacketBuffer): boolean {
  if (skb.length < HEADER || skb.headroom < TAG_BYTES || !skb.device!.stack.pool.makeWritable(skb)) return false;
  const from = skb.data;
  const to = skb.push(TAG_BYTES);
  const { bytes, view } = skb;
  for (let i = 0; i < BOTH_ADDRESSES; i++) bytes[to + i] = bytes[from + i]!;
  view.setUint16(to + BOTH_ADDRESSES, skb.vlanProtocol);
  view.setUint16(to + BOTH_ADDRESSES + 2, skb.vlanTci);
  skb.macHeader = to;
  skb.protocol = skb.vlanProtocol;
  skb.vlanTci = -1;
  return true;
}
