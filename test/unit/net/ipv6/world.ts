import { VirtualClock } from '../../../../src/base/clock.js';
import { SeededRandom } from '../../../../src/base/random.js';
import { loopbackModule } from '../../../../src/drivers/loopback.js';
import { VethDevice } from '../../../../src/drivers/veth.js';
import { arpModule } from '../../../../src/net/arp/module.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { registerDevice } from '../../../../src/net/core/device-registry.js';
import { openDevice } from '../../../../src/net/core/device-state.js';
import { DropReason } from '../../../../src/net/core/drop-reason.js';
import { Flow } from '../../../../src/net/core/flow.js';
import { HeaderFields } from '../../../../src/net/core/internet.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import type { PacketBuffer } from '../../../../src/net/core/packet-buffer.js';
import { netifReceive } from '../../../../src/net/core/receive.js';
import { Stack } from '../../../../src/net/core/stack.js';
import { ipv4Module } from '../../../../src/net/ipv4/module.js';
import { nexthopModule } from '../../../../src/net/nexthop/module.js';
import { Ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { type Route6Request, route6Request } from '../../../../src/net/ipv6/fib/request.js';
import { ipv6Module } from '../../../../src/net/ipv6/module.js';
import { ndiscModule } from '../../../../src/net/ndisc/module.js';
import { rawModule } from '../../../../src/net/raw/module.js';
import { tcpModule } from '../../../../src/net/tcp/module.js';
import { udpModule } from '../../../../src/net/udp/module.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../../src/netlink/constants.js';
import { IFA_F_NODAD } from '../../../../src/netlink/rtnl/constants.js';
import { checksum } from '../../../../src/wire/checksum.js';
import { addressFromBytes, type In6, pseudoHeaderSum } from '../../../../src/wire/ipv6.js';
import { formatIpv6, parseIpv6 } from '../../../../src/wire/ipv6-address.js';

export const ip6 = (text: string): In6 => addressFromBytes(parseIpv6(text)!);

export interface SeenPacket {
  readonly source: string;
  readonly destination: string;
  readonly next: number;
  readonly hopLimit: number;
  readonly bytes: Uint8Array;
}

/** A stack under virtual time with IPv6 and all that stands on it. */
export class World6 {
  readonly clock = new VirtualClock();
  readonly stack: Stack;
  readonly drops: string[] = [];

  constructor(seed = 1) {
    const modules = [
      nexthopModule,
      ipv4Module((ipv4) => new Ipv4Routes(ipv4)),
      arpModule,
      ipv6Module,
      ndiscModule,
      rawModule,
      udpModule,
      tcpModule,
      loopbackModule,
    ];
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(seed), modules, linkKinds: [], debugPool: true }, netifReceive);
    this.stack.onDrop = (_skb, reason) => this.drops.push(DropReason[reason]!);
    openDevice(this.stack.initial.loopback);
  }

  namespace(): Namespace {
    const namespace = this.stack.createNamespace();
    openDevice(namespace.loopback);
    return namespace;
  }

  cable(a: Namespace, b: Namespace): [NetDevice, NetDevice] {
    const left = new VethDevice(this.stack, 'veth%d');
    const right = new VethDevice(this.stack, 'veth%d');
    for (const device of [left, right]) {
      device.setRandomAddress();
      device.carrier = false;
    }
    registerDevice(a, left);
    registerDevice(b, right);
    left.connect(right);
    openDevice(left);
    openDevice(right);
    this.settle();
    return [left, right];
  }

  /** "2001:db8::1/64", usable at once. */
  addAddress(device: NetDevice, text: string): void {
    const [host, bits] = text.split('/');
    device.namespace.ipv6.addresses.add(device, ip6(host!), Number(bits ?? 128), IFA_F_NODAD);
    this.settle();
  }

  addRoute(
    namespace: Namespace,
    prefix: string,
    way: { via?: string; dev?: NetDevice },
    more: Partial<Route6Request> = {},
    flags = NLM_F_CREATE | NLM_F_EXCL,
  ): void {
    const [net, bits] = prefix === 'default' ? ['::', '0'] : prefix.split('/');
    const gateway = way.via === undefined ? null : ip6(way.via);
    const nexthops = [{ oif: way.dev?.ifindex ?? 0, gateway, weight: 1, flags: 0 }];
    namespace.ipv6.fib.insert(route6Request({ destination: ip6(net!), prefixLength: Number(bits ?? 128), nexthops, ...more }), flags);
  }

  forward(namespace: Namespace): void {
    namespace.ipv6.allConfig.forwarding = 1;
    for (const device of namespace.devicesByIndex.values()) if (device.ipv6 !== null) device.ipv6.config.forwarding = 1;
  }

  settle(): void {
    while (this.stack.poll());
  }

  advanceMs(ms: number): void {
    const end = this.clock.monotonicUs() + ms * 1000;
    for (;;) {
      this.settle();
      const next = this.stack.nextDeadlineUs();
      if (next > end) break;
      this.clock.moveTo(next);
    }
    this.clock.moveTo(end);
    this.settle();
  }

  linkLocal(device: NetDevice): string {
    return formatIpv6(bytesOf(device.namespace.ipv6.addresses.linkLocal(device, 0)!.address));
  }

  /** Sends one echo request with `bytes` of data; 0 or a negative errno. */
  ping(
    namespace: Namespace,
    to: string,
    options: { dev?: NetDevice; from?: string; bytes?: number; hops?: number; id?: number } = {},
  ): number {
    const { stack } = this;
    const flow = new Flow();
    flow.protocol = 58;
    flow.destination6.set(ip6(to));
    if (options.from !== undefined) flow.source6.set(ip6(options.from));
    flow.oif = options.dev?.ifindex ?? 0;
    const dst = namespace.ipv6.route(flow);
    if (dst.error !== 0) return -dst.error;
    const bytes = 8 + (options.bytes ?? 56);
    const skb = stack.pool.allocate(bytes)!;
    const at = skb.put(bytes);
    skb.bytes.fill(0x61, at, at + bytes);
    skb.view.setUint32(at, 0x8000_0000);
    skb.view.setUint16(at + 4, options.id ?? 7);
    skb.view.setUint16(at + 6, 1);
    skb.view.setUint16(at + 2, checksum(skb.view, at, bytes, pseudoHeaderSum(flow.source6, flow.destination6, 58, bytes)));
    const header = new HeaderFields();
    header.ttl = options.hops ?? 0;
    const result = namespace.ipv6.output(skb, dst, flow, header);
    this.settle();
    return result;
  }

  /** Copies of the IPv6 packets that pass `device`. */
  capture(device: NetDevice, outgoing: boolean): SeenPacket[] {
    const packets: SeenPacket[] = [];
    device.taps.push((skb: PacketBuffer, _device, out) => {
      if (out !== outgoing || skb.protocol !== 0x86dd) return;
      const bytes = skb.bytes.slice(out ? skb.data + device.hardHeaderBytes : skb.data, skb.tail);
      packets.push({ source: formatIpv6(bytes, 8), destination: formatIpv6(bytes, 24), next: bytes[6]!, hopLimit: bytes[7]!, bytes });
    });
    return packets;
  }

  /** An IPv6 packet comes in by `device`. */
  inject(device: NetDevice, packet: Uint8Array, packetType = 0): void {
    const skb = this.stack.pool.allocate(packet.length)!;
    skb.bytes.set(packet, skb.put(packet.length));
    skb.device = device;
    skb.protocol = 0x86dd;
    skb.packetType = packetType;
    if (!this.stack.enqueue(skb)) this.stack.drop(skb, DropReason.CPU_BACKLOG);
    this.settle();
  }
}

export function bytesOf(address: In6): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = (address[i >> 2]! >>> (24 - 8 * (i & 3))) & 255;
  return bytes;
}

/** ICMPv6 types in a capture. */
export const icmpTypes = (packets: readonly SeenPacket[]): number[] =>
  packets.filter(({ next }) => next === 58).map(({ bytes }) => bytes[40]!);

/** Left and right with a router between: 2001:db8:0::1 - ::fe | 2001:db8:1::fe - 2001:db8:1::1. */
export function routed(world = new World6()) {
  const left = world.namespace();
  const router = world.namespace();
  const right = world.namespace();
  const [leftDevice, routerLeft] = world.cable(left, router);
  const [routerRight, rightDevice] = world.cable(router, right);
  world.addAddress(leftDevice, '2001:db8::1/64');
  world.addAddress(routerLeft, '2001:db8::fe/64');
  world.addAddress(routerRight, '2001:db8:1::fe/64');
  world.addAddress(rightDevice, '2001:db8:1::1/64');
  world.addRoute(left, 'default', { via: '2001:db8::fe', dev: leftDevice });
  world.addRoute(right, 'default', { via: '2001:db8:1::fe', dev: rightDevice });
  world.forward(router);
  world.advanceMs(5000);
  return { world, left, router, right, leftDevice, routerLeft, routerRight, rightDevice };
}
