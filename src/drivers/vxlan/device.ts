import { ELOOP, EINVAL, ENETUNREACH } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { hash4 } from '../../base/hash.js';
import { Timer } from '../../base/timer-wheel.js';
import { unregisterDevice } from '../../net/core/device-registry.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { Dst } from '../../net/core/dst.js';
import { ecnEncapsulate } from '../../net/core/ecn.js';
import { Flow } from '../../net/core/flow.js';
import { scrub } from '../../net/core/forward.js';
import { coverHeadroom } from '../../net/core/headroom.js';
import { HeaderFields } from '../../net/core/internet.js';
import type { Namespace } from '../../net/core/namespace.js';
import { CHECKSUM_PARTIAL, PACKET_HOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { decapsulateEcn, payloadDontFragment, payloadTos, payloadTtl } from '../../net/core/tunnel-payload.js';
import type { Stack } from '../../net/core/stack.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { VXLAN_DF_INHERIT, VXLAN_DF_SET } from '../../netlink/rtnl/link/vxlan.js';
import { fold } from '../../wire/checksum.js';
import * as ethernet from '../../wire/ethernet.js';
import { isMulticast } from '../../wire/ipv4.js';
import * as udp from '../../wire/udp.js';
import * as vxlan from '../../wire/vxlan.js';
import { VxlanDatabase } from './database.js';
import type { Remote } from './table.js';
import type { VxlanSettings } from './settings.js';
import { underlayOf, type VxlanSocket } from './underlay.js';

/** IPv4, UDP, VXLAN and the Ethernet header inside: RFC 7348 5. */
export const OVERHEAD = 20 + udp.HEADER + vxlan.HEADER + ethernet.HEADER;
/** Room for a link header, and that of a tunnel below. */
const HEADROOM_NEEDED = OVERHEAD + 46;
/** How often it looks for what was not used for long. Linux: FDB_AGE_INTERVAL */
const AGE_INTERVAL_US = 10_000_000;
const MAX_DEPTH = 8;

/** An Ethernet network over UDP, RFC 7348. Frames go out by the namespace that it was made in, wherever it is moved to. */
export class VxlanDevice extends EthernetDevice {
  readonly settings: VxlanSettings;
  readonly underlay: Namespace;
  readonly database: VxlanDatabase;
  #socket: VxlanSocket | null = null;
  readonly #flow = new Flow();
  readonly #header = new HeaderFields();
  readonly #timer: Timer;
  #stopWatching: (() => void) | null = null;

  constructor(stack: Stack, name: string, underlay: Namespace, settings: VxlanSettings) {
    super(stack, name);
    this.underlay = underlay;
    this.settings = settings;
    this.minMtu = 68;
    this.maxMtu = 65_535;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.database = new VxlanDatabase(this);
    this.forwarding = this.database;
    this.#timer = new Timer(() => this.#age());
  }

  /** It is registered: others must not take its VNI, and it goes with the device below. */
  join(): void {
    underlayOf(this.underlay).devices.add(this);
    this.#stopWatching = this.underlay.deviceEvents.subscribe((event) => {
      if (event.type === 'unregister' && event.device !== this && event.device.ifindex === this.settings.ifindex && this.registered)
        unregisterDevice(this);
    });
  }

  override leaving(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    underlayOf(this.underlay).devices.delete(this);
  }

  override unregistered(): void {
    this.database.flush(true);
  }

  // Linux: vxlan_open()
  override open(): void {
    super.open();
    this.#socket = underlayOf(this.underlay).open(this);
    this.#membership(true);
    this.stack.timers.schedule(this.#timer, this.stack.nowUs + AGE_INTERVAL_US);
  }

  // Linux: vxlan_stop()
  override stop(): void {
    this.#membership(false);
    this.stack.timers.cancel(this.#timer);
    this.database.flush(false);
    if (this.#socket !== null) underlayOf(this.underlay).release(this.#socket, this);
    this.#socket = null;
  }

  // Linux: vxlan_change_mtu()
  override setMtu(mtu: number): void {
    const lower = this.settings.ifindex === 0 ? undefined : this.underlay.deviceByIndex(this.settings.ifindex);
    if (lower !== undefined && mtu > lower.mtu - OVERHEAD) fail(EINVAL);
    super.setMtu(mtu);
  }

  /** The group of a multicast network is joined on the device below. */
  #membership(join: boolean): void {
    const { remote, ifindex } = this.settings;
    const lower = this.underlay.deviceByIndex(ifindex);
    if (!isMulticast(remote) || lower === undefined) return;
    const { multicast } = this.underlay.ipv4;
    if (join) multicast.join(lower, remote);
    else multicast.leave(lower, remote);
  }

  /** Leaves the old group for the new one, while it is up. */
  changeRemote(remote: number, ifindex: number): void {
    if (this.up) this.#membership(false);
    this.settings.remote = remote;
    this.settings.ifindex = ifindex;
    if (this.up) this.#membership(true);
  }

  #age(): void {
    this.database.age();
    this.stack.timers.schedule(this.#timer, this.stack.nowUs + AGE_INTERVAL_US);
  }

  // Linux: vxlan_xmit()
  transmit(skb: PacketBuffer): void {
    const { view, data: at } = skb;
    skb.macHeader = at;
    const high = view.getUint16(at);
    const low = view.getUint32(at + 2);
    let entry = this.database.find(high, low);
    if (entry !== null) entry.usedUs = this.stack.nowUs;
    else entry = this.database.find(0, 0);
    if (entry === null || entry.remotes.length === 0) {
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const { remotes } = entry;
    for (let i = 1; i < remotes.length; i++) this.#sendTo(this.stack.pool.clone(skb), remotes[i]!);
    this.#sendTo(skb, remotes[0]!);
  }

  /** Linux: vxlan_xmit_one() */
  #sendTo(skb: PacketBuffer, remote: Remote): void {
    const { stack, settings, underlay, statistics } = this;
    if (remote.address === 0 || this.#socket === null || stack.tunnelDepth >= MAX_DEPTH) {
      statistics.txDropped++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const ipv4 = underlay.ipv4;
    const inner = skb.data + ethernet.HEADER;
    const protocol = skb.view.getUint16(skb.data + 12);
    const innerTos = payloadTos(skb, protocol, inner);
    let ttl = settings.ttl;
    if (settings.ttlInherit) ttl = payloadTtl(skb, protocol, inner);
    else if (ttl === 0 && isMulticast(remote.address)) ttl = 1;
    const tos = settings.tos === 1 ? innerTos : settings.tos;
    const sourcePort = this.#sourcePort(skb, inner, protocol);
    const flow = this.#flow.reset();
    flow.destination = remote.address;
    flow.source = settings.local;
    flow.oif = remote.ifindex !== 0 ? remote.ifindex : settings.ifindex;
    flow.protocol = udp.PROTOCOL;
    flow.tos = tos & 0x1e;
    flow.mark = skb.mark;
    flow.sourcePort = sourcePort;
    flow.destinationPort = remote.port;
    const dst = ipv4.route(flow);
    if (dst.error !== 0 || dst.device === this) {
      if (dst.device === this || dst.error === ELOOP) statistics.collisions++;
      else if (dst.error === ENETUNREACH) statistics.txCarrierErrors++;
      statistics.txErrors++;
      stack.drop(skb, DropReason.IP_OUTNOROUTES);
      return;
    }
    this.#tellPathMtu(skb, dst, inner, protocol);
    const innerBytes = skb.tail - inner;
    if (!coverHeadroom(stack, skb, HEADROOM_NEEDED)) {
      statistics.txDropped++;
      stack.drop(skb, DropReason.NOMEM);
      return;
    }
    const dontFragment =
      settings.df === VXLAN_DF_SET || (settings.df === VXLAN_DF_INHERIT && payloadDontFragment(skb, protocol, skb.data + ethernet.HEADER));
    scrub(skb, this.namespace !== underlay);
    this.#encapsulate(skb, remote, sourcePort);
    const header = this.#header;
    header.ttl = ttl;
    header.tos = ecnEncapsulate(tos, innerTos);
    header.dontFragment = dontFragment;
    header.id = ipv4.identifiers.take(flow.source, flow.destination, udp.PROTOCOL, 1, ipv4.nowMs());
    stack.tunnelDepth++;
    const result = ipv4.output(skb, dst, flow, header);
    stack.tunnelDepth--;
    if (result === 0) {
      statistics.txPackets++;
      statistics.txBytes += innerBytes;
    } else statistics.txErrors++;
  }

  /** Puts VXLAN's and UDP's headers before the frame, with the flow in hand. */
  #encapsulate(skb: PacketBuffer, remote: Remote, sourcePort: number): void {
    vxlan.write(skb.view, skb.push(vxlan.HEADER), remote.vni);
    const at = skb.push(udp.HEADER);
    const bytes = skb.tail - at;
    udp.write(skb.view, at, sourcePort, remote.port, bytes);
    if (!this.settings.udpChecksum) return;
    skb.view.setUint16(at + udp.CHECKSUM_AT, fold(this.underlay.ipv4.pseudoHeaderSum(this.#flow, udp.PROTOCOL, bytes)));
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = at;
    skb.csumOffset = udp.CHECKSUM_AT;
  }

  /** The way of the packet inside is no wider than what is left of the way outside. Linux: skb_tunnel_check_pmtu() */
  #tellPathMtu(skb: PacketBuffer, dst: Dst, inner: number, protocol: number): void {
    const mtu = this.underlay.ipv4.pathMtu(dst) - OVERHEAD;
    if (skb.tail - inner <= mtu || protocol !== ethernet.ETH_P_IP || skb.dst === null) return;
    const flow = this.#flow;
    const { destination, source } = flow;
    flow.destination = skb.view.getUint32(inner + 16);
    flow.source = 0;
    const { oif } = flow;
    flow.oif = this.ifindex;
    this.namespace.ipv4.updatePathMtu(flow, mtu);
    flow.destination = destination;
    flow.source = source;
    flow.oif = oif;
  }

  /** RFC 7348 5: from the headers inside, so that a flow keeps its way and flows spread. Linux: udp_flow_src_port() */
  #sourcePort(skb: PacketBuffer, inner: number, protocol: number): number {
    const { settings, stack, underlay } = this;
    let low = settings.portLow;
    let high = settings.portHigh;
    if (low >= high) {
      low = underlay.ipv4.settings.localPortFirst;
      high = underlay.ipv4.settings.localPortLast;
    }
    const v = skb.view;
    let hash: number;
    if (protocol === ethernet.ETH_P_IP && skb.tail - inner >= 24) {
      const next = v.getUint8(inner + 9);
      const whole = (v.getUint16(inner + 6) & 0x3fff) === 0 && (next === 6 || next === 17);
      const ports = inner + ((v.getUint8(inner) & 0xf) << 2);
      hash = hash4(
        stack.hashSeed,
        v.getUint32(inner + 12),
        v.getUint32(inner + 16),
        next,
        whole && ports + 4 <= skb.tail ? v.getUint32(ports) : 0,
      );
    } else hash = hash4(stack.hashSeed, v.getUint32(skb.data), v.getUint32(skb.data + 4), v.getUint32(skb.data + 8), protocol);
    return low + Math.floor((hash / 0x1_0000_0000) * (high - low));
  }

  /** A frame for this network came from `source`, `skb.data` at its Ethernet header. Takes ownership. Linux: vxlan_rcv() */
  receive(skb: PacketBuffer, source: number, outerTos: number): void {
    const { stack, statistics, address } = this;
    const at = skb.data;
    const { bytes, view } = skb;
    let echo = true;
    for (let i = 0; i < 6; i++) if (bytes[at + 6 + i] !== address[i]) echo = false;
    // What this device sent itself comes back from its group.
    if (echo) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    if (this.settings.learning) {
      const learned = this.database.snoop(bytes, at + 6, view.getUint16(at + 6), view.getUint32(at + 8), source);
      if (!learned) {
        stack.drop(skb, DropReason.NOT_SPECIFIED);
        return;
      }
    }
    scrub(skb, this.namespace !== this.underlay);
    skb.device = this;
    skb.ipSummed = 0;
    skb.packetType = PACKET_HOST;
    skb.hash = 0;
    this.parseHeader(skb);
    if (!decapsulateEcn(stack, skb, outerTos)) {
      statistics.rxFrameErrors++;
      statistics.rxErrors++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const length = skb.length;
    if (!this.up || !stack.enqueue(skb)) {
      statistics.rxDropped++;
      stack.drop(skb, this.up ? DropReason.CPU_BACKLOG : DropReason.DEV_READY);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += length;
  }
}
