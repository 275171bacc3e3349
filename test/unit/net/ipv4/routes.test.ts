import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, EXDEV } from '../../../../src/base/errno.js';
import { openDevice } from '../../../../src/net/core/device-state.js';
import { Flow } from '../../../../src/net/core/flow.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_PROHIBIT, RTN_UNICAST } from '../../../../src/netlink/rtnl/constants.js';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.js';
import { ip4, RoutedWorld, type SinkDevice } from '../routed-world.js';

function setup() {
  const world = new RoutedWorld();
  const namespace = world.namespace();
  const d0 = world.sink(namespace, 'd0');
  const d1 = world.sink(namespace, 'd1');
  world.addAddress(d0, '10.0.0.1/24');
  world.addAddress(d1, '10.1.0.1/24');
  openDevice(d0);
  openDevice(d1);
  const routes = ipv4Routes(namespace);
  const flow = new Flow();
  const output = (destination: string, more: Partial<Flow> = {}) => {
    flow.reset();
    Object.assign(flow, more);
    flow.destination = ip4(destination);
    return routes.output(flow);
  };
  const input = (source: string, destination: string, device: SinkDevice) => {
    const skb = world.packet(ip4(source), ip4(destination));
    const route = routes.input(skb, ip4(destination), ip4(source), 0, device);
    world.stack.consume(skb);
    return route;
  };
  const source = () => formatIpv4(flow.source);
  return { world, namespace, d0, d1, routes, flow, output, input, source };
}

describe('a packet of this host', () => {
  test('leaves by the route for its destination, with an address of that device', () => {
    const { world, namespace, d1, output, source } = setup();
    world.addRoute(namespace, 'default', { via: '10.1.0.2' });
    const route = output('8.8.8.8');
    expect([route.device, route.gateway, route.type, source()]).toEqual([d1, ip4('10.1.0.2'), RTN_UNICAST, '10.1.0.1']);
    expect(output('10.0.0.7').gateway).toBe(0);
    expect(source()).toBe('10.0.0.1');
  });

  test('for an own address goes to lo, and comes from that address', () => {
    const { namespace, output, source, flow } = setup();
    const route = output('10.0.0.1');
    expect([route.type, route.device, source()]).toEqual([RTN_LOCAL, namespace.loopback, '10.0.0.1']);
    expect(output('127.9.9.9').type).toBe(RTN_LOCAL);
    expect(source()).toBe('127.0.0.1');
    expect(output('0.0.0.0').type).toBe(RTN_LOCAL);
    expect(formatIpv4(flow.destination)).toBe('127.0.0.1');
  });

  test('may come from an address that is local by a route alone', () => {
    const { world, namespace, output } = setup();
    expect(output('10.0.0.9', { source: ip4('172.16.0.1') }).error).toBe(ENETUNREACH);
    world.addRoute(namespace, '172.16.0.0/24', { dev: namespace.loopback }, { type: RTN_LOCAL, scope: 254, tableId: 255 });
    expect(output('10.0.0.9', { source: ip4('172.16.0.1') }).error).toBe(0);
  });

  test('that has no way, or a wrong source, gets the errno of Linux', () => {
    const { world, namespace, output } = setup();
    expect(output('8.8.8.8').error).toBe(ENETUNREACH);
    expect(output('10.0.0.9', { source: ip4('10.77.0.1') }).error).toBe(ENETUNREACH);
    expect(output('10.0.0.9', { source: ip4('127.0.0.1') }).error).toBe(EINVAL);
    world.addRoute(namespace, '10.7.0.0/16', {}, { type: RTN_PROHIBIT, nexthops: [], scope: 0 });
    expect(output('10.7.0.1').error).toBe(EACCES);
  });

  test('bound to a device goes by it even without a route', () => {
    const { d0, d1, output, source } = setup();
    expect(output('8.8.8.8', { oif: d1.ifindex }).device).toBe(d1);
    expect(source()).toBe('10.1.0.1');
    expect(output('255.255.255.255', { oif: d0.ifindex }).type).toBe(RTN_BROADCAST);
    expect(output('10.0.0.255').type).toBe(RTN_BROADCAST);
    expect(output('224.0.0.5', { oif: d0.ifindex }).type).toBe(RTN_MULTICAST);
  });

  test('reuses its route until the tables change', () => {
    const { world, namespace, d0, routes, output } = setup();
    const route = output('10.0.0.7');
    expect(output('10.0.0.8')).toBe(route);
    world.addRoute(namespace, '10.5.0.0/16', { dev: d0 });
    expect(routes.valid(route)).toBe(false);
    expect(output('10.0.0.8')).not.toBe(route);
  });

  test('is cut to a path MTU that was told, for ten minutes, and never below the least', () => {
    const { world, namespace, routes, flow, output } = setup();
    world.addRoute(namespace, 'default', { via: '10.1.0.2' });
    const before = output('8.8.8.8');
    routes.updatePathMtu(flow, 1400);
    expect(routes.valid(before)).toBe(false);
    expect(routes.mtu(output('8.8.8.8'))).toBe(1400);
    expect(routes.mtu(output('8.8.4.4'))).toBe(1500);
    world.advanceMs(599_000);
    expect(routes.mtu(output('8.8.8.8'))).toBe(1400);
    world.advanceMs(2000);
    expect(routes.mtu(output('8.8.8.8'))).toBe(1500);
    routes.updatePathMtu(flow, 100);
    const low = output('8.8.8.8');
    expect([routes.mtu(low), low.mtuLocked]).toEqual([552, true]);
  });

  test('follows a redirect of its own gateway to one on the link, and of nobody else', () => {
    const { world, namespace, d1, routes, output } = setup();
    world.addRoute(namespace, 'default', { via: '10.1.0.2' });
    const redirect = (from: string, to: string) => routes.redirect(ip4(from), ip4(to), ip4('8.8.8.8'), 0, d1);
    redirect('10.1.0.9', '10.1.0.3');
    expect(output('8.8.8.8').gateway).toBe(ip4('10.1.0.2'));
    redirect('10.1.0.2', '10.1.0.1');
    expect(output('8.8.8.8').gateway).toBe(ip4('10.1.0.2'));
    redirect('10.1.0.2', '10.1.0.3');
    expect(output('8.8.8.8').gateway).toBe(ip4('10.1.0.3'));
    expect(output('8.8.4.4').gateway).toBe(ip4('10.1.0.2'));
  });
});

describe('a packet that comes in', () => {
  test('is for here, for everybody, or to be forwarded only where that is on', () => {
    const { world, namespace, d0, d1, input } = setup();
    world.addRoute(namespace, 'default', { via: '10.1.0.2' });
    expect(input('10.0.0.9', '10.0.0.1', d0)).toMatchObject({ type: RTN_LOCAL, error: 0, device: namespace.loopback });
    expect(input('10.0.0.9', '10.0.0.255', d0)).toMatchObject({ type: RTN_BROADCAST, error: 0 });
    expect(input('0.0.0.0', '255.255.255.255', d0)).toMatchObject({ type: RTN_BROADCAST, error: 0 });
    expect(input('10.0.0.9', '224.0.0.1', d0)).toMatchObject({ type: RTN_MULTICAST, error: 0 });
    expect(input('10.0.0.9', '8.8.8.8', d0).error).toBe(EHOSTUNREACH);
    d0.ipv4!.config.forwarding = 1;
    expect(input('10.0.0.9', '8.8.8.8', d0)).toMatchObject({ type: RTN_UNICAST, device: d1, gateway: ip4('10.1.0.2') });
  });

  test('from a martian is refused', () => {
    const { world, d0, d1, input } = setup();
    for (const source of ['224.0.0.1', '255.255.255.255', '127.0.0.1', '0.0.0.0', '10.1.0.1', '10.0.0.1'])
      expect([source, input(source, '10.0.0.1', d0).error]).toEqual([source, EINVAL]);
    expect(input('10.0.0.9', '127.0.0.1', d0).error).toBe(EINVAL);
    d0.ipv4!.config.routeLocalnet = 1;
    d0.ipv4!.config.acceptLocal = 1;
    expect(input('127.0.0.9', '127.0.0.1', d0).error).toBe(0);
    expect(input('10.1.0.1', '10.0.0.1', d0).error).toBe(0);
    expect(world.stack.pool.inUse).toBe(0);
    expect(d1.up).toBe(true);
  });

  test('by another device than the way back is refused by a strict reverse path filter, and passes a loose one', () => {
    const { d0, input } = setup();
    expect(input('10.1.0.9', '10.0.0.1', d0).error).toBe(0);
    d0.ipv4!.config.rpFilter = 1;
    expect(input('10.1.0.9', '10.0.0.1', d0).error).toBe(EXDEV);
    expect(input('10.0.0.9', '10.0.0.1', d0).error).toBe(0);
    d0.ipv4!.config.rpFilter = 2;
    expect(input('10.1.0.9', '10.0.0.1', d0).error).toBe(0);
    expect(input('99.1.0.9', '10.0.0.1', d0).error).toBe(EXDEV);
  });
});
