import { verify } from '../../wire/checksum.js';
import * as gre from '../../wire/gre.js';
import { DEST_UNREACH, PORT_UNREACH } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { Transport } from '../../net/core/internet.js';
import type { Namespace } from '../../net/core/namespace.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { TunnelTable } from '../../net/ipv4/tunnel/table.js';
import { ReceivedMetadata } from '../../net/core/tunnel-metadata.js';
import { GreDevice, GretapDevice } from './devices.js';
import { tunnelFlags } from './endpoint.js';

const ETHERNET_HEADER = 14;

/** GRE of one namespace: packets to tunnels by addresses and key. */
export class GreReceiver implements Transport {
  readonly protocol = gre.PROTOCOL;
  readonly packets: TunnelTable;
  readonly frames: TunnelTable;
  readonly #namespace: Namespace;
  readonly #received = new ReceivedMetadata();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.packets = new TunnelTable(namespace.stack.hashSeed);
    this.frames = new TunnelTable(namespace.stack.hashSeed);
    namespace.ipv4.registerTransport(this);
  }

  /** Linux: gre_rcv(), ipgre_rcv() */
  receive(skb: PacketBuffer): void {
    const { stack } = this.#namespace;
    const { view } = skb;
    const at = skb.data;
    const bytes = skb.tail - at;
    const flags = bytes < gre.HEADER ? 0 : view.getUint16(at);
    const header = headerBytes(flags);
    if (bytes < header || (flags & (gre.ROUTING | gre.VERSION_MASK)) !== 0) {
      stack.drop(skb, bytes < header ? DropReason.HDR_TRUNC : DropReason.UNHANDLED_PROTO);
      return;
    }
    let next = at + gre.HEADER;
    if ((flags & gre.CSUM) !== 0) {
      const trusted = skb.ipSummed !== CHECKSUM_NONE && skb.ipSummed !== CHECKSUM_PARTIAL;
      if (!trusted && !verify(view, at, bytes, 0)) {
        stack.drop(skb, DropReason.SKB_CSUM);
        return;
      }
      next += 4;
    }
    const keyed = (flags & gre.KEY) !== 0;
    const key = keyed ? view.getUint32(next) : 0;
    if (keyed) next += 4;
    const sequence = (flags & gre.SEQ) !== 0 ? view.getUint32(next) : 0;
    const outer = skb.networkHeader;
    const payload = view.getUint16(at + 2);
    const ethernet = payload === gre.ETH_P_TEB;
    const destination = ip.destination(view, outer);
    const table = ethernet ? this.frames : this.packets;
    const source = ip.source(view, outer);
    let tunnel = table.lookup(source, destination, skb.iif, keyed, key);
    // Linux: frames are packets like others to a gre device that tells of each.
    const asPacket = tunnel === null && ethernet;
    if (asPacket) tunnel = this.packets.lookup(source, destination, skb.iif, keyed, key);
    if (asPacket && tunnel?.external === false) tunnel = null;
    if (tunnel === null) {
      this.#namespace.ipv4.icmp.sendError(skb, DEST_UNREACH, PORT_UNREACH, 0);
      stack.drop(skb, DropReason.NO_SOCKET);
      return;
    }
    const { device } = tunnel;
    const endpoint = device instanceof GreDevice || device instanceof GretapDevice ? device.endpoint : null;
    if (endpoint === null || !endpoint.accepts(tunnel, flags, sequence)) {
      tunnel.refuseReceived(skb);
      return;
    }
    const tos = ip.tos(view, outer);
    // Linux: also where many may be at the other side.
    const told = tunnel.external || tunnel.parameters.remote === 0;
    const metadata = told ? this.#received.of(key, source, destination, null, null, tos, ip.ttl(view, outer), tunnelFlags(flags)) : null;
    const group = ip.isMulticast(destination);
    skb.data = at + header;
    skb.device = device;
    if (ethernet && !asPacket) {
      if (skb.length < ETHERNET_HEADER) {
        device.statistics.rxLengthErrors++;
        tunnel.refuseReceived(skb);
        return;
      }
      device.parseHeader(skb);
    } else skb.protocol = payload;
    tunnel.receive(skb, tos, group, metadata);
  }

  /** Linux: gre_err() */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number): void {
    const { view } = skb;
    const outer = skb.data;
    const at = outer + ip.headerLength(view, outer);
    if (at + gre.HEADER > skb.tail) return;
    const flags = view.getUint16(at);
    const keyed = (flags & gre.KEY) !== 0;
    const keyAt = at + gre.HEADER + ((flags & gre.CSUM) !== 0 ? 4 : 0);
    if (keyed && keyAt + 4 > skb.tail) return;
    const table = view.getUint16(at + 2) === gre.ETH_P_TEB ? this.frames : this.packets;
    const key = keyed ? view.getUint32(keyAt) : 0;
    table.lookup(ip.destination(view, outer), ip.source(view, outer), skb.iif, keyed, key)?.error(icmpType, icmpCode);
  }
}

const headerBytes = (flags: number): number =>
  gre.HEADER + ((flags & gre.CSUM) !== 0 ? 4 : 0) + ((flags & gre.KEY) !== 0 ? 4 : 0) + ((flags & gre.SEQ) !== 0 ? 4 : 0);
