import { verify } from '../../../../src/wire/checksum.js';
import { StaticRouting } from '../static-routing.js';
import { ip4, routed } from '../kit.js';
import { echo, ipv4, pattern, udp } from '../packets.js';

const bytesOf = (address: string) => address.split('.').map(Number);
const through = (options: readonly number[]) =>
  ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17, options }, udp('10.0.0.1', 1, '10.0.1.1', 2, pattern(8)));

test('record route takes the addresses that the packet leaves by, and the last host its own', () => {
  const { world, routerLeft, rightDevice, right } = routed();
  const seen = world.capture(rightDevice, false);
  world.inject(routerLeft, through([7, 15, 4, ...new Array(12).fill(0), 0]));
  expect([...seen[0]!.slice(20, 36)]).toEqual([7, 15, 8, ...bytesOf('10.0.1.254'), ...new Array(8).fill(0), 0]);
  expect(verify(new DataView(seen[0]!.buffer), 0, 36, 0)).toBe(true);
  expect(right.ipv4.stats.inDelivers).toBe(1);
});

test('a timestamp option gets the time of each that passes it on', () => {
  const { world, routerLeft, rightDevice } = routed();
  const seen = world.capture(rightDevice, false);
  world.inject(routerLeft, through([68, 12, 5, 0, ...new Array(8).fill(0)]));
  const view = new DataView(seen[0]!.buffer);
  expect([seen[0]![22], view.getUint32(24)]).toEqual([9, Math.floor(world.clock.wallUs() / 1000) % 86_400_000]);
});

test('a full timestamp option counts those that found no room', () => {
  const { world, routerLeft, rightDevice } = routed();
  const seen = world.capture(rightDevice, false);
  world.inject(routerLeft, through([68, 8, 9, 0, 0, 0, 0, 0]));
  expect(seen[0]![23]).toBe(0x10);
});

test('source routes are refused by default, and followed where accept_source_route allows it', () => {
  const { world, router, routerLeft, rightDevice } = routed();
  const seen = world.capture(rightDevice, false);
  const packet = () =>
    ipv4(
      { from: '10.0.0.1', to: '10.0.0.254', protocol: 17, options: [131, 7, 4, ...bytesOf('10.0.1.1'), 0] },
      udp('10.0.0.1', 1, '10.0.1.1', 2, pattern(8)),
    );
  world.inject(routerLeft, packet());
  expect(seen).toHaveLength(0);
  StaticRouting.of(router).sourceRoutes = true;
  world.inject(routerLeft, packet());
  expect(seen).toHaveLength(1);
  const view = new DataView(seen[0]!.buffer);
  expect(view.getUint32(16)).toBe(ip4('10.0.1.1'));
  expect([...seen[0]!.slice(20, 27)]).toEqual([131, 7, 8, ...bytesOf('10.0.1.254')]);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a broken option is answered with the place of the fault', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  world.inject(routerLeft, through([7, 9, 4, 0, 0, 0, 0, 0]));
  expect([answers[0]![20], answers[0]![21], answers[0]![24]]).toEqual([12, 0, 20]);
  expect(router.ipv4.stats.inHdrErrors).toBe(1);
});

test('options that are not to be copied stay with the first fragment', () => {
  const { world, routerLeft, routerRight, rightDevice } = routed();
  routerRight.mtu = 500;
  const seen = world.capture(rightDevice, false);
  const options = [7, 7, 4, 0, 0, 0, 0, 1];
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 1, options }, echo(1, 1, pattern(800))));
  expect(seen).toHaveLength(2);
  expect(seen[0]![20]).toBe(7);
  expect([...seen[1]!.slice(20, 28)]).toEqual(new Array(8).fill(1));
  expect(world.stack.pool.inUse).toBe(0);
});
