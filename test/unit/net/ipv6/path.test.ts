import { Ip6Mib } from '../../../../src/net/ipv6/snmp.js';
import { icmpTypes, routed, World6 } from './world.js';

function pair() {
  const world = new World6();
  const a = world.namespace();
  const b = world.namespace();
  const [left, right] = world.cable(a, b);
  world.advanceMs(5000);
  return { world, a, b, left, right };
}

describe('two hosts on a cable', () => {
  test('link-local addresses answer each other after a neighbour solicitation', () => {
    const { world, a, left, right } = pair();
    const seen = world.capture(right, false);
    const back = world.capture(left, false);
    expect(world.ping(a, world.linkLocal(right), { dev: left })).toBe(0);
    expect(icmpTypes(seen)).toEqual([135, 128]);
    expect(icmpTypes(back)).toEqual([136, 129]);
    world.advanceMs(120_000);
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('all nodes of a link answer, the sender too', () => {
    const { world, a, b, left } = pair();
    expect(world.ping(a, 'ff02::1', { dev: left })).toBe(0);
    expect(a.ipv6.icmpStats.inType[128]).toBe(1);
    expect(b.ipv6.icmpStats.inType[128]).toBe(1);
    world.advanceMs(10);
    expect(a.ipv6.icmpStats.inType[129]).toBe(2);
  });

  test('a host speaks to itself by the loopback', () => {
    const { world, a, left } = pair();
    world.addAddress(left, '2001:db8::1/64');
    const wire = world.capture(left, true);
    expect(world.ping(a, '::1')).toBe(0);
    expect(world.ping(a, '2001:db8::1')).toBe(0);
    expect(world.ping(a, world.linkLocal(left), { dev: left })).toBe(0);
    world.settle();
    expect(a.ipv6.icmpStats.inType[129]).toBe(3);
    expect(icmpTypes(wire)).toEqual([]);
  });

  test('who is not there is reported after three questions', () => {
    const { world, a, left } = pair();
    world.addAddress(left, '2001:db8::1/64');
    const asked = world.capture(left, true);
    world.ping(a, '2001:db8::99');
    world.advanceMs(10_000);
    expect(icmpTypes(asked).filter((type) => type !== 133)).toEqual([135, 135, 135]);
    expect(asked[0]!.destination).toBe('ff02::1:ff00:99');
    expect(a.ipv6.icmpStats.inType[1]).toBe(1);
    expect(world.stack.pool.inUse).toBe(0);
  });
});

describe('a router', () => {
  test('forwards, and counts the hop', () => {
    const { world, left, router, right, leftDevice, rightDevice } = routed();
    const arrived = world.capture(rightDevice, false);
    expect(world.ping(left, '2001:db8:1::1', { bytes: 100 })).toBe(0);
    expect(arrived.find(({ bytes }) => bytes[40] === 128)!.hopLimit).toBe(63);
    expect(left.ipv6.icmpStats.inType[129]).toBe(1);
    expect(router.ipv6.stats[Ip6Mib.OutForwDatagrams]).toBe(2);
    expect(right.ipv6.icmpStats.inType[128]).toBe(1);
    expect(leftDevice.ipv6).not.toBeNull();
    world.advanceMs(120_000);
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('says that the hops are used up', () => {
    const { world, left, leftDevice } = routed();
    const back = world.capture(leftDevice, false);
    world.ping(left, '2001:db8:1::1', { hops: 1 });
    const error = back.find(({ bytes }) => bytes[40] === 3)!;
    expect(error.source).toBe('2001:db8::fe');
    expect(left.ipv6.icmpStats.inType[3]).toBe(1);
  });

  test('says that there is no route', () => {
    const { world, left } = routed();
    world.ping(left, '2001:db8:77::1');
    expect(left.ipv6.icmpStats.inType[1]).toBe(1);
  });

  test('does not forward what belongs to a link', () => {
    const { world, left, leftDevice, rightDevice } = routed();
    const arrived = world.capture(rightDevice, false);
    world.ping(left, '2001:db8:1::1', { from: world.linkLocal(leftDevice) });
    expect(arrived).toEqual([]);
    expect(left.ipv6.icmpStats.inType[1]).toBe(1);
  });
});

describe('long packets', () => {
  test('are cut by the sender and put together by the receiver', () => {
    const { world, left, rightDevice } = routed();
    const arrived = world.capture(rightDevice, false);
    world.ping(left, '2001:db8:1::1', { bytes: 4000 });
    expect(arrived.filter(({ next }) => next === 44)).toHaveLength(3);
    expect(left.ipv6.icmpStats.inType[129]).toBe(1);
    world.advanceMs(120_000);
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('are shorter after the router has said that they are too big', () => {
    const { world, left, router, routerRight, rightDevice } = routed();
    for (const device of [routerRight, rightDevice]) {
      device.mtu = 1300;
      device.ipv6!.config.mtu = 1300;
    }
    world.ping(left, '2001:db8:1::1', { bytes: 1400 });
    expect(router.ipv6.stats[Ip6Mib.InTooBigErrors]).toBe(1);
    expect(left.ipv6.icmpStats.inType[2]).toBe(1);
    const arrived = world.capture(rightDevice, false);
    world.ping(left, '2001:db8:1::1', { bytes: 1400 });
    expect(arrived.map(({ bytes }) => bytes.length).every((length) => length <= 1300)).toBe(true);
    expect(left.ipv6.icmpStats.inType[129]).toBe(1);
    // After ten minutes the old size is tried again.
    world.advanceMs(601_000);
    world.ping(left, '2001:db8:1::1', { bytes: 1400 });
    expect(left.ipv6.icmpStats.inType[2]).toBe(2);
  });

  test('whose rest does not come are given up after a minute', () => {
    const { world, left, rightDevice, right } = routed();
    let count = 0;
    const hooked = right.ipv6.hooks.register(0, {
      priority: 0,
      run: (skb) => (skb.view.getUint8(skb.networkHeader + 6) === 44 && count++ === 1 ? 0 : 1),
    });
    world.ping(left, '2001:db8:1::1', { bytes: 4000 });
    hooked();
    expect(right.ipv6.reassembly.queues).toBe(1);
    world.advanceMs(61_000);
    expect(right.ipv6.reassembly.queues).toBe(0);
    expect(left.ipv6.icmpStats.inType[3]).toBe(1);
    expect(rightDevice.up).toBe(true);
    expect(world.stack.pool.inUse).toBe(0);
  });
});
