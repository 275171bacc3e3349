import { EADDRINUSE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { l3DomainOfIndex } from '../../net/core/l3mdev.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ReceivedMetadata, TUNNEL_KEY, type TunnelMetadata } from '../../net/core/tunnel-metadata.js';
import { completeChecksum } from '../../net/core/checksum-offload.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type PacketBuffer } from '../../net/core/packet-buffer.js';
import type { EncapsulationReceiver, UdpSocket } from '../../net/udp/udp-socket.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import * as udp from '../../wire/udp.js';
import * as vxlan from '../../wire/vxlan.js';
import type { VxlanDevice } from './device.js';
import type { Endpoint } from './remote.js';
import { overIpv6, receiveFlags, type VxlanSettings } from './settings.js';

/** One UDP port on which encapsulated frames come in, and the devices behind it by VNI (struct vxlan_sock). */
export class VxlanSocket implements EncapsulationReceiver {
  readonly port: number;
  /** receiveFlags() of all its devices. */
  readonly flags: number;
  /** The VRF whose packets are for it; 0: those of none. */
  readonly domain: number;
  readonly #namespace: Namespace;
  readonly #socket: UdpSocket;
  readonly #devices = new Map<number, VxlanDevice>();
  readonly #users = new Set<VxlanDevice>();
  readonly #gbp: boolean;
  readonly #gpe: boolean;
  readonly #remcsum: boolean;
  readonly #remcsumAtOnce: boolean;
  /** Its devices take the VNIs that they were told of; else what is external takes all. */
  readonly #vniFilter: boolean;
  readonly #source: Endpoint;
  /** What its devices tell of packets one by one; null: they do not. */
  readonly #received: ReceivedMetadata | null;
  readonly #destination6: Uint32Array | null;

  /** EADDRINUSE. */
  constructor(namespace: Namespace, settings: VxlanSettings, ipv6: boolean, domain: number) {
    const { port } = settings;
    this.port = port;
    this.domain = domain;
    this.flags = receiveFlags(settings, ipv6);
    this.#namespace = namespace;
    this.#gbp = settings.gbp;
    this.#gpe = settings.gpe;
    this.#remcsum = settings.remcsumRx;
    this.#remcsumAtOnce = settings.remcsumNopartial;
    this.#vniFilter = settings.vniFilter;
    this.#source = { address: 0, address6: ipv6 ? new Uint32Array(4) : null };
    this.#received = settings.external ? new ReceivedMetadata() : null;
    this.#destination6 = ipv6 ? new Uint32Array(4) : null;
    this.#socket = namespace.udp.createSocket(0, true, ipv6 ? AF_INET6 : AF_INET);
    this.#socket.ipv6Only = ipv6;
    this.#socket.boundIfindex = domain;
    this.#socket.acceptsZeroChecksum6 = settings.zeroChecksum6Rx;
    if (this.#socket.bindForTunnel(port, this) !== 0) fail(EADDRINUSE);
  }

  attach(device: VxlanDevice): void {
    this.#users.add(device);
    if (device.vnis === null) this.attachVni(device.settings.vni, device);
    else for (const { vni } of device.vnis.nodes()) this.attachVni(vni, device);
  }

  /** True: it was the last. */
  detach(device: VxlanDevice): boolean {
    this.#users.delete(device);
    for (const [vni, other] of this.#devices) if (other === device) this.#devices.delete(vni);
    return this.#users.size === 0;
  }

  attachVni(vni: number, device: VxlanDevice): void {
    this.#devices.set(vni, device);
  }

  detachVni(vni: number): void {
    this.#devices.delete(vni);
  }

  close(): void {
    this.#socket.close();
  }

  /** Linux: vxlan_rcv() */
  receive(skb: PacketBuffer): void {
    const { stack } = this.#namespace;
    const at = skb.data + udp.HEADER;
    const { view } = skb;
    if (skb.tail - at < vxlan.HEADER + (this.#gpe ? 0 : 14)) {
      stack.drop(skb, DropReason.HDR_TRUNC);
      return;
    }
    // RFC 7348 5: reserved bits are ignored on receipt. Linux: what is set beside I and the VNI was not asked for, and is dropped.
    let word = vxlan.vniWord(view, at);
    const told = word;
    let flags = vxlan.flags(view, at);
    let policy = 0;
    if (this.#gbp && (flags & vxlan.GBP) >>> 0 !== 0) {
      policy = flags & vxlan.GBP_MASK;
      flags = (flags & ~(vxlan.GBP | vxlan.GBP_MASK)) >>> 0;
    }
    const remoteSum = this.#remcsum && (flags & vxlan.REMOTE_CHECKSUM) !== 0;
    if (remoteSum) {
      flags = (flags & ~vxlan.REMOTE_CHECKSUM) >>> 0;
      word = (word & ~0xff) >>> 0;
    }
    let protocol = 0;
    if (this.#gpe) {
      protocol = vxlan.gpeProtocol(flags);
      flags = protocol === 0 ? 0 : vxlan.withoutGpe(flags) | vxlan.FLAGS;
    }
    if (flags !== vxlan.FLAGS || (word & 0xff) !== 0) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const received = this.#received;
    const vni = word >>> 8;
    const device = this.#devices.get(received === null || this.#vniFilter ? vni : 0);
    if (device === undefined) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const outer = skb.networkHeader;
    const source = this.#source;
    let tos: number;
    if (source.address6 === null) {
      source.address = ip.source(view, outer);
      tos = ip.tos(view, outer);
    } else {
      ip6.readAddress(view, outer + ip6.SOURCE, source.address6);
      tos = ip6.trafficClass(view, outer);
    }
    skb.data = at + vxlan.HEADER;
    if (protocol !== 0) skb.protocol = protocol;
    skb.ipSummed = CHECKSUM_NONE;
    if (remoteSum && !this.#takeChecksum(skb, told)) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const metadata = received === null ? null : this.#metadataOf(received, skb, outer, vni, tos);
    device.receive(skb, source, tos, policy, metadata);
  }

  /** The checksum inside was left to this end. False: it is not there. Linux: vxlan_remcsum(), skb_remcsum_process() */
  #takeChecksum(skb: PacketBuffer, word: number): boolean {
    skb.csumStart = skb.data + vxlan.remoteStart(word);
    skb.csumOffset = vxlan.remoteOffset(word);
    if (skb.csumStart + skb.csumOffset + 2 > skb.tail) return false;
    skb.ipSummed = CHECKSUM_PARTIAL;
    return !this.#remcsumAtOnce || completeChecksum(skb);
  }

  /** Linux: udp_tun_rx_dst() */
  #metadataOf(received: ReceivedMetadata, { view }: PacketBuffer, outer: number, vni: number, tos: number): TunnelMetadata {
    const { address, address6 } = this.#source;
    const to6 = this.#destination6;
    if (to6 === null) return received.of(vni, address, ip.destination(view, outer), null, null, tos, ip.ttl(view, outer), TUNNEL_KEY);
    ip6.readAddress(view, outer + ip6.DESTINATION, to6);
    return received.of(vni, 0, 0, address6, to6, tos, ip6.hopLimit(view, outer), TUNNEL_KEY);
  }
}

/** The vxlan devices that send and receive by one namespace (struct vxlan_net). */
export class VxlanUnderlay {
  readonly devices = new Set<VxlanDevice>();
  readonly #namespace: Namespace;
  /** By port: few, as devices that receive alike share one. */
  readonly #sockets: VxlanSocket[] = [];

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** The sockets of a device: one, or where frames say where they go one of each family. EADDRINUSE. Linux: vxlan_sock_add() */
  open(device: VxlanDevice): VxlanSocket[] {
    const { settings } = device;
    if (!settings.external) return [this.#open(device, overIpv6(settings))];
    const first = this.#open(device, true);
    try {
      return [first, this.#open(device, false)];
    } catch (error) {
      this.release(first, device);
      throw error;
    }
  }

  /** The socket of a port in the VRF of the device below, opened for the first device. EADDRINUSE. Linux: __vxlan_sock_add() */
  #open(device: VxlanDevice, ipv6: boolean): VxlanSocket {
    const { settings } = device;
    const flags = receiveFlags(settings, ipv6);
    const domain = l3DomainOfIndex(this.#namespace, settings.ifindex);
    let socket = this.#sockets.find((other) => other.port === settings.port && other.flags === flags && other.domain === domain);
    if (socket === undefined) {
      socket = new VxlanSocket(this.#namespace, settings, ipv6, domain);
      this.#sockets.push(socket);
    }
    socket.attach(device);
    return socket;
  }

  release(socket: VxlanSocket, device: VxlanDevice): void {
    if (!socket.detach(device)) return;
    this.#sockets.splice(this.#sockets.indexOf(socket), 1);
    socket.close();
  }
}

/** Another device than `self` takes `vni` on the port and in the way of `settings`. Linux: vxlan_vni_in_use() */
export function isTaken(underlay: Namespace, settings: VxlanSettings, vni: number, self: VxlanDevice | null): boolean {
  for (const other of underlayOf(underlay).devices) {
    if (other === self || other.settings.port !== settings.port) continue;
    if (other.vnis === null ? other.settings.vni !== vni : other.vnis.find(vni) === undefined) continue;
    if (receiveFlags(other.settings) === receiveFlags(settings)) return true;
  }
  return false;
}

const underlays = new WeakMap<Namespace, VxlanUnderlay>();

export function underlayOf(namespace: Namespace): VxlanUnderlay {
  let underlay = underlays.get(namespace);
  if (underlay === undefined) {
    underlay = new VxlanUnderlay(namespace);
    underlays.set(namespace, underlay);
  }
  return underlay;
}
