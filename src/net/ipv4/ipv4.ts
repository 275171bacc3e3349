import { AF_INET } from '../../netlink/constants.js';
import { RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import * as ip from '../../wire/ipv4.js';
import type { NetDevice } from '../core/device.js';
import type { Dst } from '../core/dst.js';
import { Flow } from '../core/flow.js';
import { Hooks } from '../core/hooks.js';
import type { HeaderFields, InternetLayer, Transport } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { FORWARDED, NO_MULTICAST_LOOP } from './control-block.js';
import { Icmp } from './icmp.js';
import { Igmp } from './igmp/igmp.js';
import { IpIdentifiers } from './ip-id.js';
import { MulticastRouting } from './mroute/multicast-routing.js';
import { Multicast } from './multicast.js';
import { ipLocalOut, ipQueueTransmit } from './output.js';
import { PeerTable } from './peers.js';
import { Reassembly } from './reassembly.js';
import type { Ipv4Route, Ipv4Routing, NextHop } from './routing.js';
import { Ipv4Settings } from './settings.js';
import { IcmpStats, IpStats, UdpStats } from './snmp.js';
import { l3DomainOf } from '../core/l3mdev.js';

/** Sees every packet for this host before its transport: the raw sockets. It copies what it keeps. */
export interface RawReceiver {
  /** `skb.data` at the transport header. True: some socket has the protocol. */
  deliver(skb: PacketBuffer, protocol: number): boolean;
  /** `skb.data` at the header inside the ICMP error. */
  error(skb: PacketBuffer, protocol: number, icmpType: number, icmpCode: number, errno: number, info: number): void;
}

const MS_PER_DAY = 86_400_000;

/** IPv4 of one namespace (struct netns_ipv4): settings, counters, hooks, and the parts that packets pass. */
export class Ipv4 implements InternetLayer {
  readonly family = AF_INET;
  readonly headerBytes = ip.HEADER;
  readonly namespace: Namespace;
  readonly settings = new Ipv4Settings();
  readonly stats = new IpStats();
  readonly icmpStats = new IcmpStats();
  readonly udpStats = new UdpStats();
  readonly udpLiteStats = new UdpStats();
  /** IPReversePathFilter of "TcpExt:". */
  ipReversePathFilter = 0;
  readonly hooks = new Hooks();
  readonly identifiers: IpIdentifiers;
  readonly peers: PeerTable;
  readonly multicast: Multicast;
  readonly multicastRouting: MulticastRouting;
  /** Daemons that route multicasts (mc_forwarding of conf.all). */
  multicastRouters = 0;
  readonly reassembly: Reassembly;
  readonly icmp: Icmp;
  /** By protocol number. */
  readonly transports: (Transport | null)[] = new Array(256).fill(null);
  rawReceiver: RawReceiver | null = null;
  /** Set by the constructor. */
  readonly routes: Ipv4Routing;
  readonly #flow = new Flow();

  get looksAtOutput(): boolean {
    return this.hooks.localOut.length !== 0 || this.hooks.postRouting.length !== 0;
  }

  get minAdvertisedMss(): number {
    return this.settings.routeMinAdvMss;
  }

  constructor(namespace: Namespace, routing: (ipv4: Ipv4) => Ipv4Routing) {
    this.namespace = namespace;
    this.peers = new PeerTable(namespace.stack);
    this.identifiers = new IpIdentifiers(namespace.stack.random);
    this.multicast = new Multicast(this);
    this.registerTransport(new Igmp(this));
    this.multicastRouting = new MulticastRouting(this);
    this.reassembly = new Reassembly(this);
    this.icmp = new Icmp(this);
    this.registerTransport(this.icmp);
    this.routes = routing(this);
  }

  /** The namespace goes: nothing is kept, no timer stays. */
  destroy(): void {
    this.multicastRouting.destroy();
    this.multicast.destroy();
    this.reassembly.destroy();
  }

  reflectsMark(): boolean {
    return this.settings.fwmarkReflect;
  }

  registerTransport(transport: Transport): void {
    this.transports[transport.protocol] = transport;
  }

  nowMs(): number {
    return Math.floor(this.namespace.stack.nowUs / 1000);
  }

  /** Milliseconds since midnight UT (inet_current_timestamp()). */
  millisecondsOfDay(): number {
    return Math.floor(this.namespace.stack.clock.wallUs() / 1000) % MS_PER_DAY;
  }

  route(flow: Flow): Ipv4Route {
    return this.routes.output(flow);
  }

  routeInput(skb: PacketBuffer, destination: number, source: number, tos: number, device: NetDevice): Ipv4Route {
    return this.routes.input(skb, destination, source, tos, device);
  }

  /** What IPv4 put on a packet is a route of IPv4. */
  asRoute(dst: Dst): Ipv4Route {
    return dst as Ipv4Route;
  }

  valid(dst: Dst): boolean {
    return !dst.obsolete && this.routes.valid(dst);
  }

  pathMtu(dst: Dst): number {
    return this.routes.mtu(dst as Ipv4Route);
  }

  /** ip_dst_mtu_maybe_forward(): a router does not trust path MTUs that it was told, unless it is set to. */
  forwardMtu(dst: Ipv4Route): number {
    if (this.settings.ipForwardUsePmtu) return this.routes.mtu(dst);
    return Math.min(dst.device!.mtu, ip.MAX_LENGTH);
  }

  /** ip_skb_dst_mtu() */
  outputMtu(skb: PacketBuffer, dst: Ipv4Route): number {
    return (skb.cb0 & FORWARDED) !== 0 ? this.forwardMtu(dst) : this.routes.mtu(dst);
  }

  hopLimit(dst: Ipv4Route): number {
    const hops = this.routes.hopLimit(dst);
    return hops === 0 ? this.settings.ipDefaultTtl : hops;
  }

  updatePathMtu(flow: Flow, mtu: number): void {
    this.routes.updatePathMtu(flow, mtu);
  }

  redirect(from: number, gateway: number, destination: number, tos: number, device: NetDevice): void {
    this.routes.redirect(from, gateway, destination, tos, device);
  }

  output(skb: PacketBuffer, dst: Dst, flow: Flow, header: HeaderFields): number {
    return ipQueueTransmit(this, skb, dst as Ipv4Route, flow, header);
  }

  /** Sends a packet whose header is there but for length and checksum; `skb.dst` and `networkHeader` set (raw sockets). Takes ownership. */
  sendComplete(skb: PacketBuffer, multicastLoop = true): number {
    skb.cb0 = multicastLoop ? 0 : NO_MULTICAST_LOOP;
    skb.cb1 = 0;
    skb.cb2 = 0;
    skb.cb3 = 0;
    return ipLocalOut(this, skb);
  }

  pseudoHeaderSum(flow: Flow, protocol: number, bytes: number): number {
    return ip.pseudoHeaderSum(flow.source, flow.destination, protocol, bytes);
  }

  sendsRedirects(device: NetDevice): boolean {
    return this.routes.sendsRedirects(device);
  }

  acceptsSourceRoute(device: NetDevice): boolean {
    return this.routes.acceptsSourceRoute(device);
  }

  neighbour(dst: Ipv4Route, destination: number): NextHop | null {
    return this.routes.neighbour(dst, destination);
  }

  hasAddress(device: NetDevice, address: number): boolean {
    return this.routes.hasAddress(device, address);
  }

  addressType(address: number): number {
    return this.routes.addressType(address);
  }

  /** The address that a packet by `dst` to `destination` would leave from (ip_rt_get_source()). */
  sourceFor(dst: Dst, destination: number): number {
    const flow = this.#flow.reset();
    flow.destination = destination;
    flow.oif = dst.device === null ? 0 : dst.device.ifindex;
    this.routes.output(flow);
    return flow.source;
  }

  /** fib_compute_spec_dst(): the address of this host that the sender may take for its destination. */
  specificDestination(skb: PacketBuffer): number {
    const at = skb.networkHeader;
    const destination = ip.destination(skb.view, at);
    if (skb.dst !== null && skb.dst.type === RTN_LOCAL) return destination;
    const flow = this.#flow.reset();
    flow.destination = ip.source(skb.view, at);
    flow.oif = skb.device === null ? 0 : l3DomainOf(skb.device);
    return this.routes.output(flow).error === 0 ? flow.source : 0;
  }

  /** With icmp_errors_use_inbound_ifaddr: the address that errors about `skb` are sent from; 0: as the way back has it. */
  errorSource(skb: PacketBuffer): number {
    if (!this.settings.icmpErrorsUseInboundIfaddr || skb.device === null) return 0;
    const flow = this.#flow.reset();
    flow.destination = ip.source(skb.view, skb.networkHeader);
    flow.oif = skb.device.ifindex;
    return this.routes.output(flow).error === 0 ? flow.source : 0;
  }

  /** The version of IGMP that a device is held to; 0: none. Linux: force_igmp_version of conf.all, then of the device */
  forcedIgmpVersion(device: NetDevice): number {
    return device.ipv4?.forcedIgmpVersion() ?? 0;
  }

  /** Packets to groups beyond the link that come in by `device` are routed. Linux: IN_DEV_MFORWARD() */
  routesMulticasts(device: NetDevice, group: number): boolean {
    return this.multicastRouters !== 0 && device.ipv4 !== null && device.ipv4.config.mcForwarding !== 0 && !ip.isLocalMulticast(group);
  }

  /** A daemon that routes multicasts has come (1) or gone (-1): mc_forwarding of conf.all. */
  countMulticastRouters(by: number): void {
    this.multicastRouters += by;
    this.routes.setMulticastForwarding(this.multicastRouters);
    this.multicastRouting.forwardingEvents.notify({ device: null });
  }

  /** Whether a copy of `skb`, sent to a group, is for this host as well. */
  loopsMulticast(skb: PacketBuffer, dst: Dst): boolean {
    const group = skb.view.getUint32(skb.networkHeader + 16);
    if ((skb.cb0 & NO_MULTICAST_LOOP) !== 0) return false;
    if (this.multicast.isMember(dst.device!, group, skb.view.getUint32(skb.networkHeader + 12))) return true;
    // What this host itself sends is routed as if it had come in.
    return (skb.cb0 & FORWARDED) === 0 && this.routesMulticasts(dst.device!, group);
  }
}
