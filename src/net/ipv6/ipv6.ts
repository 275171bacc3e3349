import { EAFNOSUPPORT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { AF_INET6 } from '../../netlink/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import type { Dst } from '../core/dst.js';
import type { Flow } from '../core/flow.js';
import { Hooks } from '../core/hooks.js';
import type { HeaderFields, InternetLayer, Transport } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { Ipv6Addresses } from './addresses.js';
import { settingsSource } from '../core/settings-source.js';
import { Ipv6Config } from './config.js';
import { Fib6 } from './fib/fib.js';
import { FlowLabelTable } from './flow-label-table.js';
import { Icmpv6 } from './icmpv6.js';
import { MulticastRouting6 } from './mroute/multicast-routing.js';
import { Multicast6 } from './multicast.js';
import type { NeighbourDiscovery } from './neighbour-discovery.js';
import { ip6Transmit } from './output.js';
import { Reassembly6 } from './reassembly.js';
import { Ipv6Routes } from './routes.js';
import type { Rt6 } from './rt6.js';
import { Ipv6Settings } from './settings.js';
import { Icmp6Stats, IP6_MIB_MAX, Udp6Stats } from './snmp.js';

/** Sees every packet for this host before its transport: the raw sockets. It copies what it keeps. */
export interface RawReceiver6 {
  /** `skb.data` at what follows the header named `protocol`. True: some socket has the protocol. */
  deliver(skb: PacketBuffer, protocol: number): boolean;
  /** `skb.data` at the header inside the ICMPv6 error, `payload` where the transport begins there. */
  error(skb: PacketBuffer, payload: number, protocol: number, icmpType: number, icmpCode: number, errno: number, info: number): void;
}

/** IPv6 of one namespace (struct netns_ipv6): settings, counters, hooks, and the parts that packets pass. */
export class Ipv6 implements InternetLayer {
  readonly family = AF_INET6;
  readonly headerBytes = ip6.HEADER;
  readonly namespace: Namespace;
  readonly settings = new Ipv6Settings();
  /** By Ip6Mib. */
  readonly stats = new Float64Array(IP6_MIB_MAX);
  readonly icmpStats = new Icmp6Stats();
  readonly udpStats = new Udp6Stats();
  readonly udpLiteStats = new Udp6Stats();
  readonly hooks = new Hooks();
  /** net.ipv6.conf.all and net.ipv6.conf.default. */
  readonly allConfig = new Ipv6Config();
  readonly defaultConfig = new Ipv6Config();
  readonly fib: Fib6;
  readonly routes: Ipv6Routes;
  readonly addresses: Ipv6Addresses;
  readonly multicast: Multicast6;
  readonly multicastRouting: MulticastRouting6;
  readonly reassembly: Reassembly6;
  readonly icmp: Icmpv6;
  readonly flowLabels = new FlowLabelTable(this);
  /** Of the labels that are made of flows. */
  readonly flowSeed: number;
  /** By "next header" number. */
  readonly transports: (Transport | null)[] = new Array(256).fill(null);
  rawReceiver: RawReceiver6 | null = null;
  #ndisc: NeighbourDiscovery | null = null;

  get looksAtOutput(): boolean {
    return this.hooks.localOut.length !== 0 || this.hooks.postRouting.length !== 0;
  }

  get minAdvertisedMss(): number {
    return this.settings.routeMinAdvMss;
  }

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.flowSeed = namespace.stack.random.u32();
    this.allConfig.acceptDad = 0;
    // Linux: addrconf_init_net(): as built is the rule here, unlike in IPv4.
    const source = settingsSource(namespace, 'built');
    if (source !== null) {
      this.allConfig.copyFrom(source.ipv6.allConfig);
      this.defaultConfig.copyFrom(source.ipv6.defaultConfig);
      // A secret is nobody else's.
      this.allConfig.stableSecret = null;
      this.defaultConfig.stableSecret = null;
    }
    this.fib = new Fib6(namespace);
    this.routes = new Ipv6Routes(this);
    this.addresses = new Ipv6Addresses(this);
    this.multicast = new Multicast6(this);
    this.multicastRouting = new MulticastRouting6(this);
    this.reassembly = new Reassembly6(this);
    this.icmp = new Icmpv6(this);
    this.registerTransport(this.icmp);
  }

  /** Neighbour discovery; it comes with net/ndisc, before the first device. */
  get ndisc(): NeighbourDiscovery {
    return this.#ndisc ?? fail(EAFNOSUPPORT);
  }

  set ndisc(ndisc: NeighbourDiscovery) {
    this.#ndisc = ndisc;
  }

  /** The namespace goes: nothing is kept, no timer stays. */
  destroy(): void {
    this.reassembly.destroy();
    this.addresses.destroy();
    this.multicastRouting.destroy();
    this.multicast.destroy();
    this.fib.destroy();
  }

  reflectsMark(): boolean {
    return this.settings.fwmarkReflect !== 0;
  }

  registerTransport(transport: Transport): void {
    this.transports[transport.protocol] = transport;
  }

  route(flow: Flow): Rt6 {
    return this.routes.output(flow);
  }

  asRoute(dst: Dst): Rt6 {
    return dst as Rt6;
  }

  valid(dst: Dst): boolean {
    return this.routes.valid(dst);
  }

  pathMtu(dst: Dst): number {
    return this.routes.mtu(dst as Rt6);
  }

  updatePathMtu(flow: Flow, mtu: number): void {
    this.routes.updatePathMtu(flow, mtu);
  }

  output(skb: PacketBuffer, dst: Dst, flow: Flow, header: HeaderFields): number {
    return ip6Transmit(this, skb, dst as Rt6, flow, header);
  }

  /** Identification of the next fragmented packet: nobody outside can foresee it (RFC 7739). */
  fragmentId(): number {
    return this.namespace.stack.random.u32();
  }

  pseudoHeaderSum(flow: Flow, protocol: number, bytes: number): number {
    return ip6.pseudoHeaderSum(flow.source6, flow.destination6, protocol, bytes);
  }
}
