import fc from 'fast-check';
import { routed, World } from '../kit.js';
import { ipv4, pattern, udp } from '../packets.js';

const MF = 0x2000;

/** A datagram of `data`, cut at multiples of eight. */
function cut(data: Uint8Array, sizes: readonly number[], id = 9): Uint8Array[] {
  const whole = udp('10.0.0.1', 1000, '10.0.0.254', 53, data);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < whole.length; i++) {
    const size = sizes.length === 0 ? 64 : sizes[i % sizes.length]! * 8;
    const end = Math.min(whole.length, at + size);
    pieces.push(fragmentOf(whole, at, end, id));
    at = end;
  }
  return pieces;
}

const fragmentOf = (whole: Uint8Array, from: number, to: number, id: number): Uint8Array =>
  ipv4(
    { from: '10.0.0.1', to: '10.0.0.254', protocol: 17, id, fragment: (from / 8) | (to < whole.length ? MF : 0) },
    whole.slice(from, to),
  );

function receiver() {
  const scene = routed();
  const socket = scene.router.udp.createSocket(0, true);
  socket.bind({ ...socket.local, family: 2, words: new Uint32Array([0, 0, 0xffff, 0]), port: 53, scopeId: 0 });
  const into = new Uint8Array(65_536);
  const received = (): Uint8Array | number => {
    const count = socket.receive(into, 0, into.length, 0, null);
    return count < 0 ? count : into.slice(0, count);
  };
  return { ...scene, socket, received, stats: scene.router.ipv4.stats, reassembly: scene.router.ipv4.reassembly };
}

test('fragments in any order, some of them twice, become the datagram', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4000 }),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.nat()),
      (length, sizes, random) => {
        const { world, routerLeft, received, socket, reassembly } = receiver();
        const data = pattern(length);
        // All but the last may come twice: a whole datagram forgets what it was made of.
        const pieces = cut(data, sizes);
        const order = pieces.map((piece) => ({ piece, key: random.next().value! % 1000 })).sort((a, b) => a.key - b.key);
        order.forEach(({ piece }, i) => {
          world.inject(routerLeft, piece);
          if (i < order.length - 1 && i % 3 === 0) world.inject(routerLeft, piece);
        });
        expect(received()).toEqual(data);
        expect(reassembly.queues).toBe(0);
        expect(reassembly.memory).toBe(0);
        socket.close();
        expect(world.stack.pool.inUse).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test('fragments that overlap end their datagram', () => {
  const { world, routerLeft, received, stats, socket } = receiver();
  const whole = udp('10.0.0.1', 1000, '10.0.0.254', 53, pattern(400));
  world.inject(routerLeft, fragmentOf(whole, 0, 160, 5));
  world.inject(routerLeft, fragmentOf(whole, 80, 240, 5));
  expect([stats.reasmOverlaps, stats.reasmFails]).toEqual([1, 1]);
  world.inject(routerLeft, fragmentOf(whole, 160, whole.length, 5));
  expect(received()).toBe(-11);
  world.advanceMs(31_000);
  socket.close();
  expect(world.stack.pool.inUse).toBe(0);
});

test('what is not complete after 30 seconds goes, and its sender is told if the first fragment was there', () => {
  const { world, routerLeft, leftDevice, stats } = receiver();
  const answers = world.capture(leftDevice, false);
  const pieces = cut(pattern(1000), [20]);
  world.inject(routerLeft, pieces[0]!);
  world.advanceMs(29_900);
  expect(stats.reasmTimeout).toBe(0);
  world.advanceMs(200);
  expect([stats.reasmTimeout, stats.reasmFails]).toEqual([1, 1]);
  expect(answers).toHaveLength(1);
  expect([answers[0]![20], answers[0]![21]]).toEqual([11, 1]);
  expect(answers[0]!.slice(28)).toEqual(pieces[0]);
  expect(world.stack.pool.inUse).toBe(0);

  world.inject(routerLeft, cut(pattern(1000), [20], 10)[1]!);
  world.advanceMs(31_000);
  expect(answers).toHaveLength(1);
  expect(world.stack.pool.inUse).toBe(0);
});

test('memory never passes ipfrag_high_thresh, however many datagrams are begun', () => {
  const { world, routerLeft, router, stats, reassembly } = receiver();
  router.ipv4.settings.ipfragHighThresh = 100_000;
  for (let id = 0; id < 500; id++) {
    world.inject(routerLeft, cut(pattern(3000), [100], id)[id % 3]!);
    expect(reassembly.memory).toBeLessThanOrEqual(100_000);
  }
  expect(stats.reasmFails).toBeGreaterThan(400);
  world.advanceMs(31_000);
  expect(reassembly.memory).toBe(0);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a fragment that reaches beyond 64 KB is refused', () => {
  const { world, routerLeft, stats } = receiver();
  const packet = (offset: number, more: number, length: number) =>
    ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 17, id: 3, fragment: offset | more }, pattern(length));
  world.inject(routerLeft, packet(8191, 0, 1000));
  for (let at = 0; at < 8191; at += 1000) world.inject(routerLeft, packet(at, MF, Math.min(1000, 8191 - at) * 8));
  expect(stats.reasmOKs).toBe(0);
  expect(stats.reasmFails).toBe(1);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a namespace that goes takes its fragments and timers along', () => {
  const { world, routerLeft, router } = receiver();
  world.inject(routerLeft, cut(pattern(3000), [100])[0]!);
  world.stack.destroyNamespace(router);
  expect(world.stack.pool.inUse).toBe(0);
});

test('an ECN mark of a fragment is kept, and marks that cannot be together end the datagram', () => {
  const world = new World();
  expect(world.stack.pool.inUse).toBe(0);
  const { routerLeft, received, stats, world: w } = receiver();
  const whole = udp('10.0.0.1', 1000, '10.0.0.254', 53, pattern(100));
  const piece = (from: number, to: number, tos: number, id: number) =>
    ipv4(
      { from: '10.0.0.1', to: '10.0.0.254', protocol: 17, id, tos, fragment: (from / 8) | (to < whole.length ? MF : 0) },
      whole.slice(from, to),
    );
  w.inject(routerLeft, piece(0, 56, 2, 1));
  w.inject(routerLeft, piece(56, whole.length, 3, 1));
  expect(received()).toEqual(pattern(100));
  w.inject(routerLeft, piece(0, 56, 0, 2));
  w.inject(routerLeft, piece(56, whole.length, 3, 2));
  expect(received()).toBe(-11);
  expect(stats.reasmFails).toBe(1);
});
