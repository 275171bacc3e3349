import { verify } from '../../../../src/wire/checksum.js';
import { StaticRouting } from '../static-routing.js';
import { ip4, routed, World } from '../kit.js';
import { echo, ipv4, pattern, udp } from '../packets.js';

const types = (packets: readonly Uint8Array[]) => packets.map((p) => `${p[20]}/${p[21]}`);

test('errors to one host: six at once, then one a second; echo replies are not limited', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  const unknown = ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 200 }, pattern(8));
  for (let i = 0; i < 20; i++) world.inject(routerLeft, unknown);
  expect(answers).toHaveLength(6);
  expect(router.ipv4.icmpStats.outRateLimitHost).toBe(14);
  world.advanceMs(1000);
  for (let i = 0; i < 5; i++) world.inject(routerLeft, unknown);
  expect(answers).toHaveLength(7);
  for (let i = 0; i < 20; i++) world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 1 }, echo(1, i, pattern(8))));
  expect(answers).toHaveLength(27);
});

test('errors to all hosts together: a burst of fifty, a thousand a second', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  const from = (i: number) => ipv4({ from: `10.0.0.${i + 2}`, to: '10.0.0.254', protocol: 200 }, pattern(8));
  for (let i = 0; i < 80; i++) world.inject(routerLeft, from(i));
  expect(answers).toHaveLength(50);
  expect(router.ipv4.icmpStats.outRateLimitGlobal).toBe(30);
  world.advanceMs(20);
  for (let i = 80; i < 120; i++) world.inject(routerLeft, from(i));
  expect(answers).toHaveLength(70);
});

test('no error about an error, a fragment behind the first, a broadcast, or a frame to a group', () => {
  const { world, leftDevice, routerLeft } = routed();
  const answers = world.capture(leftDevice, false);
  const quoted = ipv4({ from: '10.0.1.1', to: '10.0.0.1', protocol: 17 }, pattern(8));
  const error = echo(0, 0, quoted, 3);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 1, ttl: 1 }, error));
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17, ttl: 1, fragment: 3 }, pattern(8)));
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.255', protocol: 200 }, pattern(8)));
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 200 }, pattern(8)), 1);
  expect(answers).toEqual([]);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 1, ttl: 1 }, echo(1, 1, pattern(8))));
  expect(types(answers)).toEqual(['11/0']);
});

test('echo requests to everybody are ignored unless the host is told otherwise; to itself as well', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  const request = (to: string) => ipv4({ from: '10.0.0.1', to, protocol: 1 }, echo(1, 1, pattern(8)));
  world.inject(routerLeft, request('10.0.0.255'), 1);
  expect(answers).toEqual([]);
  router.ipv4.settings.icmpEchoIgnoreBroadcasts = false;
  world.inject(routerLeft, request('10.0.0.255'), 1);
  expect(types(answers)).toEqual(['0/0']);
  expect(answers[0]!.slice(12, 16)).toEqual(new Uint8Array([10, 0, 0, 254]));
  router.ipv4.settings.icmpEchoIgnoreAll = true;
  world.inject(routerLeft, request('10.0.0.254'));
  expect(answers).toHaveLength(1);
});

test('a timestamp request is answered with the milliseconds of the day', () => {
  const { world, leftDevice, routerLeft } = routed();
  const answers = world.capture(leftDevice, false);
  const request = echo(5, 6, new Uint8Array(12), 13);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 1 }, request));
  const view = new DataView(answers[0]!.buffer);
  expect(types(answers)).toEqual(['14/0']);
  const expected = Math.floor(world.clock.wallUs() / 1000) % 86_400_000;
  expect([view.getUint32(32), view.getUint32(36)]).toEqual([expected, expected]);
  expect(verify(view, 20, 20, 0)).toBe(true);
});

test('who has a better first hop on its own link is told, with growing pauses, nine times', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  world.route(router, '192.0.2.0/24', '10.0.0.77', routerLeft);
  const answers = world.capture(leftDevice, false);
  const packet = ipv4({ from: '10.0.0.1', to: '192.0.2.1', protocol: 17 }, udp('10.0.0.1', 1, '192.0.2.1', 2, pattern(8)));
  world.inject(routerLeft, packet);
  const redirects = () => answers.filter((p) => p[20] === 5);
  expect(redirects()).toHaveLength(1);
  expect(new DataView(redirects()[0]!.buffer).getUint32(24)).toBe(ip4('10.0.0.77'));
  world.inject(routerLeft, packet);
  expect(redirects()).toHaveLength(1);
  for (let i = 0; i < 3000; i++) {
    world.advanceMs(10);
    world.inject(routerLeft, packet);
  }
  expect(redirects()).toHaveLength(9);
  world.advanceMs(21_000);
  world.inject(routerLeft, packet);
  expect(redirects()).toHaveLength(10);
});

test('a redirect and a path MTU that come in reach the routing', () => {
  const { world, left, leftDevice } = routed();
  const mine = ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17 }, udp('10.0.0.1', 1, '10.0.1.1', 2, pattern(8)));
  const redirect = echo((ip4('10.0.0.77') >>> 16) & 0xffff, ip4('10.0.0.77') & 0xffff, mine, 5);
  world.inject(leftDevice, ipv4({ from: '10.0.0.254', to: '10.0.0.1', protocol: 1 }, redirect));
  const routing = StaticRouting.of(left);
  expect(routing.redirects).toEqual([{ gateway: ip4('10.0.0.77'), destination: ip4('10.0.1.1') }]);
  const needed = echo(0, 900, mine, 3);
  needed[1] = 4;
  const view = new DataView(needed.buffer);
  view.setUint16(2, (view.getUint16(2) - 4) & 0xffff);
  world.inject(leftDevice, ipv4({ from: '10.0.0.254', to: '10.0.0.1', protocol: 1 }, needed));
  expect(routing.pathMtuOf(ip4('10.0.1.1'))).toBe(900);
  expect(left.ipv4.icmpStats.inErrors).toBe(0);
});

test('messages cut short or with a wrong checksum are counted', () => {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  const [, device] = world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  const wrong = echo(1, 1, pattern(8));
  wrong[2]! ^= 1;
  world.inject(device, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 1 }, wrong));
  world.inject(device, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 1 }, pattern(7)));
  world.inject(device, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 1 }, echo(0, 0, pattern(27), 3)));
  expect([b.ipv4.icmpStats.inMsgs, b.ipv4.icmpStats.inErrors, b.ipv4.icmpStats.inCsumErrors]).toEqual([3, 3, 1]);
  expect(world.stack.pool.inUse).toBe(0);
});
