import { SeededRandom } from '../../../../src/base/random.js';
import { routed } from './world.js';

test('made-up packets end nothing and leave no packet behind', () => {
  const { world, left, leftDevice, routerLeft } = routed();
  const random = new SeededRandom(7);
  const base = new Uint8Array(160);
  base.set([0x60, 0, 0, 0, 0, 120, 58, 255]);
  base.set(leftDevice.namespace.ipv6.addresses.linkLocal(leftDevice, 0) === null ? [] : [0xfe, 0x80], 8);
  base[23] = 9;
  base.set([0x20, 1, 0x0d, 0xb8], 24);
  base[39] = 1;
  const nexts = [0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 255];
  for (let round = 0; round < 4000; round++) {
    const packet = base.slice(0, 40 + (random.u32() % 121));
    packet[6] = nexts[random.u32() % nexts.length]!;
    for (let i = 40; i < packet.length; i++) packet[i] = random.u32() & 255;
    const length = random.u32() % 4 === 0 ? random.u32() & 0xffff : packet.length - 40;
    packet[4] = length >> 8;
    packet[5] = length & 255;
    if (random.u32() % 3 === 0) packet.set([0xff, 0x02], 24);
    // Headers that chain, so that the walk goes deep.
    if (random.u32() % 2 === 0 && packet.length > 60) {
      packet[40] = nexts[random.u32() % nexts.length]!;
      packet[41] = random.u32() % 2;
    }
    for (let flips = random.u32() % 3; flips > 0; flips--) packet[random.u32() % 40] = random.u32() & 255;
    world.inject(round % 2 === 0 ? leftDevice : routerLeft, packet, round % 5 === 0 ? 2 : 0);
    if (round % 100 === 0) world.advanceMs(50);
  }
  world.advanceMs(200_000);
  expect(world.stack.pool.inUse).toBe(0);
  expect(world.ping(left, '2001:db8:1::1')).toBe(0);
});
