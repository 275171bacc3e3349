import { Flow } from '../../../../src/net/core/flow.js';
import { multipathHash } from '../../../../src/net/core/multipath-hash.js';
import type { PacketBuffer } from '../../../../src/net/core/packet-buffer.js';
import { parseIpv6 } from '../../../../src/wire/ipv6-address.js';
import { ipv4 } from '../packets.js';
import { World6 } from '../ipv6/world.js';

const { stack } = new World6();

function packet(bytes: Uint8Array): PacketBuffer {
  const skb = stack.pool.allocate(bytes.length)!;
  skb.bytes.set(bytes, skb.put(bytes.length));
  skb.networkHeader = skb.data;
  return skb;
}

const ipv6 = (from: string, to: string, next: number, payload: Uint8Array, label = 0): Uint8Array => {
  const bytes = new Uint8Array(40 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (0x6000_0000 | label) >>> 0);
  view.setUint16(4, payload.length);
  bytes[6] = next;
  bytes[7] = 64;
  bytes.set(parseIpv6(from)!, 8);
  bytes.set(parseIpv6(to)!, 24);
  bytes.set(payload, 40);
  return bytes;
};
const udp = (from: number, to: number) => Uint8Array.of(from >> 8, from & 255, to >> 8, to & 255, 0, 8, 0, 0);
const fragment = (next: number, offset: number, payload: Uint8Array) =>
  Uint8Array.of(next, 0, offset >> 8, (offset & 255) | 1, 0, 0, 0, 7, ...payload);
const icmp = (type: number, quoted: Uint8Array) => Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0, ...quoted);
const gre = (type: number, inner: Uint8Array) => Uint8Array.of(0x20, 0, type >> 8, type & 255, 0, 0, 0, 9, ...inner);

const flow = new Flow();
const hash = (policy: number, fields: number, bytes: Uint8Array, six = true): number => {
  const skb = packet(bytes);
  const value = multipathHash(7, policy, fields, flow, six, skb);
  stack.consume(skb);
  return value;
};
/** How many different hashes packets have. */
const kinds = (policy: number, fields: number, packets: readonly Uint8Array[], six = true): number =>
  new Set(packets.map((bytes) => hash(policy, fields, bytes, six))).size;

const A = '2001:db8::1';
const B = '2001:db8::2';
const C = '2001:db8::3';
const ports = [1, 2, 3, 4, 5, 6, 7, 8].map((port) => ipv6(A, B, 17, udp(port, 80)));
const labels = [1, 2, 3, 4, 5, 6, 7, 8].map((label) => ipv6(A, B, 17, udp(1, 80), label));

describe('policy 0', () => {
  test('takes addresses and the flow label, not ports', () => {
    expect(kinds(0, 7, ports)).toBe(1);
    expect(kinds(0, 7, labels)).toBe(8);
    expect(kinds(0, 7, [ipv6(A, B, 17, udp(1, 2)), ipv6(A, C, 17, udp(1, 2)), ipv6(C, B, 17, udp(1, 2))])).toBe(3);
  });

  test('lets an ICMP error go the way of the packets that it is about', () => {
    const answered = ipv6(A, B, 17, udp(1, 80));
    expect(hash(0, 7, ipv6(C, B, 58, icmp(3, ipv6(B, A, 17, udp(80, 1)))))).toBe(hash(0, 7, answered));
    // An echo is no error.
    expect(hash(0, 7, ipv6(C, B, 58, icmp(128, ipv6(B, A, 17, udp(80, 1)))))).not.toBe(hash(0, 7, answered));
    const answered4 = ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, udp(1, 80));
    const error4 = ipv4({ from: '10.9.9.9', to: '10.0.0.1', protocol: 1 }, icmp(11, answered4));
    expect(hash(0, 7, error4, false)).toBe(hash(0, 7, answered4, false));
  });
});

describe('policy 1', () => {
  test('takes ports too, behind extension headers as well, and not the label', () => {
    expect(kinds(1, 7, ports)).toBe(8);
    expect(kinds(1, 7, labels)).toBe(1);
    const hopByHop = (port: number) => ipv6(A, B, 0, Uint8Array.of(17, 0, 1, 4, 0, 0, 0, 0, ...udp(port, 80)));
    expect(hash(1, 7, hopByHop(3))).toBe(hash(1, 7, ports[2]!));
  });

  test('has one hash for all fragments of a packet', () => {
    const fragments = [ipv6(A, B, 44, fragment(17, 0, udp(1, 80))), ipv6(A, B, 44, fragment(17, 1448, udp(9, 9)))];
    expect(kinds(1, 7, fragments)).toBe(1);
  });

  test('has one hash both ways', () => {
    expect(hash(1, 7, ipv6(B, A, 17, udp(80, 5)))).toBe(hash(1, 7, ports[4]!));
  });
});

describe('policy 2', () => {
  const inner = [A, B, C].map((from) => ipv6(from, '2001:db8::9', 17, udp(1, 2)));
  const inner4 = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((from) => ipv4({ from, to: '10.9.9.9', protocol: 17 }, udp(1, 2)));

  test('takes the addresses inside a tunnel: IPv4 and IPv6, in either, and in GRE', () => {
    expect(
      kinds(
        2,
        7,
        inner.map((bytes) => ipv6(A, B, 41, bytes)),
      ),
    ).toBe(3);
    expect(
      kinds(
        2,
        7,
        inner4.map((bytes) => ipv6(A, B, 4, bytes)),
      ),
    ).toBe(3);
    expect(
      kinds(
        2,
        7,
        inner.map((bytes) => ipv6(A, B, 47, gre(0x86dd, bytes))),
      ),
    ).toBe(3);
    expect(
      kinds(
        2,
        7,
        inner.map((bytes) => ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 41 }, bytes)),
        false,
      ),
    ).toBe(3);
    expect(
      kinds(
        2,
        7,
        inner4.map((bytes) => ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 47 }, gre(0x800, bytes))),
        false,
      ),
    ).toBe(3);
  });

  test('takes those outside where there is no tunnel, or what is inside is cut off', () => {
    expect(kinds(2, 7, ports)).toBe(1);
    expect(hash(2, 7, ports[0]!)).toBe(hash(0, 7, ports[0]!));
    expect(kinds(2, 7, [ipv6(A, B, 41, inner[0]!.subarray(0, 30)), ipv6(A, B, 41, inner[1]!.subarray(0, 20))])).toBe(1);
  });
});

describe('policy 3', () => {
  test.each([
    ['the source port', 0x10, 8, 1],
    ['the destination port', 0x20, 1, 1],
    ['the flow label', 0x08, 1, 8],
    ['addresses and protocol', 0x07, 1, 1],
  ])('with %s', (_field, fields, byPorts, byLabels) => {
    expect(kinds(3, fields, ports)).toBe(byPorts);
    expect(kinds(3, fields, labels)).toBe(byLabels);
  });

  test('with fields of the packet inside', () => {
    const tunnelled = ports.map((bytes) => ipv6(A, C, 41, bytes));
    const labelled = labels.map((bytes) => ipv6(A, C, 41, bytes));
    expect(kinds(3, 0x10, tunnelled)).toBe(1);
    expect(kinds(3, 0x400, tunnelled)).toBe(8);
    expect(kinds(3, 0x200, tunnelled)).toBe(1);
    expect(kinds(3, 0x200, labelled)).toBe(8);
  });
});

test('of what is made here the flow says what counts', () => {
  const local = (sourcePort: number, policy: number, fields = 7) => {
    const made = Object.assign(new Flow(), { sourcePort, destinationPort: 80, protocol: 17 });
    made.source6.set([0x2001_0db8, 0, 0, 1]);
    made.destination6.set([0x2001_0db8, 0, 0, 2]);
    return multipathHash(7, policy, fields, made, true, null);
  };
  const different = (policy: number, fields = 7) => new Set([1, 2, 3, 4, 5, 6, 7, 8].map((port) => local(port, policy, fields))).size;
  expect([different(0), different(1), different(2), different(3), different(3, 0x10), different(3, 0x20)]).toEqual([1, 8, 1, 1, 8, 1]);
  // What is sent from here goes as what is forwarded.
  expect(local(3, 1)).toBe(hash(1, 7, ports[2]!));
});
