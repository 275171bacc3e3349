import { EEXIST, EHOSTUNREACH, EINVAL, ESRCH } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import { Flow } from '../../../../src/net/core/flow.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { routerPreferenceFlags } from '../../../../src/net/ipv6/fib/info.js';
import { route6Request } from '../../../../src/net/ipv6/fib/request.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../../../../src/netlink/constants.js';
import { formatIpv6 } from '../../../../src/wire/ipv6-address.js';
import { bytesOf, icmpTypes, ip6, routed, World6 } from './world.js';

const errnoOf = (run: () => void): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof NetError) return error.errno;
    throw error;
  }
  return 0;
};
const gatewayTo = (namespace: Namespace, to: string, from = '::'): string => {
  const flow = new Flow();
  flow.destination6.set(ip6(to));
  flow.source6.set(ip6(from));
  const route = namespace.ipv6.route(flow);
  return route.error !== 0 ? `error ${route.error}` : route.gateway === null ? 'on link' : formatIpv6(bytesOf(route.gateway));
};

function host() {
  const world = new World6();
  const a = world.namespace();
  const [left] = world.cable(a, world.namespace());
  world.addAddress(left, '2001:db8::1/64');
  world.advanceMs(3000);
  return { world, a, left };
}

test('the longest prefix decides, then the metric', () => {
  const { world, a, left } = host();
  world.addRoute(a, '2001:db8:5::/48', { via: '2001:db8::5', dev: left });
  world.addRoute(a, '2001:db8:5:5::/64', { via: '2001:db8::6', dev: left }, { metric: 20 });
  world.addRoute(a, '2001:db8:5:5::/64', { via: '2001:db8::7', dev: left }, { metric: 10 });
  expect(gatewayTo(a, '2001:db8:5:6::1')).toBe('2001:db8::5');
  expect(gatewayTo(a, '2001:db8:5:5::1')).toBe('2001:db8::7');
  a.ipv6.fib.delete(route6Request({ destination: ip6('2001:db8:5:5::'), prefixLength: 64, metric: 10, protocol: 0 }));
  expect(gatewayTo(a, '2001:db8:5:5::1')).toBe('2001:db8::6');
});

test('the same again exists, what is not there cannot be deleted, a gateway must be a neighbour', () => {
  const { world, a, left } = host();
  world.addRoute(a, '2001:db8:5::/48', { via: '2001:db8::5' });
  expect(errnoOf(() => world.addRoute(a, '2001:db8:5::/48', { via: '2001:db8::6' }))).toBe(EEXIST);
  expect(errnoOf(() => a.ipv6.fib.delete(route6Request({ destination: ip6('2001:db8:9::'), prefixLength: 48, protocol: 0 })))).toBe(ESRCH);
  expect(errnoOf(() => world.addRoute(a, '2001:db8:6::/48', { via: '2001:db9::6' }))).toBe(EHOSTUNREACH);
  expect(errnoOf(() => world.addRoute(a, '2001:db8:6::/48', { via: '2001:db8::1' }))).toBe(EINVAL);
  expect(errnoOf(() => world.addRoute(a, '2001:db8:6::/48', { via: 'fe80::1' }))).toBe(EINVAL);
  world.addRoute(a, '2001:db8:5::/48', { via: '2001:db8::9', dev: left }, {}, NLM_F_CREATE | NLM_F_REPLACE);
  expect(gatewayTo(a, '2001:db8:5::1')).toBe('2001:db8::9');
  expect(a.ipv6.fib.routes(254).filter((info) => info.prefixLength === 48)).toHaveLength(1);
});

test('appended ways share the destinations, and go one by one', () => {
  const { world, a, left } = host();
  for (const last of [5, 6, 7])
    world.addRoute(a, '2001:db8:5::/48', { via: `2001:db8::${last}`, dev: left }, {}, NLM_F_CREATE | NLM_F_APPEND);
  const used = new Set<string>();
  for (let i = 1; i < 100; i++) used.add(gatewayTo(a, `2001:db8:5::${i}`, '2001:db8::1'));
  expect([...used].sort()).toEqual(['2001:db8::5', '2001:db8::6', '2001:db8::7']);
  const nexthops = [{ oif: 0, gateway: ip6('2001:db8::6'), weight: 1, flags: 0 }];
  a.ipv6.fib.delete(route6Request({ destination: ip6('2001:db8:5::'), prefixLength: 48, protocol: 0, nexthops }));
  used.clear();
  for (let i = 1; i < 100; i++) used.add(gatewayTo(a, `2001:db8:5::${i}`, '2001:db8::1'));
  expect([...used].sort()).toEqual(['2001:db8::5', '2001:db8::7']);
});

test('of default routers the preferred one is taken, unless it does not answer', () => {
  const { world, a, left } = host();
  const addRouter = (gateway: string, preference: number) =>
    world.addRoute(a, 'default', { via: gateway, dev: left }, { flags: 0x0005_0000 | routerPreferenceFlags(preference) }, NLM_F_CREATE);
  addRouter('2001:db8::5', 0);
  addRouter('2001:db8::6', 1);
  expect(gatewayTo(a, '2001:db9::1')).toBe('2001:db8::6');
  world.ping(a, '2001:db9::1');
  world.advanceMs(4000);
  expect(gatewayTo(a, '2001:db9::1')).toBe('2001:db8::5');
});

test('a router on the same link tells of a better one, which is believed', () => {
  const { world, left, router, leftDevice, routerLeft } = routed();
  // The way of the router to 2001:db8:7:: goes by another router on the left link.
  world.addRoute(router, '2001:db8:7::/48', { via: 'fe80::77', dev: routerLeft });
  left.ipv6.fib.flush((info) => info.prefixLength === 0);
  world.addRoute(left, 'default', { via: world.linkLocal(routerLeft), dev: leftDevice });
  const seen = world.capture(leftDevice, false);
  world.ping(left, '2001:db8:7::1');
  expect(icmpTypes(seen)).toContain(137);
  expect(gatewayTo(left, '2001:db8:7::1')).toBe('fe80::77');
  expect(gatewayTo(left, '2001:db8:7::2')).toBe(world.linkLocal(routerLeft));
  world.advanceMs(120_000);
  expect(world.stack.pool.inUse).toBe(0);
});
