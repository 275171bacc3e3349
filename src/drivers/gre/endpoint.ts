import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { GRE_CSUM, GRE_KEY, GRE_SEQ, greHeaderBytes } from '../../net/ipv4/tunnel/parameters.js';
import type { IpTunnel } from '../../net/ipv4/tunnel/tunnel.js';
import { TUNNEL_CSUM, TUNNEL_KEY, TUNNEL_SEQ, type TunnelMetadata } from '../../net/core/tunnel-metadata.js';
import * as gre from '../../wire/gre.js';

/** The numbers that GRE packets of one tunnel carry, out and in. */
export class GreEndpoint {
  #sent = 0;
  #expected = 0;

  /** Puts the GRE header before `skb.data`, for a payload of EtherType `protocol`. */
  push(skb: PacketBuffer, tunnel: IpTunnel, protocol: number): void {
    const { outputFlags, outputKey } = tunnel.parameters;
    const at = skb.push(greHeaderBytes(outputFlags));
    const sequence = (outputFlags & GRE_SEQ) === 0 ? 0 : this.#sent;
    gre.write(skb.view, at, outputFlags, protocol, outputKey, sequence, skb.tail);
    if ((outputFlags & GRE_SEQ) !== 0) this.#sent = (this.#sent + 1) >>> 0;
  }

  /** The same with what a packet's metadata says; the length of the header. Linux: gre_fb_xmit() */
  pushAsTold(skb: PacketBuffer, protocol: number, told: TunnelMetadata): number {
    const flags = greFlags(told.flags);
    const bytes = greHeaderBytes(flags);
    const sequence = (flags & GRE_SEQ) === 0 ? 0 : this.#sent;
    gre.write(skb.view, skb.push(bytes), flags, protocol, told.id, sequence, skb.tail);
    if ((flags & GRE_SEQ) !== 0) this.#sent = (this.#sent + 1) >>> 0;
    return bytes;
  }

  /** Whether a packet with these flags may come in by the tunnel; counts why it may not. Linux: ip_tunnel_rcv() */
  accepts(tunnel: IpTunnel, flags: number, sequence: number): boolean {
    const { inputFlags } = tunnel.parameters;
    const { statistics } = tunnel.device;
    if (((flags ^ inputFlags) & GRE_CSUM) !== 0) {
      statistics.rxCrcErrors++;
      return false;
    }
    if ((inputFlags & GRE_SEQ) === 0) return true;
    // RFC 2890 2.2: what is older than what has come is thrown away.
    if ((flags & GRE_SEQ) === 0 || (this.#expected !== 0 && ((sequence - this.#expected) | 0) < 0)) {
      statistics.rxFifoErrors++;
      return false;
    }
    this.#expected = (sequence + 1) >>> 0;
    return true;
  }
}

/** TUNNEL_* as the flags of a GRE header. */
const greFlags = (flags: number): number =>
  ((flags & TUNNEL_CSUM) !== 0 ? GRE_CSUM : 0) | ((flags & TUNNEL_KEY) !== 0 ? GRE_KEY : 0) | ((flags & TUNNEL_SEQ) !== 0 ? GRE_SEQ : 0);

/** What a received packet's metadata says of its header: TUNNEL_CSUM and TUNNEL_KEY. */
export const tunnelFlags = (flags: number): number =>
  ((flags & GRE_CSUM) !== 0 ? TUNNEL_CSUM : 0) | ((flags & GRE_KEY) !== 0 ? TUNNEL_KEY : 0);
