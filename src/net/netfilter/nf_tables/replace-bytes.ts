import { fold32 } from '../../../wire/checksum.js';
import * as ip from '../../../wire/ipv4.js';
import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import { CHECKSUM_PARTIAL } from '../../core/packet-buffer.js';
import type { PacketInfo } from './packet-info.js';

/**
 * Writes bytes into the packet and puts checksums right: that at `checksumAt` (-1: none), and where `pseudo` is set the transport's, whose
 * pseudo-header holds them. False: the pool is at its limit. Linux: nft_payload_set_eval()
 */
export function replaceBytes(
  packet: PacketInfo,
  at: number,
  from: Uint8Array,
  fromAt: number,
  length: number,
  checksumAt: number,
  pseudo: boolean,
): boolean {
  const { skb } = packet;
  const { pool } = packet.tables.namespace.stack;
  if (skb.shared && !pool.makeWritable(skb)) return false;
  const { bytes, view } = skb;
  // RFC 1624: the sum changes by what comes less what goes; bytes count by where they lie in their words.
  let difference = 0;
  const odd = checksumAt < 0 ? 0 : (at - (skb.networkHeader & 1)) & 1;
  for (let i = 0; i < length; i++) {
    const shift = ((i + odd) & 1) === 0 ? 8 : 0;
    difference += (from[fromAt + i]! << shift) + ((~bytes[at + i]! & 0xff) << shift);
    if (shift === 8 && i + 1 === length) difference += 0xff;
    if (shift === 0 && i === 0) difference += 0xff00;
  }
  for (let i = 0; i < length; i++) bytes[at + i] = from[fromAt + i]!;
  const transportAt = transportChecksum(packet);
  if (checksumAt >= 0) {
    // UDP without a checksum stays so; one that is computed on the way out sees the new bytes.
    const late = skb.ipSummed === CHECKSUM_PARTIAL && checksumAt === transportAt;
    if (!late && !(checksumAt === transportAt && packet.protocol === 17 && view.getUint16(checksumAt) === 0))
      adjust(view, checksumAt, difference, false);
  }
  if (pseudo && transportAt >= 0 && transportAt + 2 <= skb.tail) {
    if (packet.protocol === 17 && view.getUint16(transportAt) === 0 && skb.ipSummed !== CHECKSUM_PARTIAL) return true;
    adjust(view, transportAt, difference, skb.ipSummed === CHECKSUM_PARTIAL);
  }
  return true;
}

/** `partial`: the field holds the sum itself, not its complement. */
function adjust(view: DataView, at: number, difference: number, partial: boolean): void {
  const old = view.getUint16(at);
  const sum = fold32((partial ? old : ~old & 0xffff) + fold32(difference));
  view.setUint16(at, partial ? sum : ~sum & 0xffff);
}

/** Where the transport's checksum is; -1: it has none with a pseudo-header. */
function transportChecksum(packet: PacketInfo): number {
  if (packet.transport < 0 || packet.fragmentOffset !== 0) return -1;
  if (packet.protocol === ip.PROTOCOL_TCP) return packet.transport + 16;
  if (packet.protocol === ip.PROTOCOL_UDP || packet.protocol === 136) return packet.transport + 6;
  if (packet.protocol === 58 && packet.networkFamily !== NFPROTO_IPV4) return packet.transport + 2;
  return -1;
}
