import fc from 'fast-check';
import { StaticRouting } from '../static-routing.js';
import { address, ip4, routed } from '../kit.js';
import { echo, ipv4, pattern, udp } from '../packets.js';
import { writeChecksum } from '../../../../src/wire/ipv4.js';

/** A router with every kind of socket, so that every way through input is open. */
function target() {
  const scene = routed();
  StaticRouting.of(scene.router).sourceRoutes = true;
  const sockets = [scene.router.udp.createSocket(0, true)];
  sockets[0]!.bind(address('0.0.0.0', 53));
  const raw = scene.router.sockets.families.find((f) => f.anyProtocol === true)!;
  const icmpSocket = raw.create(scene.router, 1, 0, true);
  const close = () => {
    for (const socket of sockets) socket.close();
    if (typeof icmpSocket !== 'number') icmpSocket.close();
    scene.world.advanceMs(61_000);
  };
  return { ...scene, close };
}

const to = fc.constantFrom('10.0.0.254', '10.0.1.1', '10.0.0.255', '224.0.0.1', '255.255.255.255', '127.0.0.1', '10.0.0.77');
const from = fc.constantFrom('10.0.0.1', '10.0.0.254', '0.0.0.0', '224.0.0.1', '10.0.1.1', '255.255.255.255');
const fields = fc.record({
  from,
  to,
  protocol: fc.constantFrom(1, 1, 17, 17, 6, 2, 200),
  ttl: fc.nat(255),
  tos: fc.nat(255),
  id: fc.nat(3),
  fragment: fc.oneof(fc.constant(0), fc.nat(0xffff), fc.constantFrom(0x2000, 0x2001, 1, 0x4000)),
  options: fc.oneof(
    fc.constant([]),
    fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
    fc
      .tuple(
        fc.constantFrom(7, 68, 131, 137, 148),
        fc.nat(16),
        fc.nat(12),
        fc.nat(255),
        fc.array(fc.nat(255), { minLength: 12, maxLength: 12 }),
      )
      .map(([kind, length, pointer, flags, rest]) => [kind, length, pointer, flags, ...rest]),
  ),
});

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.nat(1400).map((n) => udp('10.0.0.1', 9, '10.0.0.254', 53, pattern(n))),
  fc.tuple(fc.nat(1400), fc.nat(20)).map(([n, type]) => echo(1, 2, pattern(n), type)),
  fc
    .tuple(fields, fc.uint8Array({ maxLength: 40 }), fc.constantFrom(3, 5, 11, 12), fc.nat(15))
    .map(([inner, data, type, code]) => errorAbout(ipv4({ ...inner, fragment: 0 }, data), type, code)),
);

function errorAbout(packet: Uint8Array, type: number, code: number): Uint8Array {
  const message = echo(0, 700, packet, type);
  const view = new DataView(message.buffer);
  const sum = 0xffff - view.getUint16(2) + code;
  message[1] = code;
  view.setUint16(2, 0xffff - ((sum & 0xffff) + (sum >>> 16)));
  return message;
}

test('random bytes as packets never throw and never leak a buffer', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (packets) => {
      const { world, routerLeft, close } = target();
      for (const packet of packets) world.inject(routerLeft, packet);
      close();
      expect(world.stack.pool.inUse).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test('packets with a good header and anything in it never throw and never leak a buffer', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fields, payload, fc.nat(9), fc.nat(3)), { maxLength: 30 }), (packets) => {
      const { world, routerLeft, routerRight, close } = target();
      routerRight.mtu = 600;
      for (const [header, data, damage, packetType] of packets) {
        const packet = ipv4(header, data);
        if (damage === 0 && packet.length > 24) {
          // A header length that lies, with a checksum that is right for it.
          packet[0] = 0x45 + (packet.length % 11);
          if ((packet[0]! & 15) * 4 <= packet.length) writeChecksum(new DataView(packet.buffer), 0, (packet[0]! & 15) * 4);
        }
        world.inject(routerLeft, packet, packetType);
      }
      close();
      expect(world.stack.pool.inUse).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('what is forwarded keeps its bytes, its checksum stays right', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 255 }), fc.nat(0xffff), fc.nat(255), fc.uint8Array({ maxLength: 500 }), (ttl, id, tos, data) => {
      const { world, routerLeft, rightDevice } = routed();
      const seen = world.capture(rightDevice, false);
      const sent = ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 200, ttl, id, tos }, data);
      world.inject(routerLeft, sent);
      const expected = sent.slice();
      expected[8] = ttl - 1;
      writeChecksum(new DataView(expected.buffer), 0, 20);
      expect(seen).toEqual([expected]);
      expect(ip4('10.0.1.1')).toBe(new DataView(seen[0]!.buffer).getUint32(16));
    }),
    { numRuns: 100 },
  );
});
