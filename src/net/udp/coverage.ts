import { fold, sum } from '../../wire/checksum.js';
import * as udp from '../../wire/udp.js';
import { coverage } from '../../wire/udplite.js';
import { CHECKSUM_NONE, type PacketBuffer } from '../core/packet-buffer.js';
import type { UdpKind } from './kind.js';

/** Bytes of the datagram at skb.data, header included; 0: there is no whole one. UDP-Lite has no length of its own. */
export function datagramBytes(kind: UdpKind, skb: PacketBuffer): number {
  const bytes = skb.tail - skb.data;
  if (kind.partial) return bytes < udp.HEADER || udp.length(skb.view, skb.data) > bytes ? 0 : bytes;
  return udp.check(skb.view, skb.data, bytes) ? udp.length(skb.view, skb.data) : 0;
}

/** Whether the checksum of the datagram of `bytes` at skb.data is right; `pseudo`: the sum of its pseudo header. Linux: udp4_csum_init(). */
export function checksumHolds(kind: UdpKind, skb: PacketBuffer, bytes: number, pseudo: number): boolean {
  const v = skb.view;
  const at = skb.data;
  if (!kind.partial) return skb.ipSummed !== CHECKSUM_NONE || fold(sum(v, at, bytes, pseudo)) === 0xffff;
  // RFC 3828 3.1: none without a checksum. One that the sender's stack left to a device was never wrong.
  const covered = coverage(v, at, bytes);
  if (covered === 0 || udp.checksum(v, at) === 0) return false;
  return skb.ipSummed !== CHECKSUM_NONE || fold(sum(v, at, covered, pseudo)) === 0xffff;
}

/** The checksum of a datagram of `bytes` at `at` that covers `covered` of them. */
export function partialChecksum(v: DataView, at: number, covered: number, pseudo: number): number {
  const value = ~fold(sum(v, at, covered, pseudo)) & 0xffff;
  return value === 0 ? 0xffff : value;
}
