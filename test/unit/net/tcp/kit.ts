import { VirtualClock } from '../../../../src/base/clock.js';
import { SeededRandom } from '../../../../src/base/random.js';
import { Timer } from '../../../../src/base/timer-wheel.js';
import { pseudoHeaderSum } from '../../../../src/wire/ipv4.js';
import * as wire from '../../../../src/wire/tcp.js';
import { fold, sum } from '../../../../src/wire/checksum.js';
import { NetDevice, NETIF_F_HW_CSUM, NETIF_F_TSO } from '../../../../src/net/core/device.js';
import { Dst } from '../../../../src/net/core/dst.js';
import type { Flow } from '../../../../src/net/core/flow.js';
import type { HeaderFields, InternetLayer, Transport } from '../../../../src/net/core/internet.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import type { Neighbour } from '../../../../src/net/core/neighbour.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  type PacketBuffer,
  GSO_NONE,
} from '../../../../src/net/core/packet-buffer.js';
import { netifReceive } from '../../../../src/net/core/receive.js';
import { SocketAddress } from '../../../../src/net/core/socket.js';
import { Stack } from '../../../../src/net/core/stack.js';
import { Ipv4 } from '../../../../src/net/ipv4/ipv4.js';
import type { Ipv4Route, Ipv4Routing } from '../../../../src/net/ipv4/routing.js';
import { createTcp } from '../../../../src/net/tcp/module.js';
import type { Tcp } from '../../../../src/net/tcp/tcp.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';

// Two TCPs and between them a wire that can be told what to do, under virtual time: no device, no ARP, no IPv4 header but its
// addresses. The fastest way to see TCP do something, kept for that.

export const A = 0x0a000001;
export const B = 0x0a000002;

class WireDevice extends NetDevice {
  transmit(): void {
    throw new Error('the fake layer sends by itself');
  }
  createHeader(): void {
    throw new Error('the fake layer has no link');
  }
  parseHeader(): void {
    throw new Error('the fake layer has no link');
  }
}

class WireRoute extends Dst implements Ipv4Route {
  gateway = 0;
  readonly gateway6 = null;
  readonly oif = 0;
  readonly directed = false;
}

/** No routing at all: what Ipv4, of which only the settings are used, asks for. */
const noRouting = (own: number): Ipv4Routing => ({
  output: () => new WireRoute(),
  input: () => new WireRoute(),
  valid: () => true,
  neighbour: (): Neighbour | null => null,
  addressType: (address) => (address === own ? 2 : 1),
  addressTypeIn: (_device, address) => (address === own ? 2 : 1),
  deviceWith: () => null,
  hasAddress: (_device, address) => address === own,
  mtu: () => 1500,
  hopLimit: () => 0,
  sendsRedirects: () => false,
  acceptsSourceRoute: () => false,
  setMulticastForwarding: () => undefined,
  updatePathMtu: () => undefined,
  redirect: () => undefined,
});

/** A segment as it passed the wire, for expectations. */
export interface Seen {
  readonly atUs: number;
  readonly from: 'a' | 'b';
  readonly seq: number;
  readonly ack: number;
  readonly flags: string;
  readonly bytes: number;
  readonly window: number;
  readonly mss: number;
  readonly dropped: boolean;
  readonly tsval: number;
  /** DSCP and ECN. */
  readonly tos: number;
  /** SACK blocks: start and end of each, as they stand in the option. */
  readonly sack: readonly number[];
}

/** What the link does to a packet; all of it drawn from the seed. */
export interface Faults {
  loss?: number;
  duplicate?: number;
  corrupt?: number;
  reorder?: number;
  /** Additional delay of a reordered packet, up to this. */
  jitterUs?: number;
}

export class FakeLayer implements InternetLayer {
  readonly family = 2;
  readonly headerBytes = 20;
  readonly minAdvertisedMss = 256;
  readonly namespace: Namespace;
  readonly own: number;
  readonly device: WireDevice;
  readonly dst = new WireRoute();
  transport!: Transport;
  peer!: FakeLayer;
  readonly link: Link;
  readonly name: 'a' | 'b';
  mtu = 1500;
  error = 0;

  constructor(link: Link, namespace: Namespace, own: number, name: 'a' | 'b') {
    this.link = link;
    this.namespace = namespace;
    this.own = own;
    this.name = name;
    this.device = new WireDevice(namespace.stack, `wire-${name}`);
    this.device.namespace = namespace;
    this.dst.device = this.device;
    this.dst.type = 1;
  }

  readonly looksAtOutput = false;

  reflectsMark(): boolean {
    return false;
  }

  registerTransport(transport: Transport): void {
    this.transport = transport;
  }

  route(flow: Flow): Dst {
    if (flow.source === 0) flow.source = this.own;
    if (this.error === 0) return this.dst;
    const failed = new Dst();
    failed.error = this.error;
    return failed;
  }

  valid(dst: Dst): boolean {
    return dst.error === 0 && this.error === 0;
  }

  pathMtu(): number {
    return this.mtu;
  }

  updatePathMtu(_flow: Flow, mtu: number): void {
    this.mtu = Math.min(this.mtu, mtu);
  }

  output(skb: PacketBuffer, _dst: Dst, flow: Flow, header: HeaderFields): number {
    const at = skb.push(20);
    skb.networkHeader = at;
    skb.view.setUint8(at, 0x45);
    skb.view.setUint8(at + 1, header.tos);
    skb.view.setUint8(at + 8, header.ttl > 0 ? header.ttl : 64);
    skb.view.setUint32(at + 12, flow.source);
    skb.view.setUint32(at + 16, flow.destination);
    if (flow.destination === this.own) this.link.carry(this, this, skb);
    else this.link.carry(this, this.peer, skb);
    return 0;
  }

  pseudoHeaderSum(flow: Flow, protocol: number, bytes: number): number {
    return pseudoHeaderSum(flow.source, flow.destination, protocol, bytes);
  }
}

/** The wire: a delay each way, faults by seed, a rule for single packets, and a record of all that passed. */
export class Link {
  readonly stack: Stack;
  readonly #random: SeededRandom;
  delayUs = 10_000;
  faults: Faults = {};
  /** Decides about one packet: true drops it. */
  drop: ((seen: Seen) => boolean) | null = null;
  /** Decides about one ECN-capable packet: true marks it. */
  mark: ((seen: Seen) => boolean) | null = null;
  readonly seen: Seen[] = [];
  record = true;
  /** Packets on their way. */
  flying = 0;

  constructor(stack: Stack, seed: number) {
    this.stack = stack;
    this.#random = new SeededRandom(seed);
  }

  #chance(p: number | undefined): boolean {
    return p !== undefined && p > 0 && this.#random.u32() / 0x1_0000_0000 < p;
  }

  carry(from: FakeLayer, to: FakeLayer, skb: PacketBuffer): void {
    const pool = this.stack.pool;
    const seen = describe(this.stack.nowUs, from.name, skb);
    const lost = (this.drop?.(seen) ?? false) || this.#chance(this.faults.loss);
    if (this.record) this.seen.push({ ...seen, dropped: lost });
    if ((seen.tos & 3) !== 0 && this.mark?.(seen) === true) skb.view.setUint8(skb.networkHeader + 1, seen.tos | 3);
    skb.socket = null;
    skb.dst = null;
    if (lost) {
      pool.release(skb);
      return;
    }
    if (this.#chance(this.faults.duplicate)) {
      const copy = pool.copy(skb);
      if (copy !== null) this.#deliver(to, copy, this.#delay());
    }
    if (this.#chance(this.faults.corrupt)) this.#corrupt(skb);
    this.#deliver(to, skb, this.#delay());
  }

  #delay(): number {
    if (!this.#chance(this.faults.reorder)) return this.delayUs;
    return this.delayUs + (this.#random.u32() % (this.faults.jitterUs ?? this.delayUs));
  }

  /** Bits change on the wire, so the checksum was complete by then. */
  #corrupt(skb: PacketBuffer): void {
    const transport = skb.data + 20;
    if (skb.ipSummed === CHECKSUM_PARTIAL) {
      const value = ~fold(sum(skb.view, transport, skb.tail - transport, 0)) & 0xffff;
      skb.view.setUint16(transport + 16, value);
      skb.ipSummed = CHECKSUM_NONE;
    }
    const at = transport + (this.#random.u32() % (skb.tail - transport));
    skb.bytes[at]! ^= 1 << (this.#random.u32() & 7);
  }

  #deliver(to: FakeLayer, skb: PacketBuffer, delayUs: number): void {
    this.flying++;
    const arrive = new Timer(() => {
      this.flying--;
      skb.device = to.device;
      skb.iif = 1;
      skb.packetType = 0;
      skb.networkHeader = skb.data;
      skb.pull(20);
      to.transport.receive(skb);
    });
    this.stack.timers.schedule(arrive, this.stack.nowUs + delayUs);
  }
}

function sackOf(v: DataView, at: number, header: number): number[] {
  for (let option = at + 20; option < at + header; ) {
    const kind = v.getUint8(option);
    if (kind === 0) break;
    if (kind === 1) {
      option++;
      continue;
    }
    const length = v.getUint8(option + 1);
    if (kind === 5) return Array.from({ length: (length - 2) / 4 }, (_, i) => v.getUint32(option + 2 + 4 * i));
    option += length;
  }
  return [];
}

function describe(atUs: number, from: 'a' | 'b', skb: PacketBuffer): Seen {
  const v = skb.view;
  const at = skb.networkHeader + 20;
  const bits = wire.flags(v, at);
  let flags = '';
  if (bits & wire.SYN) flags += 'S';
  if (bits & wire.FIN) flags += 'F';
  if (bits & wire.RST) flags += 'R';
  if (bits & wire.PSH) flags += 'P';
  if (bits & wire.URG) flags += 'U';
  if (bits & wire.ECE) flags += 'E';
  if (bits & wire.CWR) flags += 'W';
  if (bits & wire.ACK) flags += '.';
  const header = wire.headerBytes(v, at);
  return {
    atUs,
    from,
    seq: wire.sequence(v, at) >>> 0,
    ack: wire.acknowledgment(v, at) >>> 0,
    flags,
    bytes: skb.tail - at - header,
    window: wire.window(v, at),
    mss: skb.gsoType === GSO_NONE ? 0 : skb.gsoSize,
    dropped: false,
    tsval: header >= 32 && v.getUint16(at + 22) === 0x080a ? v.getUint32(at + 24) : 0,
    tos: v.getUint8(skb.networkHeader + 1),
    sack: sackOf(v, at, header),
  };
}

export interface KitOptions {
  readonly seed?: number;
  readonly delayMs?: number;
  /** Super-packets and checksums left to the device. */
  readonly offload?: boolean;
  readonly debugPool?: boolean;
}

/** Two hosts `a` and `b` and the link between them. */
export class Kit {
  readonly clock = new VirtualClock();
  readonly stack: Stack;
  readonly link: Link;
  readonly a: Tcp;
  readonly b: Tcp;
  readonly layerA: FakeLayer;
  readonly layerB: FakeLayer;

  constructor(options: KitOptions = {}) {
    this.stack = new Stack(
      { clock: this.clock, random: new SeededRandom(options.seed ?? 1), modules: [], linkKinds: [], debugPool: options.debugPool ?? true },
      netifReceive,
    );
    this.link = new Link(this.stack, (options.seed ?? 1) + 77);
    this.link.delayUs = (options.delayMs ?? 10) * 1000;
    const other = this.stack.createNamespace();
    this.stack.initial.ipv4 = new Ipv4(this.stack.initial, () => noRouting(A));
    other.ipv4 = new Ipv4(other, () => noRouting(B));
    this.layerA = new FakeLayer(this.link, this.stack.initial, A, 'a');
    this.layerB = new FakeLayer(this.link, other, B, 'b');
    this.layerA.peer = this.layerB;
    this.layerB.peer = this.layerA;
    if (options.offload === true) {
      this.layerA.device.features = NETIF_F_HW_CSUM | NETIF_F_TSO;
      this.layerB.device.features = NETIF_F_HW_CSUM | NETIF_F_TSO;
    }
    this.a = createTcp(this.stack.initial, [this.layerA]);
    this.b = createTcp(other, [this.layerB]);
    // Time zero is "never" to nobody, but seconds that are not zero make timestamps look like those of a machine that runs.
    this.clock.moveTo(1_000_000_000);
    this.stack.refreshClock();
    this.settle();
  }

  socket(tcp: Tcp): TcpSocket {
    return new TcpSocket(tcp, 2, 0, true);
  }

  listener(tcp: Tcp, port: number, backlog = 128): TcpSocket {
    const sk = this.socket(tcp);
    expectZero(sk.bind(address(0, port)));
    expectZero(sk.listen(backlog));
    return sk;
  }

  /** Does all that is due now. */
  settle(): void {
    while (this.stack.poll());
  }

  /** Moves time by `ms`, running what becomes due in between at its time. */
  advance(ms: number): void {
    const end = this.clock.monotonicUs() + ms * 1000;
    this.settle();
    while (true) {
      const next = this.stack.nextDeadlineUs();
      if (next > end) break;
      this.clock.moveTo(next);
      this.settle();
    }
    this.clock.moveTo(end);
    this.settle();
  }

  /** Lets time pass until `condition` holds; false if it does not within `limitMs`. */
  until(condition: () => boolean, limitMs = 3_600_000): boolean {
    const end = this.clock.monotonicUs() + limitMs * 1000;
    this.settle();
    while (!condition()) {
      const next = this.stack.nextDeadlineUs();
      if (next > end) return false;
      this.clock.moveTo(next);
      this.settle();
    }
    return true;
  }

  get nowMs(): number {
    return this.clock.monotonicUs() / 1000;
  }

  /** An established connection from a to b: its two ends and the listener. */
  connected(port = 80): { client: TcpSocket; server: TcpSocket; listener: TcpSocket } {
    const listener = this.listener(this.b, port);
    const client = this.socket(this.a);
    const result = client.connect(address(B, port));
    if (result !== -115) throw new Error(`connect: ${result}`);
    this.until(() => listener.poll() !== 0, 60_000);
    this.settle();
    const server = listener.accept();
    if (!(server instanceof TcpSocket)) throw new Error(`accept: ${String(server)}`);
    return { client, server, listener };
  }

  /** Ends both namespaces; what is still out of the pool then has leaked. */
  end(): number {
    this.a.destroy();
    this.b.destroy();
    this.link.drop = () => true;
    for (let i = 0; i < 1000 && this.link.flying > 0; i++) this.advance(1000);
    this.a.destroy();
    this.b.destroy();
    return this.stack.pool.inUse;
  }
}

export function address(ip: number, port: number): SocketAddress {
  const result = new SocketAddress();
  result.family = 2;
  result.words[2] = 0xffff;
  result.words[3] = ip;
  result.port = port;
  return result;
}

export function expectZero(result: number): void {
  if (result !== 0) throw new Error(`errno ${-result}`);
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** `count` bytes in which each position is recognisable. */
export function pattern(count: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = ((from + i) * 2_654_435_761) >>> 24;
  return bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function send(sk: TcpSocket, bytes: Uint8Array, flags = 0): number {
  return sk.send(bytes, 0, bytes.length, flags, null);
}

/** All that can be read now, as text. */
export function readText(sk: TcpSocket): string {
  const into = new Uint8Array(65_536);
  let result = '';
  for (let n = sk.receive(into, 0, into.length, 0, null); n > 0; n = sk.receive(into, 0, into.length, 0, null))
    result += new TextDecoder().decode(into.subarray(0, n));
  return result;
}

/** Sends `bytes` from one end, reads them at the other while they come; what was read. */
export function transfer(kit: Kit, from: TcpSocket, to: TcpSocket, bytes: Uint8Array, limitMs = 3_600_000): Uint8Array {
  const got = new Uint8Array(bytes.length);
  let sent = 0;
  let received = 0;
  const buffer = new Uint8Array(65_536);
  const pump = () => {
    while (sent < bytes.length) {
      const n = from.send(bytes, sent, bytes.length - sent, 0, null);
      if (n <= 0) break;
      sent += n;
    }
  };
  const drain = () => {
    while (true) {
      const n = to.receive(buffer, 0, buffer.length, 0, null);
      if (n <= 0) break;
      got.set(buffer.subarray(0, n), received);
      received += n;
    }
  };
  from.onReady = pump;
  to.onReady = drain;
  pump();
  kit.until(() => received === bytes.length, limitMs);
  from.onReady = null;
  to.onReady = null;
  return got.subarray(0, received);
}

/** A segment as somebody else would make it. */
export interface Forged {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack?: number;
  /** As `Seen.flags`: "S", "R.", "P.", ... */
  readonly flags: string;
  readonly data?: Uint8Array;
  readonly window?: number;
  readonly timestamps?: readonly [number, number];
  readonly mss?: number;
  /** SACK blocks: start and end of each. */
  readonly sack?: readonly number[];
  readonly urgent?: number;
}

const FLAGS: Record<string, number> = {
  E: wire.ECE,
  W: wire.CWR,
  S: wire.SYN,
  F: wire.FIN,
  R: wire.RST,
  P: wire.PSH,
  U: wire.URG,
  '.': wire.ACK,
};

/** Hands `to` a segment that seems to come from its peer, at once. */
export function inject(kit: Kit, to: FakeLayer, segment: Forged): void {
  const blocks = segment.sack === undefined ? 0 : 4 + 4 * segment.sack.length;
  const options = (segment.timestamps !== undefined ? 12 : segment.mss !== undefined ? 4 : 0) + blocks;
  const data = segment.data ?? new Uint8Array(0);
  const skb = kit.stack.pool.allocate(40 + options + data.length)!;
  const at = skb.put(40 + options + data.length);
  const v = skb.view;
  v.setUint8(at, 0x45);
  v.setUint8(at + 8, 64);
  v.setUint32(at + 12, to.peer.own);
  v.setUint32(at + 16, to.own);
  let bits = 0;
  for (const flag of segment.flags) bits |= FLAGS[flag]!;
  const words = (20 + options) >> 2;
  const { sourcePort, destinationPort, seq, ack, window, urgent } = segment;
  wire.write(v, at + 20, sourcePort, destinationPort, seq | 0, (ack ?? 0) | 0, words, bits, window ?? 64_000, urgent ?? 0);
  if (segment.timestamps !== undefined) {
    v.setUint32(at + 40, 0x0101_080a);
    v.setInt32(at + 44, segment.timestamps[0] | 0);
    v.setInt32(at + 48, segment.timestamps[1] | 0);
  } else if (segment.mss !== undefined) {
    v.setUint32(at + 40, 0x0204_0000 | segment.mss);
  }
  if (segment.sack !== undefined) {
    const start = at + 40 + options - blocks;
    v.setUint32(start, 0x0101_0500 | (blocks - 2));
    segment.sack.forEach((edge, i) => {
      v.setInt32(start + 4 + 4 * i, edge | 0);
    });
  }
  skb.bytes.set(data, at + 40 + options);
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  skb.networkHeader = at;
  skb.device = to.device;
  skb.iif = 1;
  skb.pull(20);
  kit.stack.refreshClock();
  to.transport.receive(skb);
  kit.settle();
}

/** Tells `to` by ICMP that its packet with sequence number `seq` did not get through. */
export function injectIcmp(
  kit: Kit,
  to: FakeLayer,
  ports: readonly [number, number],
  seq: number,
  type: number,
  code: number,
  errno: number,
  info = 0,
): void {
  const skb = kit.stack.pool.allocate(28)!;
  const at = skb.put(28);
  const v = skb.view;
  v.setUint8(at, 0x45);
  v.setUint32(at + 12, to.own);
  v.setUint32(at + 16, to.peer.own);
  v.setUint16(at + 20, ports[0]);
  v.setUint16(at + 22, ports[1]);
  v.setInt32(at + 24, seq | 0);
  kit.stack.refreshClock();
  to.transport.error(skb, type, code, errno, info);
  kit.stack.pool.release(skb);
  kit.settle();
}

/** The packets that passed the wire since `from` (an index of `seen`), short: "a 0:100 P.". */
export function shown(kit: Kit, from: number, base: { a: number; b: number }): string[] {
  return kit.link.seen.slice(from).map((s) => {
    const start = (s.seq - base[s.from]) >>> 0;
    return `${s.from} ${start}:${start + s.bytes} ${s.flags}${s.dropped ? ' lost' : ''}`;
  });
}
