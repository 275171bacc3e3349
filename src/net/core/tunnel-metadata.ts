import type { In6 } from '../../wire/ipv6.js';
import type { PacketBuffer } from './packet-buffer.js';

// TUNNEL_* of a tunnel's key in host order, and of LWTUNNEL_IP_FLAGS.
export const TUNNEL_CSUM = 0x01;
export const TUNNEL_KEY = 0x04;
export const TUNNEL_SEQ = 0x08;
export const TUNNEL_DONT_FRAGMENT = 0x0100;
export const TUNNEL_GENEVE_OPT = 0x0800;
export const TUNNEL_VXLAN_OPT = 0x1000;
export const TUNNEL_ERSPAN_OPT = 0x4000;
/** Linux: TUNNEL_OPTIONS_PRESENT, with GTP's */
export const TUNNEL_OPTIONS_PRESENT = TUNNEL_GENEVE_OPT | TUNNEL_VXLAN_OPT | TUNNEL_ERSPAN_OPT | 0x8000;

/** What a kind of tunnel alone understands (ip_tunnel_info_opts()); options of Geneve are in order, data in words of four bytes. */
export type TunnelOptions =
  | { readonly kind: 'geneve'; readonly options: readonly { readonly class: number; readonly type: number; readonly data: Uint8Array }[] }
  | { readonly kind: 'vxlan'; readonly gbp: number }
  | { readonly kind: 'erspan'; readonly version: number; readonly index: number; readonly direction: number; readonly hardwareId: number };

/**
 * What one packet's outer headers say, or are to say, where the tunnel itself does not (struct ip_tunnel_info). It is never changed once a
 * packet has it: packets, routes and VLANs share it.
 */
export class TunnelMetadata {
  /** The lower 32 bits of the tunnel id: VNI, GRE key. */
  id = 0;
  /** The upper 32 bits, which no tunnel here has room for. */
  idHigh = 0;
  source = 0;
  destination = 0;
  /** Null: the outer packet is of IPv4. */
  source6: In6 | null = null;
  destination6: In6 | null = null;
  tos = 0;
  /** 0: as the route, or the packet inside, has it. */
  ttl = 0;
  /** TUNNEL_* */
  flags = 0;
  /** For what is sent (IP_TUNNEL_INFO_TX); false: it came so. */
  transmit = false;
  /** Only the id counts: the device's own table says where to (IP_TUNNEL_INFO_BRIDGE). */
  bridge = false;
  options: TunnelOptions | null = null;
}

/** Whether two say the same. Linux: ip_tun_cmp_encap() */
export function sameMetadata(a: TunnelMetadata, b: TunnelMetadata): boolean {
  return (
    a.id === b.id &&
    a.idHigh === b.idHigh &&
    a.source === b.source &&
    a.destination === b.destination &&
    sameAddress(a.source6, b.source6) &&
    sameAddress(a.destination6, b.destination6) &&
    a.tos === b.tos &&
    a.ttl === b.ttl &&
    a.flags === b.flags &&
    a.transmit === b.transmit &&
    a.bridge === b.bridge &&
    sameOptions(a.options, b.options)
  );
}

function sameOptions(a: TunnelOptions | null, b: TunnelOptions | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === 'vxlan') return b.kind === 'vxlan' && a.gbp === b.gbp;
  if (a.kind === 'erspan') {
    const same = b.kind === 'erspan' && a.version === b.version && a.index === b.index;
    return same && a.direction === b.direction && a.hardwareId === b.hardwareId;
  }
  if (b.kind !== 'geneve' || a.options.length !== b.options.length) return false;
  return a.options.every((option, i) => {
    const other = b.options[i]!;
    const same = option.class === other.class && option.type === other.type && option.data.length === other.data.length;
    return same && option.data.every((byte, at) => byte === other.data[at]);
  });
}

/** What a bridge says of a packet that leaves by a tunnel. */
export function bridgeMetadata(id: number): TunnelMetadata {
  const metadata = new TunnelMetadata();
  metadata.id = id;
  metadata.flags = TUNNEL_KEY;
  metadata.transmit = true;
  metadata.bridge = true;
  return metadata;
}

/** What the outer headers of a packet that is sent are to say; null: nobody has told. Linux: skb_tunnel_info() */
export function transmitMetadata(skb: PacketBuffer): TunnelMetadata | null {
  const { tunnel, dst } = skb;
  if (tunnel?.transmit === true) return tunnel;
  return dst === null ? null : dst.tunnel;
}

/** For an answer to what came so: back to who sent it; null: it did not come so. Linux: iptunnel_metadata_reply() */
export function replyMetadata(received: TunnelMetadata | null): TunnelMetadata | null {
  if (received === null || received.transmit) return null;
  const metadata = new TunnelMetadata();
  metadata.id = received.id;
  metadata.idHigh = received.idHigh;
  metadata.destination = received.source;
  if (received.source6 !== null) {
    metadata.destination6 = received.source6;
    metadata.source6 = new Uint32Array(4);
  }
  metadata.flags = received.flags;
  metadata.transmit = true;
  return metadata;
}

const SLOTS = 256;

/** Metadata of packets that came in over IPv4 or IPv6, one object for all that are alike: a packet of a known flow allocates nothing. */
export class ReceivedMetadata {
  readonly #slots: (TunnelMetadata | null)[] = new Array(SLOTS).fill(null);

  /** `source6` and `destination6` null: IPv4. They are copied. */
  of(
    id: number,
    source: number,
    destination: number,
    source6: In6 | null,
    destination6: In6 | null,
    tos: number,
    ttl: number,
    flags: number,
  ): TunnelMetadata {
    const mixed = source6 === null ? source : source6[3]! ^ source6[1]!;
    const slot = (Math.imul(mixed ^ Math.imul(id, 0x9e37_79b1), 0x85eb_ca6b) >>> 24) & (SLOTS - 1);
    const known = this.#slots[slot]!;
    if (
      known !== null &&
      known.id === id &&
      known.source === source &&
      known.destination === destination &&
      known.tos === tos &&
      known.ttl === ttl &&
      known.flags === flags &&
      sameAddress(known.source6, source6) &&
      sameAddress(known.destination6, destination6)
    )
      return known;
    const metadata = new TunnelMetadata();
    metadata.id = id;
    metadata.source = source;
    metadata.destination = destination;
    metadata.source6 = source6 === null ? null : source6.slice();
    metadata.destination6 = destination6 === null ? null : destination6.slice();
    metadata.tos = tos;
    metadata.ttl = ttl;
    metadata.flags = flags;
    this.#slots[slot] = metadata;
    return metadata;
  }
}

function sameAddress(a: In6 | null, b: In6 | null): boolean {
  if (a === null || b === null) return a === b;
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}
