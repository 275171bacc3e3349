import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { ARPHRD_ETHER, ARPHRD_SIT } from '../../../netlink/rtnl/constants.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import { DEST_UNREACH, FRAG_NEEDED, HOST_UNREACH, SR_FAILED, TIME_EXCEEDED } from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { DropReason } from '../../core/drop-reason.js';
import { ecnEncapsulate } from '../../core/ecn.js';
import { Flow } from '../../core/flow.js';
import { scrub } from '../../core/forward.js';
import { HeaderFields } from '../../core/internet.js';
import type { Namespace } from '../../core/namespace.js';
import { CHECKSUM_NONE, GSO_NONE, PACKET_BROADCAST, PACKET_HOST, type PacketBuffer } from '../../core/packet-buffer.js';
import { decapsulateEcn, payloadDontFragment, payloadTos, payloadTtl } from '../../core/tunnel-payload.js';
import { TUNNEL_DONT_FRAGMENT, type TunnelMetadata } from '../../core/tunnel-metadata.js';
import type { Dst } from '../../core/dst.js';
import type { Rtable } from '../rtable.js';
import type { TunnelParameters } from './parameters.js';

/** Room before a packet for outer headers and those of the link below. */
export const TUNNEL_HEADROOM = 96;
/** Tunnels in tunnels, at most. Linux: XMIT_RECURSION_LIMIT */
const MAX_DEPTH = 8;
/** How long an ICMP error about the outer packet is passed on to senders inside. Linux: IPTUNNEL_ERR_TIMEO */
const ERROR_LIFETIME_US = 30_000_000;
const MIN_MTU = 68;
/** A device without a way to its remote: as over Ethernet. */
const DEFAULT_LOWER_MTU = 1500;

/** The outside of a tunnel over IPv4, RFC 2003 and Linux's ip_tunnel.c: headers, path MTU, errors. ipip, gre, gretap and sit share it. */
export class IpTunnel {
  readonly device: NetDevice;
  /** Where its outer packets are, wherever the device has moved to. */
  readonly underlay: Namespace;
  /** IP protocol of the outer header where the payload does not say it: 47. */
  parameters: TunnelParameters;
  /** Bytes between the outer header and the payload. */
  headerBytes: number;
  /** Packets say themselves where they go (collect_md). */
  readonly external: boolean;
  /** The device of the module itself, made with the namespace. */
  readonly fallback: boolean;
  /** The table's own. */
  next: IpTunnel | null = null;
  #errors = 0;
  #errorUs = 0;
  readonly #flow = new Flow();
  readonly #innerFlow = new Flow();
  readonly #header = new HeaderFields();

  constructor(
    device: NetDevice,
    underlay: Namespace,
    parameters: TunnelParameters,
    headerBytes: number,
    fallback: boolean,
    external: boolean,
  ) {
    this.device = device;
    // Linux: sk_mc_loop(): what a device sends on is not heard on this host.
    this.#header.multicastLoop = false;
    this.underlay = underlay;
    this.parameters = parameters;
    this.headerBytes = headerBytes;
    this.fallback = fallback;
    this.external = external;
  }

  /** What is left of the MTU on the way to the remote. Linux: ip_tunnel_bind_dev() */
  mtuOfWay(): number {
    const { parameters, underlay, device } = this;
    let lower: NetDevice | null = null;
    if (parameters.remote !== 0) {
      const flow = this.#flow.reset();
      flow.destination = parameters.remote;
      flow.source = parameters.local;
      flow.oif = this.#outputIndex();
      flow.tos = parameters.tos & 0x1e;
      flow.mark = parameters.mark;
      const dst = underlay.ipv4.route(flow);
      if (dst.error === 0) lower = dst.device;
    }
    if (lower === null && parameters.ifindex !== 0) lower = underlay.deviceByIndex(parameters.ifindex) ?? null;
    const mtu = Math.min(lower === null ? DEFAULT_LOWER_MTU : lower.mtu, 65_535) - ip.HEADER - this.headerBytes - linkBytes(device);
    return Math.max(mtu, MIN_MTU);
  }

  /**
   * The device that outer packets go by; 0: any. Bound to a member of a VRF they go by any of that, except sit's.
   * Linux: ip_tunnel_init_flow()
   */
  #outputIndex(): number {
    const { ifindex } = this.parameters;
    if (ifindex === 0 || this.device.type === ARPHRD_SIT) return ifindex;
    let lower = this.underlay.deviceByIndex(ifindex) ?? null;
    while (lower !== null && lower.l3Table === 0) lower = lower.master;
    return lower?.ifindex ?? ifindex;
  }

  /** EINVAL. Linux: ip_tunnel_change_mtu() */
  checkMtu(mtu: number): void {
    if (mtu < MIN_MTU || mtu > 65_535 - ip.HEADER - this.headerBytes - linkBytes(this.device)) fail(EINVAL);
  }

  /**
   * Sends a packet, `skb.data` at what stands behind the outer header. The payload's own packet, of EtherType `payload`, begins `inner`
   * bytes behind that; its length of `payloadBytes` counts. `remote` is the parameters', or the neighbour's. Takes ownership.
   * Linux: ip_tunnel_xmit()
   */
  send(skb: PacketBuffer, protocol: number, payload: number, inner: number, remote: number): void {
    const { device, underlay, parameters } = this;
    const { stack, statistics } = device;
    const ipv4 = underlay.ipv4;
    const at = skb.data + inner;
    let to = remote;
    if (to === 0) to = nexthopOf(skb, payload, at);
    if (to === 0 || stack.tunnelDepth >= MAX_DEPTH) {
      statistics.txFifoErrors++;
      this.#refuse(skb);
      return;
    }
    const innerTos = payloadTos(skb, payload, at);
    const tos = (parameters.tos & 1) !== 0 ? innerTos : parameters.tos;
    const flow = this.#flow.reset();
    flow.destination = to;
    flow.source = parameters.local;
    flow.oif = this.#outputIndex();
    flow.protocol = protocol;
    flow.tos = tos & 0x1e;
    flow.mark = parameters.mark;
    const dst = ipv4.route(flow);
    if (dst.error !== 0) {
      statistics.txCarrierErrors++;
      this.#refuse(skb);
      return;
    }
    if (dst.device === device) {
      statistics.collisions++;
      this.#refuse(skb);
      return;
    }
    if (!this.#fits(skb, dst, payload, at, parameters.pmtuDiscovery, this.headerBytes)) {
      this.#refuse(skb);
      return;
    }
    if (this.#errors > 0) {
      if (stack.nowUs < this.#errorUs + ERROR_LIFETIME_US) {
        this.#errors--;
        skb.networkHeader = at;
        if (payload === ETH_P_IP) device.namespace.ipv4.icmp.sendError(skb, DEST_UNREACH, HOST_UNREACH, 0);
        else if (payload === ETH_P_IPV6) device.namespace.ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.ADDR_UNREACH, 0);
      } else this.#errors = 0;
    }
    let ttl = parameters.ttl;
    if (ttl === 0) ttl = payloadTtl(skb, payload, at);
    const narrow = device.type === ARPHRD_SIT && payload === ETH_P_IPV6 && ipv4.pathMtu(dst) - ip.HEADER < ip6.MIN_MTU;
    const dontFragment = (parameters.pmtuDiscovery && !narrow) || (!parameters.ignoreDf && payloadDontFragment(skb, payload, at));
    this.#output(skb, dst, protocol, at, ttl, ecnEncapsulate(tos, innerTos), dontFragment);
  }

  /** The same for a packet whose metadata says where it goes, `headerBytes` of the tunnel's own put on. Linux: ip_md_tunnel_xmit() */
  sendAsTold(skb: PacketBuffer, protocol: number, payload: number, inner: number, headerBytes: number, told: TunnelMetadata): void {
    const { device, underlay } = this;
    const { stack, statistics } = device;
    const at = skb.data + inner;
    if (stack.tunnelDepth >= MAX_DEPTH) {
      this.#refuse(skb);
      return;
    }
    const innerTos = payloadTos(skb, payload, at);
    const tos = told.tos === 1 ? innerTos : told.tos;
    const flow = this.#flow.reset();
    flow.destination = told.destination;
    flow.source = told.source;
    flow.protocol = protocol;
    flow.tos = tos & 0x1e;
    flow.mark = skb.mark;
    const dst = underlay.ipv4.route(flow);
    if (dst.error !== 0 || dst.device === device) {
      if (dst.error !== 0) statistics.txCarrierErrors++;
      else statistics.collisions++;
      this.#refuse(skb);
      return;
    }
    const whole = (told.flags & TUNNEL_DONT_FRAGMENT) !== 0;
    if (!this.#fits(skb, dst, payload, at, whole, headerBytes)) {
      this.#refuse(skb);
      return;
    }
    const ttl = told.ttl === 0 ? payloadTtl(skb, payload, at) : told.ttl;
    this.#output(skb, dst, protocol, at, ttl, ecnEncapsulate(tos, innerTos), whole || payloadDontFragment(skb, payload, at));
  }

  /** Puts the outer header before what stands at `skb.data`, with the flow in hand, and sends it; the payload's packet begins at `at`. */
  #output(skb: PacketBuffer, dst: Dst, protocol: number, at: number, ttl: number, tos: number, dontFragment: boolean): void {
    const { device, underlay } = this;
    const { stack, statistics } = device;
    const { ipv4 } = underlay;
    const flow = this.#flow;
    const header = this.#header;
    header.ttl = ttl;
    header.tos = tos;
    header.dontFragment = dontFragment;
    header.id = ipv4.identifiers.take(flow.source, flow.destination, protocol, 1, ipv4.nowMs());
    const bytes = skb.tail - at;
    scrub(device.stack.pool, skb, device.namespace !== underlay);
    stack.tunnelDepth++;
    const result = ipv4.output(skb, dst, flow, header);
    stack.tunnelDepth--;
    if (result !== 0) {
      statistics.txErrors++;
      return;
    }
    statistics.txPackets++;
    statistics.txBytes += bytes;
  }

  #refuse(skb: PacketBuffer): void {
    this.device.statistics.txErrors++;
    this.device.stack.drop(skb, DropReason.IP_OUTNOROUTES);
  }

  /** The way inside is no wider than the way outside, whose packets are not to be cut where `whole`; false: the packet must not be cut, and its sender was told. Linux: tnl_update_pmtu() */
  #fits(skb: PacketBuffer, dst: Dst, payload: number, at: number, whole: boolean, headerBytes: number): boolean {
    const { device, underlay } = this;
    let mtu: number;
    if (whole) mtu = underlay.ipv4.pathMtu(dst) - ip.HEADER - headerBytes - linkBytes(device);
    else if (skb.dst !== null && payload === ETH_P_IP) mtu = device.namespace.ipv4.pathMtu(skb.dst);
    else mtu = device.mtu;
    if (payload === ETH_P_IPV6) return this.#fits6(skb, at, mtu);
    if (payload !== ETH_P_IP || skb.tail - at <= mtu) return true;
    const inside = device.namespace.ipv4;
    if (skb.dst !== null) {
      const flow = this.#innerFlow.reset();
      flow.destination = ip.destination(skb.view, at);
      flow.oif = device.ifindex;
      inside.updatePathMtu(flow, mtu);
    }
    if (!payloadDontFragment(skb, payload, at)) return true;
    skb.networkHeader = at;
    inside.icmp.sendError(skb, DEST_UNREACH, FRAG_NEEDED, mtu);
    return false;
  }

  /** The same for an IPv6 packet, whose way is never narrower than 1280. */
  #fits6(skb: PacketBuffer, at: number, wayMtu: number): boolean {
    // Linux: ipip6_tunnel_xmit() leaves it to the outer packet's fragments to go by narrower ways.
    const mtu = this.device.type === ARPHRD_SIT ? Math.max(wayMtu, ip6.MIN_MTU) : wayMtu;
    if (mtu < ip6.MIN_MTU || skb.tail - at <= mtu || skb.gsoType !== GSO_NONE) return true;
    const inside = this.device.namespace.ipv6;
    const { remote } = this.parameters;
    if (skb.dst !== null && remote !== 0 && !ip.isMulticast(remote)) {
      const flow = this.#innerFlow.reset();
      ip6.readAddress(skb.view, at + ip6.SOURCE, flow.source6);
      ip6.readAddress(skb.view, at + ip6.DESTINATION, flow.destination6);
      flow.oif = this.device.ifindex;
      inside.updatePathMtu(flow, mtu);
    }
    skb.networkHeader = at;
    inside.icmp.sendError(skb, icmpv6.PACKET_TOO_BIG, 0, mtu);
    return false;
  }

  /**
   * Receives what was inside, `skb.data` at the payload (for Ethernet its header was taken off), `protocol` and `device` set, `outer` the
   * outer header, `metadata` what it says where the tunnel does not. Takes ownership. Linux: ip_tunnel_rcv()
   */
  receive(skb: PacketBuffer, outerTos: number, group: boolean, metadata: TunnelMetadata | null): void {
    const { device, underlay } = this;
    const { stack, statistics } = device;
    if (!decapsulateEcn(stack, skb, outerTos)) {
      statistics.rxFrameErrors++;
      this.refuseReceived(skb);
      return;
    }
    scrub(device.stack.pool, skb, device.namespace !== underlay);
    skb.tunnel = metadata;
    skb.ipSummed = CHECKSUM_NONE;
    skb.hash = 0;
    if (device.type !== ARPHRD_ETHER) {
      skb.macHeader = skb.data;
      skb.packetType = group ? PACKET_BROADCAST : PACKET_HOST;
    }
    if (group) statistics.multicast++;
    const bytes = skb.length;
    if (!stack.enqueue(skb)) {
      statistics.rxDropped++;
      stack.drop(skb, DropReason.CPU_BACKLOG);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += bytes;
  }

  refuseReceived(skb: PacketBuffer): void {
    this.device.statistics.rxErrors++;
    this.device.stack.drop(skb, DropReason.NOT_SPECIFIED);
  }

  /** An ICMP error about an outer packet: senders inside will hear of it. Linux: ipip_err(), ipgre_err() */
  error(type: number, code: number): void {
    if (this.parameters.remote === 0) return;
    if (type === DEST_UNREACH) {
      // The path MTU is noted already, and a failed source route is the tunnel's own affair.
      if (code === SR_FAILED || code === FRAG_NEEDED) return;
    } else if (type !== TIME_EXCEEDED || code !== 0 || this.parameters.ttl === 0) return;
    const { nowUs } = this.device.stack;
    this.#errors = nowUs < this.#errorUs + ERROR_LIFETIME_US ? this.#errors + 1 : 1;
    this.#errorUs = nowUs;
  }
}

/** Bytes of the link header that the payload has. */
const linkBytes = (device: NetDevice): number => (device.type === ARPHRD_ETHER ? 14 : 0);

/** Many remotes: the next hop of the packet's route is the outer destination (NBMA). */
function nexthopOf(skb: PacketBuffer, payload: number, at: number): number {
  if (payload !== ETH_P_IP || skb.dst === null) return 0;
  const { gateway } = skb.dst as Rtable;
  return gateway !== 0 ? gateway : ip.destination(skb.view, at);
}
