import { VirtualClock } from '../../../src/base/clock.js';
import { SeededRandom } from '../../../src/base/random.js';
import { loopbackModule } from '../../../src/drivers/loopback.js';
import { VethDevice } from '../../../src/drivers/veth.js';
import { arpModule } from '../../../src/net/arp/module.js';
import type { NetDevice } from '../../../src/net/core/device.js';
import { registerDevice } from '../../../src/net/core/device-registry.js';
import { openDevice } from '../../../src/net/core/device-state.js';
import type { DropReason } from '../../../src/net/core/drop-reason.js';
import type { Namespace } from '../../../src/net/core/namespace.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { netifReceive } from '../../../src/net/core/receive.js';
import { Stack } from '../../../src/net/core/stack.js';
import { EthernetDevice } from '../../../src/net/ethernet/ethernet-device.js';
import type { AddressRequest } from '../../../src/net/ipv4/address.js';
import type { FibRoute } from '../../../src/net/ipv4/fib/fib.js';
import { type RouteRequest, routeRequest } from '../../../src/net/ipv4/fib/request.js';
import { ipv4Module } from '../../../src/net/ipv4/module.js';
import { nexthopModule } from '../../../src/net/nexthop/module.js';
import { Ipv4Routes, ipv4Routes } from '../../../src/net/ipv4/routes.js';
import { formatIpv4, parseIpv4 } from '../../../src/wire/ipv4-address.js';
import { IFF_NOARP, INFINITY_LIFE_TIME, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../../../src/netlink/rtnl/constants.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../src/netlink/constants.js';

export const ip4 = (text: string): number => parseIpv4(text)!;

const TYPES = ['unspec', '', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw'];
const SCOPES: Readonly<Record<number, string>> = { 0: '', 253: 'scope link', 254: 'scope host' };

/** A device that swallows what it is given, for routes to lead to (as Linux's dummy). */
export class SinkDevice extends EthernetDevice {
  readonly sent: Uint8Array[] = [];

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.noQueue = true;
    this.setRandomAddress();
  }

  transmit(skb: PacketBuffer): void {
    this.sent.push(skb.bytes.slice(skb.data, skb.tail));
    this.stack.consume(skb);
  }
}

/** A stack under virtual time with the true routes, addresses and neighbours of IPv4, and no commands. */
export class RoutedWorld {
  readonly clock = new VirtualClock();
  readonly stack: Stack;
  readonly drops: DropReason[] = [];

  constructor(seed = 1) {
    this.stack = new Stack(
      {
        clock: this.clock,
        random: new SeededRandom(seed),
        modules: [nexthopModule, ipv4Module((ipv4) => new Ipv4Routes(ipv4)), arpModule, loopbackModule],
        linkKinds: [],
        debugPool: true,
      },
      netifReceive,
    );
    this.stack.onDrop = (_skb, reason) => this.drops.push(reason);
    openDevice(this.stack.initial.loopback);
  }

  namespace(): Namespace {
    const namespace = this.stack.createNamespace();
    openDevice(namespace.loopback);
    return namespace;
  }

  sink(namespace: Namespace, name: string, options: { readonly arp?: boolean } = {}): SinkDevice {
    const device = new SinkDevice(this.stack, name);
    if (options.arp !== true) device.flags |= IFF_NOARP;
    registerDevice(namespace, device);
    return device;
  }

  cable(a: Namespace, b: Namespace, names: readonly [string, string] = ['veth%d', 'veth%d']): [VethDevice, VethDevice] {
    const left = new VethDevice(this.stack, names[0]);
    const right = new VethDevice(this.stack, names[1]);
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

  /** "10.0.0.1/24", as `ip addr add` fills in the rest. */
  addAddress(device: NetDevice, text: string, more: Partial<AddressRequest> = {}, options = {}): void {
    const [host, bits] = text.split('/');
    const local = ip4(host!);
    const request: AddressRequest = {
      device,
      local,
      address: local,
      prefixLength: Number(bits ?? 32),
      broadcast: 0,
      scope: 0,
      label: device.name,
      flags: 0,
      priority: 0,
      protocol: 0,
      validLifetime: INFINITY_LIFE_TIME,
      preferredLifetime: INFINITY_LIFE_TIME,
      ...more,
    };
    ipv4Routes(device.namespace).addresses.add(request, options);
  }

  deleteAddress(device: NetDevice, text: string): void {
    const [host, bits] = text.split('/');
    const local = ip4(host!);
    ipv4Routes(device.namespace).addresses.delete(device, { local, address: local, prefixLength: Number(bits) });
  }

  /** "10.5.0.0/16" or "default", by "10.0.0.2", "dev", or both. */
  request(namespace: Namespace, prefix: string, way: { via?: string; dev?: NetDevice }, more: Partial<RouteRequest> = {}): RouteRequest {
    const [net, bits] = prefix === 'default' ? ['0.0.0.0', '0'] : prefix.split('/');
    const gateway = way.via === undefined ? 0 : ip4(way.via);
    expect(way.dev === undefined || way.dev.namespace === namespace).toBe(true);
    return routeRequest({
      destination: ip4(net!),
      prefixLength: Number(bits ?? 32),
      protocol: 3,
      scope: gateway === 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
      nexthops: [{ oif: way.dev?.ifindex ?? 0, gateway, weight: 1, flags: 0 }],
      ...more,
    });
  }

  addRoute(
    namespace: Namespace,
    prefix: string,
    way: { via?: string; dev?: NetDevice },
    more: Partial<RouteRequest> = {},
    flags?: number,
  ): void {
    ipv4Routes(namespace).fib.insert(this.request(namespace, prefix, way, more), flags ?? NLM_F_CREATE | NLM_F_EXCL);
  }

  /** A table as `ip route` shows it. */
  table(namespace: Namespace, id = 254): string[] {
    return ipv4Routes(namespace)
      .fib.routes(id)
      .map((route) => this.show(namespace, route));
  }

  show(namespace: Namespace, { destination, prefixLength, tos, type, info }: FibRoute): string {
    const nexthop = info.nexthops[0];
    const words = [
      TYPES[type] ?? '',
      prefixLength === 0 ? 'default' : prefixLength === 32 ? formatIpv4(destination) : `${formatIpv4(destination)}/${prefixLength}`,
      tos === 0 ? '' : `tos 0x${tos.toString(16)}`,
      nexthop === undefined || nexthop.gateway === 0 ? '' : `via ${formatIpv4(nexthop.gateway)}`,
      nexthop === undefined ? '' : `dev ${namespace.deviceByIndex(nexthop.oif)?.name}`,
      info.protocol === 2 ? 'proto kernel' : '',
      SCOPES[info.scope] ?? `scope ${info.scope}`,
      info.preferredSource === 0 ? '' : `src ${formatIpv4(info.preferredSource)}`,
      info.priority === 0 ? '' : `metric ${info.priority}`,
      info.nexthops.some((way) => (way.flags & 16) !== 0) ? 'linkdown' : '',
    ];
    return words.filter((word) => word !== '').join(' ');
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

  /** A UDP-like packet of this host's making, with an IPv4 header and no checksum. */
  packet(source: number, destination: number): PacketBuffer {
    const skb = this.stack.pool.allocate(64)!;
    const at = skb.put(28);
    skb.networkHeader = at;
    skb.transportHeader = at + 20;
    skb.protocol = 0x0800;
    skb.bytes.fill(0, at, at + 28);
    skb.view.setUint16(at, 0x4500);
    skb.view.setUint16(at + 2, 28);
    skb.view.setUint16(at + 8, 0x40fd);
    skb.view.setUint32(at + 12, source);
    skb.view.setUint32(at + 16, destination);
    return skb;
  }
}
