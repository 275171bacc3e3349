import { CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, GSO_NONE, GSO_TCPV4, GSO_TCPV6, type PacketBuffer } from '../net/core/packet-buffer.js';

// struct virtio_net_hdr_mrg_rxbuf, little-endian, before every frame of a TAP with IFF_VNET_HDR, and every packet of a TUN:
// 0 flags | 1 gso_type | 2 hdr_len | 4 gso_size | 6 csum_start | 8 csum_offset | 10 num_buffers. Offsets count from the frame's start.
const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
const VIRTIO_NET_HDR_F_DATA_VALID = 2;
/** VIRTIO_NET_HDR_GSO_ECN, a flag of gso_type; the types have the numbers that GSO_* have. */
const VIRTIO_NET_HDR_GSO_ECN = 0x80;
const ETHERNET = 14;
const IP_HEADER = 20;
const TCP_HEADER = 20;

const tcpHeaderBytes = (view: DataView, transport: number) => (view.getUint8(transport + 12) >>> 4) << 2;

/** Says what is left undone in a frame that is sent. */
export function writeVnetHeader(skb: PacketBuffer, view: DataView, at: number): void {
  const partial = skb.ipSummed === CHECKSUM_PARTIAL;
  const cut = skb.gsoSize !== 0;
  view.setUint16(at, partial ? VIRTIO_NET_HDR_F_NEEDS_CSUM | (cut ? skb.gsoType << 8 : 0) : 0, true);
  view.setUint16(at + 2, cut ? skb.csumStart - skb.data + tcpHeaderBytes(skb.view, skb.csumStart) : 0, true);
  view.setUint16(at + 4, cut ? skb.gsoSize : 0, true);
  view.setUint16(at + 6, partial ? skb.csumStart - skb.data : 0, true);
  view.setUint32(at + 8, partial ? skb.csumOffset : 0, true);
}

/**
 * Reads what the other side left undone in a frame that came; `link`: bytes of its link header. False: the header says what the
 * frame cannot be.
 */
export function readVnetHeader(skb: PacketBuffer, view: DataView, at: number, link = ETHERNET): boolean {
  const flags = view.getUint8(at);
  const type = view.getUint8(at + 1) & ~VIRTIO_NET_HDR_GSO_ECN;
  if ((flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) === 0) {
    if ((flags & VIRTIO_NET_HDR_F_DATA_VALID) !== 0) skb.ipSummed = CHECKSUM_UNNECESSARY;
    // Only what still needs its checksum can be cut.
    return type === GSO_NONE;
  }
  const length = skb.tail - skb.data;
  const start = view.getUint16(at + 6, true);
  const offset = view.getUint16(at + 8, true);
  if (start < link + IP_HEADER || start + offset + 2 > length) return false;
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.data + start;
  skb.csumOffset = offset;
  if (type === GSO_NONE) return true;
  const size = view.getUint16(at + 4, true);
  if ((type !== GSO_TCPV4 && type !== GSO_TCPV6) || size === 0 || start + TCP_HEADER > length) return false;
  const headers = start + tcpHeaderBytes(skb.view, skb.csumStart);
  if (headers < start + TCP_HEADER || headers >= length) return false;
  skb.gsoType = type;
  skb.gsoSize = size;
  skb.gsoSegments = Math.ceil((length - headers) / size);
  skb.transportHeader = skb.csumStart;
  return true;
}
