import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { vxlanEthtool } from '../ethtool/tunnels.js';
import { ELOOP, EINVAL, ENETUNREACH, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { hash4 } from '../../base/hash.js';
import { Timer } from '../../base/timer-wheel.js';
import { NETIF_F_HW_CSUM } from '../../net/core/device.js';
import { unregisterDevice } from '../../net/core/device-registry.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { Dst } from '../../net/core/dst.js';
import { ecnEncapsulate } from '../../net/core/ecn.js';
import { Flow } from '../../net/core/flow.js';
import { scrub } from '../../net/core/forward.js';
import { coverHeadroom } from '../../net/core/headroom.js';
import { HeaderFields, type InternetLayer } from '../../net/core/internet.js';
import type { Namespace } from '../../net/core/namespace.js';
import { completeChecksum } from '../../net/core/checksum-offload.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, PACKET_HOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { decapsulateEcn, payloadDontFragment, payloadTos, payloadTtl } from '../../net/core/tunnel-payload.js';
import { transmitMetadata, TUNNEL_CSUM, TUNNEL_DONT_FRAGMENT, type TunnelMetadata } from '../../net/core/tunnel-metadata.js';
import type { Stack } from '../../net/core/stack.js';
import type { NexthopObject } from '../../net/nexthop/object.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { ARPHRD_NONE, IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT, NTF_ROUTER } from '../../netlink/rtnl/constants.js';
import { VXLAN_DF_INHERIT, VXLAN_DF_SET } from '../../netlink/rtnl/link/vxlan.js';
import { fold } from '../../wire/checksum.js';
import * as ethernet from '../../wire/ethernet.js';
import * as ip6 from '../../wire/ipv6.js';
import * as udp from '../../wire/udp.js';
import * as vxlan from '../../wire/vxlan.js';
import { diesWith } from '../underlay-lifetime.js';
import { VxlanDatabase } from './database.js';
import { type Endpoint, isGroup, isNowhere, nowhere, type Remote } from './remote.js';
import { overIpv6, type VxlanSettings } from './settings.js';
import { isSolicitation, proxyArp, proxyDiscovery, shortcut } from './neighbours.js';
import { pickMember } from './nexthop.js';
import { underlayOf, type VxlanSocket } from './underlay.js';
import { VniFilter, type VniNode } from './vni-filter.js';

/** IP, UDP, VXLAN and the Ethernet header inside: RFC 7348 5. */
export const overheadOf = (settings: VxlanSettings): number =>
  (overIpv6(settings) ? ip6.HEADER : 20) + udp.HEADER + vxlan.HEADER + ethernet.HEADER;
/** Room for a link header, and that of a tunnel below. */
const HEADROOM_NEEDED = ip6.HEADER + udp.HEADER + vxlan.HEADER + ethernet.HEADER + 46;
/** How often it looks for what was not used for long. Linux: FDB_AGE_INTERVAL */
const AGE_INTERVAL_US = 10_000_000;
const MAX_DEPTH = 8;
const MAX_VNI = vxlan.VNI_LIMIT - 1;

/** An Ethernet network over UDP, RFC 7348. Frames go out by the namespace that it was made in, wherever it is moved to. */
export class VxlanDevice extends EthernetDevice {
  override ethtool: EthtoolOps = vxlanEthtool;
  readonly settings: VxlanSettings;
  readonly underlay: Namespace;
  readonly database: VxlanDatabase;
  /** The VNIs that it takes; null: it does not filter. */
  readonly vnis: VniFilter | null;
  #sockets: VxlanSocket[] = [];
  /** Where the frame in hand goes by its own word. */
  readonly #told: Remote = { ...nowhere(), port: 0, vni: 0, ifindex: 0 };
  readonly #flow = new Flow();
  /** Of the packet inside. */
  readonly #payloadFlow = new Flow();
  readonly #header = new HeaderFields();
  readonly #timer: Timer;
  #stopWatching: (() => void) | null = null;
  #stopOutliving: (() => void) | null = null;

  constructor(stack: Stack, name: string, underlay: Namespace, settings: VxlanSettings) {
    super(stack, name);
    this.underlay = underlay;
    this.settings = settings;
    this.minMtu = 68;
    this.maxMtu = 65_535;
    this.noQueue = true;
    // Linux: setup_udp_tunnel_sock() clears IP_MULTICAST_LOOP.
    this.#header.multicastLoop = false;
    if (settings.remcsumTx) this.features |= NETIF_F_HW_CSUM;
    this.liveAddressChange = true;
    this.database = new VxlanDatabase(this);
    if (settings.gpe) this.#withoutLinkHeader();
    this.vnis = settings.vniFilter ? new VniFilter(this) : null;
    this.forwarding = this.database;
    this.#timer = new Timer(() => this.#age());
  }

  override get linkNamespace(): Namespace {
    return this.underlay;
  }

  /** Packets go and come as they are. Linux: vxlan_raw_setup() */
  #withoutLinkHeader(): void {
    this.type = ARPHRD_NONE;
    this.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
    this.hardHeaderBytes = 0;
    this.address = new Uint8Array(0);
    this.broadcast = new Uint8Array(0);
  }

  /** Bytes of the link header of what it carries. */
  get #linkHeader(): number {
    return this.settings.gpe ? 0 : ethernet.HEADER;
  }

  override setAddress(address: Uint8Array): void {
    if (this.settings.gpe) fail(EOPNOTSUPP);
    super.setAddress(address);
  }

  override createHeader(skb: PacketBuffer, protocol: number, destination: Uint8Array | null, source: Uint8Array | null): void {
    if (!this.settings.gpe) super.createHeader(skb, protocol, destination, source);
  }

  override parseHeader(skb: PacketBuffer): void {
    if (this.settings.gpe) skb.macHeader = skb.data;
    else super.parseHeader(skb);
  }

  /** It is registered: others must not take its VNI, and it goes with the device below. */
  join(): void {
    underlayOf(this.underlay).devices.add(this);
    this.#stopWatching = this.underlay.deviceEvents.subscribe((event) => {
      if (event.type === 'unregister' && event.device !== this && event.device.ifindex === this.settings.ifindex && this.registered)
        unregisterDevice(this);
    });
    this.#stopOutliving = diesWith(this, this.underlay);
  }

  override leaving(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#stopOutliving?.();
    this.#stopOutliving = null;
    underlayOf(this.underlay).devices.delete(this);
  }

  override unregistered(): void {
    this.database.flush(true);
  }

  // Linux: vxlan_open()
  override open(): void {
    if (!this.settings.gpe) super.open();
    this.#sockets = underlayOf(this.underlay).open(this);
    this.#memberships(true);
    this.stack.timers.schedule(this.#timer, this.stack.nowUs + AGE_INTERVAL_US);
  }

  // Linux: vxlan_stop()
  override stop(): void {
    this.#memberships(false);
    this.stack.timers.cancel(this.#timer);
    this.database.flush(false);
    for (const socket of this.#sockets) underlayOf(this.underlay).release(socket, this);
    this.#sockets = [];
  }

  // Linux: vxlan_change_mtu()
  override setMtu(mtu: number): void {
    const lower = this.settings.ifindex === 0 ? undefined : this.underlay.deviceByIndex(this.settings.ifindex);
    if (lower !== undefined && mtu > lower.mtu - overheadOf(this.settings)) fail(EINVAL);
    super.setMtu(mtu);
  }

  /** The groups of a multicast network are joined on the device below. Linux: vxlan_multicast_join() */
  #memberships(join: boolean): void {
    if (isGroup(this.settings.remote)) this.changeMembership(this.settings.remote, join);
    this.vnis?.changeMemberships(join);
  }

  changeMembership(group: Endpoint, join: boolean): void {
    const lower = this.underlay.deviceByIndex(this.settings.ifindex);
    if (lower === undefined) return;
    const { ipv4, ipv6 } = this.underlay;
    if (group.address6 === null) {
      if (join) ipv4.multicast.join(lower, group.address);
      else ipv4.multicast.leave(lower, group.address);
    } else if (join) ipv6.multicast.join(lower, group.address6);
    else ipv6.multicast.leave(lower, group.address6);
  }

  /** Frames with `vni` come here from now on, or no longer. */
  attachVni(vni: number): void {
    for (const socket of this.#sockets) socket.attachVni(vni, this);
  }

  detachVni(vni: number): void {
    for (const socket of this.#sockets) socket.detachVni(vni);
  }

  /** Leaves the old group for the new one, while it is up. */
  changeRemote(remote: Endpoint, ifindex: number): void {
    if (this.up && isGroup(this.settings.remote)) this.changeMembership(this.settings.remote, false);
    this.settings.remote = remote;
    this.settings.ifindex = ifindex;
    if (this.up && isGroup(remote)) this.changeMembership(remote, true);
  }

  #age(): void {
    this.database.age();
    this.stack.timers.schedule(this.#timer, this.stack.nowUs + AGE_INTERVAL_US);
  }

  // Linux: vxlan_xmit()
  transmit(skb: PacketBuffer): void {
    const { view, data: at } = skb;
    skb.macHeader = at;
    if (this.settings.gpe) {
      this.#sendAsTold(skb, transmitMetadata(skb));
      return;
    }
    const protocol = view.getUint16(at + 12);
    if (this.settings.proxy && protocol === ethernet.ETH_P_ARP) {
      proxyArp(this, skb);
      return;
    }
    if (this.settings.proxy && protocol === ethernet.ETH_P_IPV6 && isSolicitation(skb)) {
      proxyDiscovery(this, skb);
      return;
    }
    let { vni } = this.settings;
    if (this.settings.external) {
      const metadata = transmitMetadata(skb);
      if (metadata === null || !metadata.bridge) {
        this.#sendAsTold(skb, metadata);
        return;
      }
      vni = metadata.id & MAX_VNI;
    }
    const key = this.settings.external ? vni : 0;
    let entry = this.database.find(view.getUint16(at), view.getUint32(at + 2), key);
    const routed = this.settings.rsc && (protocol === ethernet.ETH_P_IP || protocol === ethernet.ETH_P_IPV6);
    if (entry !== null && routed && (entry.flags & NTF_ROUTER) !== 0 && shortcut(this, skb, protocol))
      entry = this.database.find(skb.view.getUint16(skb.data), skb.view.getUint32(skb.data + 2), key);
    if (entry !== null) entry.usedUs = this.stack.nowUs;
    else entry = this.database.find(0, 0, key);
    if (entry !== null && entry.nexthop !== null) {
      this.#sendToGroup(skb, entry.nexthop, vni);
      return;
    }
    if (entry === null || entry.remotes.length === 0) {
      if (this.settings.l2miss && (skb.bytes[skb.data]! & 1) === 0) this.database.onMiss?.(skb.bytes.slice(skb.data, skb.data + 6), null);
      this.statistics.txDropped++;
      const node = this.#nodeOf(vni);
      if (node !== null) node.txDrops++;
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const { remotes } = entry;
    for (let i = 1; i < remotes.length; i++) this.#sendTo(this.stack.pool.clone(skb), remotes[i]!, vni, null);
    this.#sendTo(skb, remotes[0]!, vni, null);
  }

  /** To the member of a nexthop group that the flow goes by. Linux: vxlan_xmit_nh() */
  #sendToGroup(skb: PacketBuffer, group: NexthopObject, vni: number): void {
    const member = pickMember(group, this.#flowHash(skb, skb.data + ethernet.HEADER, skb.view.getUint16(skb.data + 12)) >>> 1);
    if (member === null || (member.gateway6 !== null) !== overIpv6(this.settings)) {
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const to = this.#told;
    to.address = member.gateway;
    to.address6 = member.gateway6;
    to.port = this.settings.port;
    to.vni = 0;
    this.#sendTo(skb, to, vni, null);
  }

  /** What its metadata says is all that counts. Null: nobody has said where it goes. */
  #sendAsTold(skb: PacketBuffer, metadata: TunnelMetadata | null): void {
    if (metadata === null) {
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const to = this.#told;
    to.address = metadata.destination;
    to.address6 = metadata.destination6;
    to.port = this.settings.port;
    to.vni = metadata.id & MAX_VNI;
    this.#sendTo(skb, to, to.vni, metadata);
  }

  /** Who counts for a VNI; null: nobody does. Linux: vxlan_vnifilter_count() */
  #nodeOf(vni: number): VniNode | null {
    return this.vnis?.find(vni) ?? null;
  }

  /** Linux: vxlan_xmit_one() */
  #sendTo(skb: PacketBuffer, remote: Remote, vni: number, metadata: TunnelMetadata | null): void {
    const { stack, settings, underlay, statistics } = this;
    const node = this.#nodeOf(vni);
    const frameBytes = skb.length;
    if (isNowhere(remote) || this.#sockets.length === 0 || stack.tunnelDepth >= MAX_DEPTH) {
      statistics.txDropped++;
      if (node !== null) node.txDrops++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const layer: InternetLayer = remote.address6 === null ? underlay.ipv4 : underlay.ipv6;
    const inner = skb.data + this.#linkHeader;
    const protocol = settings.gpe ? skb.protocol : skb.view.getUint16(skb.data + 12);
    const innerTos = payloadTos(skb, protocol, inner);
    let { ttl } = metadata ?? settings;
    if (settings.ttlInherit && metadata === null) ttl = payloadTtl(skb, protocol, inner);
    else if (ttl === 0 && metadata === null && isGroup(remote)) ttl = 1;
    let { tos } = metadata ?? settings;
    if (tos === 1) tos = innerTos;
    const sourcePort = this.#sourcePort(skb, inner, protocol);
    const flow = this.#flow.reset();
    flow.destination = remote.address;
    flow.source = metadata === null ? settings.local.address : metadata.source;
    if (remote.address6 !== null) {
      ip6.copyAddress(remote.address6, flow.destination6);
      ip6.copyAddress((metadata === null ? settings.local.address6 : metadata.source6) ?? ip6.ANY, flow.source6);
    }
    flow.oif = remote.ifindex !== 0 || metadata !== null ? remote.ifindex : settings.ifindex;
    flow.protocol = udp.PROTOCOL;
    flow.tos = tos & 0x1e;
    flow.mark = skb.mark;
    flow.sourcePort = sourcePort;
    flow.destinationPort = remote.port;
    const dst = layer.route(flow);
    if (dst.error !== 0 || dst.device === this) {
      if (dst.device === this || dst.error === ELOOP) statistics.collisions++;
      else if (dst.error === ENETUNREACH) statistics.txCarrierErrors++;
      statistics.txErrors++;
      if (node !== null) node.txErrors++;
      stack.drop(skb, DropReason.IP_OUTNOROUTES);
      return;
    }
    this.#tellPathMtu(skb, layer, dst, inner, protocol);
    const innerBytes = skb.tail - inner;
    if (!coverHeadroom(stack, skb, HEADROOM_NEEDED)) {
      statistics.txDropped++;
      if (node !== null) node.txDrops++;
      stack.drop(skb, DropReason.NOMEM);
      return;
    }
    const dontFragment =
      metadata === null
        ? settings.df === VXLAN_DF_SET ||
          (settings.df === VXLAN_DF_INHERIT && payloadDontFragment(skb, protocol, skb.data + this.#linkHeader))
        : (metadata.flags & TUNNEL_DONT_FRAGMENT) !== 0;
    const checksum =
      metadata !== null
        ? (metadata.flags & TUNNEL_CSUM) !== 0
        : remote.address6 === null
          ? settings.udpChecksum
          : !settings.zeroChecksum6Tx;
    const remoteSum = this.#remoteChecksum(skb);
    scrub(this.stack.pool, skb, this.namespace !== underlay);
    const header = this.#header;
    const carried = remote.vni === 0 ? vni : remote.vni;
    const headed = settings.gpe
      ? vxlan.writeGpe(skb.view, skb.push(vxlan.HEADER), carried, protocol)
      : vxlan.write(skb.view, skb.push(vxlan.HEADER), carried, settings.gbp ? policyOf(skb, metadata) & vxlan.GBP_MASK : 0, remoteSum);
    if (!headed) {
      statistics.txErrors++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    this.#encapsulate(skb, layer, remote, sourcePort, checksum);
    header.ttl = ttl;
    header.tos = ecnEncapsulate(tos, innerTos);
    header.dontFragment = dontFragment;
    header.flowLabel = metadata === null ? settings.label : 0;
    const { ipv4 } = underlay;
    header.id = remote.address6 !== null ? -1 : ipv4.identifiers.take(flow.source, flow.destination, udp.PROTOCOL, 1, ipv4.nowMs());
    stack.tunnelDepth++;
    const result = layer.output(skb, dst, flow, header);
    stack.tunnelDepth--;
    if (result === 0) {
      statistics.txPackets++;
      statistics.txBytes += innerBytes;
      if (node !== null) {
        node.txPkts++;
        node.txBytes += frameBytes;
      }
    } else {
      statistics.txErrors++;
      if (node !== null) node.txErrors++;
    }
  }

  /** What the header says of a checksum inside that is yet to be made, and is left to the receiver; -1: nothing. Linux: vxlan_build_skb() */
  #remoteChecksum(skb: PacketBuffer): number {
    if (skb.ipSummed !== CHECKSUM_PARTIAL) return -1;
    const remote = this.settings.remcsumTx ? vxlan.remoteChecksum(skb.csumStart - skb.data, skb.csumOffset) : -1;
    if (remote < 0) completeChecksum(skb);
    skb.ipSummed = CHECKSUM_NONE;
    return remote;
  }

  /** Puts UDP's header before VXLAN's, with the flow in hand. */
  #encapsulate(skb: PacketBuffer, layer: InternetLayer, remote: Remote, sourcePort: number, checksum: boolean): void {
    const at = skb.push(udp.HEADER);
    const bytes = skb.tail - at;
    udp.write(skb.view, at, sourcePort, remote.port, bytes);
    if (!checksum) return;
    skb.view.setUint16(at + udp.CHECKSUM_AT, fold(layer.pseudoHeaderSum(this.#flow, udp.PROTOCOL, bytes)));
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = at;
    skb.csumOffset = udp.CHECKSUM_AT;
  }

  /** The way of the packet inside is no wider than what is left of the way outside. Linux: skb_tunnel_check_pmtu() */
  #tellPathMtu(skb: PacketBuffer, layer: InternetLayer, dst: Dst, inner: number, protocol: number): void {
    const mtu = layer.pathMtu(dst) - overheadOf(this.settings);
    if (skb.tail - inner <= mtu || skb.dst === null) return;
    const flow = this.#payloadFlow.reset();
    flow.oif = this.ifindex;
    if (protocol === ethernet.ETH_P_IP) {
      flow.destination = skb.view.getUint32(inner + 16);
      this.namespace.ipv4.updatePathMtu(flow, mtu);
    } else if (protocol === ethernet.ETH_P_IPV6) {
      ip6.readAddress(skb.view, inner + ip6.DESTINATION, flow.destination6);
      flow.source6.fill(0);
      this.namespace.ipv6.updatePathMtu(flow, mtu);
    }
  }

  /** RFC 7348 5: from the headers inside, so that a flow keeps its way and flows spread. Linux: udp_flow_src_port() */
  #sourcePort(skb: PacketBuffer, inner: number, protocol: number): number {
    const { settings, underlay } = this;
    let low = settings.portLow;
    let high = settings.portHigh;
    if (low >= high) {
      low = underlay.ipv4.settings.localPortFirst;
      high = underlay.ipv4.settings.localPortLast;
    }
    return low + Math.floor((this.#flowHash(skb, inner, protocol) / 0x1_0000_0000) * (high - low));
  }

  /** 32 bits of the flow inside: its addresses, protocol and ports, or the frame's own where it is not IPv4. Linux: skb_get_hash() */
  #flowHash(skb: PacketBuffer, inner: number, protocol: number): number {
    const { hashSeed } = this.stack;
    const v = skb.view;
    if (protocol === ethernet.ETH_P_IP && skb.tail - inner >= 24) {
      const next = v.getUint8(inner + 9);
      const whole = (v.getUint16(inner + 6) & 0x3fff) === 0 && (next === 6 || next === 17);
      const ports = inner + ((v.getUint8(inner) & 0xf) << 2);
      return hash4(
        hashSeed,
        v.getUint32(inner + 12),
        v.getUint32(inner + 16),
        next,
        whole && ports + 4 <= skb.tail ? v.getUint32(ports) : 0,
      );
    }
    return hash4(hashSeed, v.getUint32(skb.data), v.getUint32(skb.data + 4), v.getUint32(skb.data + 8), protocol);
  }

  /** A frame for this network came from `source`, `skb.data` at its Ethernet header, `ipSummed` that of what is inside. Takes ownership. Linux: vxlan_rcv() */
  receive(skb: PacketBuffer, source: Endpoint, outerTos: number, policy: number, metadata: TunnelMetadata | null): void {
    const { stack, statistics, address } = this;
    const node = metadata === null ? null : this.#nodeOf(metadata.id);
    const at = skb.data;
    const { bytes, view } = skb;
    let echo = !this.settings.gpe;
    for (let i = 0; i < 6; i++) if (bytes[at + 6 + i] !== address[i]) echo = false;
    // What this device sent itself comes back from its group.
    if (echo) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    if (this.settings.learning) {
      const learned = this.database.snoop(bytes, at + 6, view.getUint16(at + 6), view.getUint32(at + 8), metadata?.id ?? 0, source);
      if (!learned) {
        stack.drop(skb, DropReason.NOT_SPECIFIED);
        return;
      }
    }
    scrub(this.stack.pool, skb, this.namespace !== this.underlay);
    skb.tunnel = metadata;
    // Linux: in the group policy extension the mark is what came with the packet.
    if (this.settings.gbp) skb.mark = policy;
    skb.device = this;
    skb.packetType = PACKET_HOST;
    skb.hash = 0;
    this.parseHeader(skb);
    if (!decapsulateEcn(stack, skb, outerTos)) {
      statistics.rxFrameErrors++;
      statistics.rxErrors++;
      if (node !== null) node.rxErrors++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const length = skb.length;
    if (!this.up || !stack.enqueue(skb)) {
      statistics.rxDropped++;
      if (node !== null) node.rxDrops++;
      stack.drop(skb, this.up ? DropReason.CPU_BACKLOG : DropReason.DEV_READY);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += length;
    if (node !== null) {
      node.rxPkts++;
      node.rxBytes += length;
    }
  }
}

/** The group policy that a frame is sent under: its mark, or what its metadata says. */
function policyOf(skb: PacketBuffer, metadata: TunnelMetadata | null): number {
  if (metadata === null) return skb.mark;
  const { options } = metadata;
  return options !== null && options.kind === 'vxlan' ? options.gbp : 0;
}
