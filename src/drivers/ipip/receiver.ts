import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import { DEST_UNREACH, PORT_UNREACH } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { Transport } from '../../net/core/internet.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { ReceivedMetadata } from '../../net/core/tunnel-metadata.js';
import { TunnelTable } from '../../net/ipv4/tunnel/table.js';
import type { IpTunnel } from '../../net/ipv4/tunnel/tunnel.js';
import { NODE_UNSPECIFIED } from '../../net/core/ndisc-node.js';
import { siteOf } from '../../net/ipv4/tunnel/six-rd.js';
import { IFF_POINTOPOINT } from '../../netlink/rtnl/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import { IPPROTO_IPIP, IPPROTO_IPV6, SitDevice } from './devices.js';
import { isatapSender } from './isatap.js';

/** Packets in packets of one IP protocol, for the first of `tables` that has a tunnel for them. Linux: tunnel4_rcv() */
class Receiver implements Transport {
  readonly protocol: number;
  readonly #namespace: Namespace;
  readonly #etherType: number;
  readonly #tables: readonly TunnelTable[];
  readonly #received = new ReceivedMetadata();

  constructor(namespace: Namespace, protocol: number, etherType: number, tables: readonly TunnelTable[]) {
    this.protocol = protocol;
    this.#namespace = namespace;
    this.#etherType = etherType;
    this.#tables = tables;
  }

  receive(skb: PacketBuffer): void {
    const { view } = skb;
    const outer = skb.networkHeader;
    const destination = ip.destination(view, outer);
    const tables = this.#tables;
    for (let i = 0; i < tables.length; i++) {
      const tunnel = tables[i]!.lookup(ip.source(view, outer), destination, skb.iif, false, 0);
      if (tunnel === null) continue;
      const { payload } = tunnel.parameters;
      if (payload !== 0 && payload !== this.protocol) {
        this.#namespace.stack.drop(skb, DropReason.NOT_SPECIFIED);
        return;
      }
      if (this.#spoofed(tunnel, skb)) {
        tunnel.refuseReceived(skb);
        return;
      }
      skb.device = tunnel.device;
      skb.protocol = this.#etherType;
      const tos = ip.tos(view, outer);
      const source = ip.source(view, outer);
      const metadata = tunnel.external ? this.#received.of(0, source, destination, null, null, tos, ip.ttl(view, outer), 0) : null;
      tunnel.receive(skb, tos, ip.isMulticast(destination), metadata);
      return;
    }
    this.#namespace.ipv4.icmp.sendError(skb, DEST_UNREACH, PORT_UNREACH, 0);
    this.#namespace.stack.drop(skb, DropReason.NO_SOCKET);
  }

  /**
   * Whether the addresses of an IPv6 packet say another IPv4 peer than the outer header does, where they should say the same; of an
   * ISATAP link, whether its sender may send there, which neighbour discovery is told. Linux: packet_is_spoofed()
   */
  #spoofed(tunnel: IpTunnel, skb: PacketBuffer): boolean {
    const { device } = tunnel;
    if (this.#etherType !== ETH_P_IPV6 || !(device instanceof SitDevice)) return false;
    const { view, networkHeader: outer } = skb;
    if (device.isatap) {
      skb.ndiscNode = isatapSender(device, device.routers, skb, ip.source(view, outer));
      return skb.ndiscNode === NODE_UNSPECIFIED;
    }
    if ((device.flags & IFF_POINTOPOINT) !== 0 || skb.length < ip6.HEADER) return false;
    const from = siteOf(device.sixRd, view, skb.data + ip6.SOURCE);
    if (from !== 0 && from !== ip.source(view, outer)) return true;
    const to = siteOf(device.sixRd, view, skb.data + ip6.DESTINATION);
    return to !== 0 && to !== ip.destination(view, outer);
  }

  error(skb: PacketBuffer, icmpType: number, icmpCode: number): void {
    const { view, data: outer } = skb;
    for (const table of this.#tables)
      table.lookup(ip.destination(view, outer), ip.source(view, outer), skb.iif, false, 0)?.error(icmpType, icmpCode);
  }
}

/** The ipip and sit tunnels of one namespace. */
export class IpTunnels {
  readonly ipip: TunnelTable;
  readonly sit: TunnelTable;

  constructor(namespace: Namespace) {
    const seed = namespace.stack.hashSeed;
    this.ipip = new TunnelTable(seed);
    this.sit = new TunnelTable(seed);
    namespace.ipv4.registerTransport(new Receiver(namespace, IPPROTO_IPIP, ETH_P_IP, [this.ipip, this.sit]));
    namespace.ipv4.registerTransport(new Receiver(namespace, IPPROTO_IPV6, ETH_P_IPV6, [this.sit]));
  }
}

const all = new WeakMap<Namespace, IpTunnels>();

export function ipTunnelsOf(namespace: Namespace): IpTunnels {
  let tunnels = all.get(namespace);
  if (tunnels === undefined) {
    tunnels = new IpTunnels(namespace);
    all.set(namespace, tunnels);
  }
  return tunnels;
}
