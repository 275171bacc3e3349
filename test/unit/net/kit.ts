import { VirtualClock } from '../../../src/base/clock.js';
import { SeededRandom } from '../../../src/base/random.js';
import { loopbackModule } from '../../../src/drivers/loopback.js';
import { VethDevice } from '../../../src/drivers/veth.js';
import type { NetDevice } from '../../../src/net/core/device.js';
import { registerDevice } from '../../../src/net/core/device-registry.js';
import { openDevice } from '../../../src/net/core/device-state.js';
import { DropReason } from '../../../src/net/core/drop-reason.js';
import { setIpv4Address } from '../../../src/net/core/inet-socket.js';
import type { Namespace } from '../../../src/net/core/namespace.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { netifReceive } from '../../../src/net/core/receive.js';
import { SocketAddress } from '../../../src/net/core/socket.js';
import { Stack } from '../../../src/net/core/stack.js';
import { ipv4Module } from '../../../src/net/ipv4/module.js';
import { rawModule } from '../../../src/net/raw/module.js';
import { udpModule } from '../../../src/net/udp/module.js';
import { StaticRouting } from './static-routing.js';

export const ip4 = (text: string): number => text.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);

export function address(text: string, port = 0): SocketAddress {
  const result = new SocketAddress();
  setIpv4Address(result, ip4(text), port);
  return result;
}

/** A stack under virtual time, with a pool that notices misuse; `settle()` runs it until nothing is left to be done now. */
export class World {
  readonly clock = new VirtualClock();
  readonly stack: Stack;
  readonly drops: DropReason[] = [];

  constructor(seed = 1) {
    this.stack = new Stack(
      {
        clock: this.clock,
        random: new SeededRandom(seed),
        modules: [ipv4Module((ipv4) => new StaticRouting(ipv4)), udpModule, rawModule, loopbackModule],
        linkKinds: [],
        debugPool: true,
      },
      netifReceive,
    );
    this.stack.onDrop = (_skb, reason) => this.drops.push(reason);
    this.#startLoopback(this.stack.initial);
    this.advanceMs(100_000);
  }

  namespace(): Namespace {
    const namespace = this.stack.createNamespace();
    this.#startLoopback(namespace);
    return namespace;
  }

  #startLoopback(namespace: Namespace): void {
    openDevice(namespace.loopback);
    StaticRouting.of(namespace).addAddress(namespace.loopback, ip4('127.0.0.1'), 8);
  }

  /** A cable with an address at each end: "10.0.0.1/24". */
  cable(a: Namespace, addressA: string, b: Namespace, addressB: string): [NetDevice, NetDevice] {
    const left = new VethDevice(this.stack, 'veth%d');
    const right = new VethDevice(this.stack, 'veth%d');
    left.setRandomAddress();
    right.setRandomAddress();
    left.carrier = false;
    right.carrier = false;
    registerDevice(a, left);
    registerDevice(b, right);
    left.connect(right);
    openDevice(left);
    openDevice(right);
    this.addAddress(left, addressA);
    this.addAddress(right, addressB);
    return [left, right];
  }

  addAddress(device: NetDevice, text: string): void {
    const [host, bits] = text.split('/');
    StaticRouting.of(device.namespace).addAddress(device, ip4(host!), Number(bits));
  }

  /** "default", or a prefix, by a gateway. */
  route(namespace: Namespace, prefix: string, gateway: string, device: NetDevice): void {
    const [net, bits] = prefix === 'default' ? ['0.0.0.0', '0'] : prefix.split('/');
    const routing = StaticRouting.of(namespace);
    const source = [...sourcesOf(device)][0] ?? 0;
    routing.addRoute(ip4(net!), Number(bits), device, ip4(gateway), source);
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

  /** An IPv4 packet comes in by `device`, to its own MAC address unless told. */
  inject(device: NetDevice, packet: Uint8Array, packetType = 0): void {
    const skb = this.stack.pool.allocate(packet.length)!;
    skb.bytes.set(packet, skb.put(packet.length));
    skb.device = device;
    skb.protocol = 0x0800;
    skb.packetType = packetType;
    if (!this.stack.enqueue(skb)) this.stack.drop(skb, DropReason.CPU_BACKLOG);
    this.settle();
  }

  /** Copies of the IPv4 packets that pass `device`, from their headers on. */
  capture(device: NetDevice, outgoing: boolean): Uint8Array[] {
    const packets: Uint8Array[] = [];
    device.taps.push((skb: PacketBuffer, _device, out) => {
      if (out !== outgoing) return;
      packets.push(skb.bytes.slice(out ? skb.data + 14 : skb.data, skb.tail));
    });
    return packets;
  }
}

function* sourcesOf(device: NetDevice): Generator<number> {
  for (let last = 1; last < 255; last++)
    for (const net of ['10.0.0.', '10.0.1.', '10.0.2.'])
      if (device.namespace.ipv4.hasAddress(device, ip4(net + last))) yield ip4(net + last);
}

/** Left and right with a router between: 10.0.0.1 - 10.0.0.254|10.0.1.254 - 10.0.1.1. */
export function routed(world = new World()) {
  const left = world.namespace();
  const router = world.namespace();
  const right = world.namespace();
  const [leftDevice, routerLeft] = world.cable(left, '10.0.0.1/24', router, '10.0.0.254/24');
  const [routerRight, rightDevice] = world.cable(router, '10.0.1.254/24', right, '10.0.1.1/24');
  world.route(left, 'default', '10.0.0.254', leftDevice);
  world.route(right, 'default', '10.0.1.254', rightDevice);
  StaticRouting.of(router).forwarding = true;
  return { world, left, router, right, leftDevice, routerLeft, routerRight, rightDevice };
}
