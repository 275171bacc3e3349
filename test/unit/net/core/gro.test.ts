import { completeChecksum } from '../../../../src/net/core/checksum-offload.js';
import { GroBatch } from '../../../../src/net/core/gro.js';
import { segment } from '../../../../src/net/core/gso.js';
import { CHECKSUM_PARTIAL, GSO_TCPV4, GSO_TCPV6, type PacketBuffer } from '../../../../src/net/core/packet-buffer.js';
import { fold, sum } from '../../../../src/wire/checksum.js';
import { addLink, deviceStack } from '../../drivers/fixture.js';

const MAC = 14;
const TCP_HEADER = 32;

interface Segment {
  readonly sequence: number;
  readonly payload: number;
  readonly id?: number;
  readonly port?: number;
  readonly flags?: number;
  readonly ipv6?: boolean;
}

/** A stack, GRO on it, and what went up. */
function batch() {
  const { stack } = deviceStack();
  const device = addLink(stack, 'dummy', 'd');
  const up: PacketBuffer[] = [];
  const gro = new GroBatch(stack, (skb) => up.push(skb));

  /** A TCP segment with a good checksum, as a NIC hands it up. */
  const packet = ({ sequence, payload, id = 0, port = 1000, flags = 0x10, ipv6 = false }: Segment): PacketBuffer => {
    const ip = ipv6 ? 40 : 20;
    const skb = stack.pool.allocate(MAC + ip + TCP_HEADER + payload)!;
    const mac = skb.put(MAC + ip + TCP_HEADER + payload);
    const { view, bytes } = skb;
    bytes.fill(0, mac, skb.tail);
    const at = mac + MAC;
    if (ipv6) {
      view.setUint8(at, 0x60);
      view.setUint16(at + 4, TCP_HEADER + payload);
      view.setUint8(at + 6, 6);
      view.setUint8(at + 7, 64);
      view.setUint32(at + 8, 0x20010db8);
      view.setUint32(at + 24, 0x20010db8);
    } else {
      view.setUint8(at, 0x45);
      view.setUint16(at + 2, ip + TCP_HEADER + payload);
      view.setUint16(at + 4, id);
      view.setUint16(at + 6, 0x4000);
      view.setUint8(at + 8, 64);
      view.setUint8(at + 9, 6);
      view.setUint32(at + 12, 0x0a000001);
      view.setUint32(at + 16, 0x0a000002);
      view.setUint16(at + 10, ~fold(sum(view, at, 20, 0)) & 0xffff);
    }
    const tcp = at + ip;
    view.setUint16(tcp, port);
    view.setUint16(tcp + 2, 80);
    view.setUint32(tcp + 4, sequence);
    view.setUint8(tcp + 12, (TCP_HEADER / 4) << 4);
    view.setUint8(tcp + 13, flags);
    view.setUint16(tcp + 14, 500);
    for (let i = 0; i < payload; i++) bytes[tcp + TCP_HEADER + i] = (sequence + i) & 0xff;
    const pseudo = sum(view, at + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, 6 + TCP_HEADER + payload);
    view.setUint16(tcp + 16, ~fold(sum(view, tcp, TCP_HEADER + payload, pseudo)) & 0xffff);
    skb.device = device;
    skb.macHeader = mac;
    skb.data = at;
    skb.protocol = ipv6 ? 0x86dd : 0x0800;
    return skb;
  };
  return { stack, gro, up, packet };
}

const bytesOf = (skb: PacketBuffer) => Buffer.from(skb.bytes.subarray(skb.data, skb.tail)).toString('hex');

describe('generic receive offload', () => {
  test.each([
    ['IPv4', false, GSO_TCPV4],
    ['IPv6', true, GSO_TCPV6],
  ])('segments of %s become one packet that cuts back into the same bytes', (_name, ipv6, type) => {
    const { gro, up, packet } = batch();
    const segments = [0, 1, 2, 3].map((n) => packet({ sequence: n * 1000, payload: n === 3 ? 400 : 1000, id: 7 + n, ipv6 }));
    const before = segments.map(bytesOf);
    for (const skb of segments) gro.receive(skb);
    expect(up).toHaveLength(1);
    const [joined] = up;
    expect([joined!.gsoType, joined!.gsoSize, joined!.gsoSegments, joined!.ipSummed]).toEqual([type, 1000, 4, CHECKSUM_PARTIAL]);
    const after: string[] = [];
    for (let piece = segment(joined!); piece !== null; piece = piece.next) {
      expect(completeChecksum(piece)).toBe(true);
      after.push(bytesOf(piece));
    }
    expect(after).toEqual(before);
  });

  test('waits for the end of the batch, and no longer', () => {
    const { gro, up, packet } = batch();
    gro.receive(packet({ sequence: 0, payload: 1000, id: 1 }));
    gro.receive(packet({ sequence: 1000, payload: 1000, id: 2 }));
    expect(up).toHaveLength(0);
    gro.flush();
    expect(up.map((skb) => skb.gsoSegments)).toEqual([2]);
  });

  test('a segment that is pushed ends its packet', () => {
    const { gro, up, packet } = batch();
    gro.receive(packet({ sequence: 0, payload: 1000, id: 1 }));
    gro.receive(packet({ sequence: 1000, payload: 1000, id: 2, flags: 0x18 }));
    expect(up.map((skb) => skb.view.getUint8(skb.transportHeader + 13))).toEqual([0x18]);
  });

  test.each([
    ['a gap', { sequence: 2500, payload: 1000, id: 2 }],
    ['an identification out of turn', { sequence: 1000, payload: 1000, id: 9 }],
    ['a longer segment', { sequence: 1000, payload: 1200, id: 2 }],
  ])('%s begins another packet', (_name, second) => {
    const { gro, up, packet } = batch();
    gro.receive(packet({ sequence: 0, payload: 1000, id: 1 }));
    gro.receive(packet(second));
    gro.flush();
    expect(up.map((skb) => [skb.gsoSegments, skb.view.getUint32(skb.transportHeader + 4)])).toEqual([
      [0, 0],
      [0, second.sequence],
    ]);
  });

  test('a RST goes up behind what was held of its flow', () => {
    const { gro, up, packet } = batch();
    gro.receive(packet({ sequence: 0, payload: 1000, id: 1 }));
    gro.receive(packet({ sequence: 1000, payload: 0, id: 2, flags: 0x14 }));
    expect(up.map((skb) => skb.view.getUint8(skb.transportHeader + 13))).toEqual([0x10, 0x14]);
  });

  test('a wrong checksum is left for TCP to find', () => {
    const { gro, up, packet } = batch();
    gro.receive(packet({ sequence: 0, payload: 1000, id: 1 }));
    const bad = packet({ sequence: 1000, payload: 1000, id: 2 });
    bad.bytes[bad.tail - 1]! ^= 1;
    gro.receive(bad);
    gro.flush();
    expect(up.map((skb) => skb.gsoSegments)).toEqual([0, 0]);
  });

  test('flows are joined beside each other, and no packet is lost or made', () => {
    const { stack, gro, up, packet } = batch();
    const inUse = stack.pool.inUse;
    for (let n = 0; n < 40; n++)
      for (let port = 1; port <= 12; port++) gro.receive(packet({ sequence: n * 1000, payload: 1000, id: n, port }));
    gro.flush();
    const payload = up.reduce((total, skb) => total + skb.tail - skb.transportHeader - TCP_HEADER, 0);
    expect(payload).toBe(40 * 12 * 1000);
    for (const skb of up) stack.consume(skb);
    expect(stack.pool.inUse).toBe(inUse);
  });
});
