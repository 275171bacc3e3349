import type { PinnedBytes } from '../../base/pinned-bytes.js';
import type { Dst } from './dst.js';
import type { NetDevice } from './device.js';
import type { PayloadSource } from './payload.js';
import type { Socket } from './socket.js';
import type { TunnelMetadata } from './tunnel-metadata.js';

// skb->pkt_type, linux/if_packet.h
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;
export const PACKET_USER = 6;
export const PACKET_KERNEL = 7;

// skb->ip_summed, linux/skbuff.h
/** Nothing is known: whoever needs it checks the checksum. */
export const CHECKSUM_NONE = 0;
/** Verified, or inside one stack never in doubt. */
export const CHECKSUM_UNNECESSARY = 1;
/** To be filled in on the way out: sum from `csumStart` on, put at `csumStart + csumOffset`; the field holds the pseudo-header's sum. */
export const CHECKSUM_PARTIAL = 3;

// skb->redirected and skb->from_ingress
export const REDIRECTED_NOT = 0;
/** It was on its way out of the device `iif`. */
export const REDIRECTED_EGRESS = 1;
/** It had come in by the device `iif`. */
export const REDIRECTED_INGRESS = 2;

// skb_shinfo(skb)->gso_type
export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
export const GSO_TCPV6 = 4;
export const GSO_UDP_L4 = 5;

/** Bytes that one or several packet buffers show; from the pool, and back to it when the last of them is freed. */
export class PacketMemory implements PinnedBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly sizeClass: number;
  /** How many packet buffers share it; 0: in the pool. */
  references = 0;
  /** Where the bytes lie in the host's memory, for those who hand them to system calls; 0 until they ask. Slabs never move. */
  hostAddress = 0;

  constructor(slab: ArrayBuffer, offset: number, length: number, sizeClass: number) {
    this.bytes = new Uint8Array(slab, offset, length);
    this.view = new DataView(slab, offset, length);
    this.sizeClass = sizeClass;
  }
}

/**
 * One packet on its way through the stack: Linux's sk_buff. The packet is `bytes[data .. tail)`; what lies before `data` is
 * headroom for headers to come. Header positions are absolute offsets into `bytes`; -1: not known.
 *
 * Who passes a buffer on passes the ownership with it; who keeps it frees it: Stack.drop() with a reason, or Stack.consume().
 * Clones share bytes: who changes bytes of a shared buffer calls PacketPool.makeWritable() first.
 */
export class PacketBuffer {
  memory: PacketMemory;
  bytes: Uint8Array;
  view: DataView;
  data = 0;
  tail = 0;
  macHeader = -1;
  networkHeader = -1;
  transportHeader = -1;
  /** EtherType, host order. */
  protocol = 0;
  packetType = PACKET_HOST;
  device: NetDevice | null = null;
  /** Interface that it came in by (skb_iif), the uppermost so far; 0: made here. */
  iif = 0;
  /** Of a packet of a VRF (`iif` is the VRF): the member that it came in by; 0: it is of none. Linux: inet_sdif() */
  sdif = 0;
  mark = 0;
  priority = 0;
  /** Flow hash; 0: not computed. */
  hash = 0;
  ipSummed = CHECKSUM_NONE;
  csumStart = 0;
  csumOffset = 0;
  gsoType = GSO_NONE;
  gsoSize = 0;
  gsoSegments = 0;
  /** VLAN tag taken out of, or not yet put into, the header (TCI); -1: none. */
  vlanTci = -1;
  vlanProtocol = 0;
  /** When it was received or sent, microseconds of the stack's clock; 0: not stamped. */
  timestampUs = 0;
  dst: Dst | null = null;
  socket: Socket | null = null;
  /** What its outer headers said, or are to say (skb_metadata_dst); null: nothing beyond what its route says. */
  tunnel: TunnelMetadata | null = null;
  /** Sent through another device on its way (mirred to an ifb), which gives it back; REDIRECTED_*. */
  redirected = REDIRECTED_NOT;
  /** Connection tracking entry, which it holds a reference to (PacketPool.setConntrack()); 0: none. */
  conntrack = 0;
  /** IP_CT_*: where in the connection it stands; without an entry IP_CT_UNTRACKED or nothing. */
  conntrackInfo = 0;
  /** Zone that it is looked for in: number | directions << 16; 0: none was set. */
  conntrackZone = 0;
  /** Rules tell of it, under this number, as it passes them (skb->nf_trace); 0: they do not. */
  trace = 0;
  /** NODE_*: what its link knows of its sender (skb->ndisc_nodetype). */
  ndiscNode = 0;
  /** IPVS has dealt with it (skb->ipvs_property). */
  ipvs = false;
  /**
   * Where its last `payloadBytes` lie, which `bytes` does not have then: nobody on its way looks at them, and it is never kept
   * (payloadLeftOut()). Null: all of it is in `bytes`.
   */
  payload: PayloadSource | null = null;
  payloadSeq = 0;
  payloadBytes = 0;
  /** For whatever list its owner keeps it in. */
  next: PacketBuffer | null = null;
  /** Scratch words of the layer that holds it (skb->cb); the layer that takes it over expects nothing in them. */
  cb0 = 0;
  cb1 = 0;
  cb2 = 0;
  cb3 = 0;
  cb4 = 0;
  cb5 = 0;
  /** True from free to allocation; a second free is ignored (and throws in a debug pool). */
  free = true;

  constructor(memory: PacketMemory) {
    this.memory = memory;
    this.bytes = memory.bytes;
    this.view = memory.view;
  }

  get length(): number {
    return this.tail - this.data;
  }

  get headroom(): number {
    return this.data;
  }

  get tailroom(): number {
    return this.bytes.length - this.tail;
  }

  /** Makes room for `count` bytes before the data and returns where they start. The caller has checked headroom. */
  push(count: number): number {
    this.data -= count;
    return this.data;
  }

  /** Takes `count` bytes off the front. */
  pull(count: number): number {
    this.data += count;
    return this.data;
  }

  /** Makes room for `count` bytes behind the data and returns where they start. The caller has checked tailroom. */
  put(count: number): number {
    const at = this.tail;
    this.tail += count;
    return at;
  }

  /** Cuts the packet to `length` bytes. */
  trim(length: number): void {
    this.tail = this.data + length;
  }

  get shared(): boolean {
    return this.memory.references > 1;
  }
}
