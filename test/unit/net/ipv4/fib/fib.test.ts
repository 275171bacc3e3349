import fc from 'fast-check';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../../../../../src/netlink/constants.js';
import {
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
} from '../../../../../src/netlink/rtnl/constants.js';
import { NetError } from '../../../../../src/base/net-error.js';
import { closeDevice, openDevice, setCarrier } from '../../../../../src/net/core/device-state.js';
import { Flow } from '../../../../../src/net/core/flow.js';
import { FibResult } from '../../../../../src/net/ipv4/fib/result.js';
import { ipv4Routes } from '../../../../../src/net/ipv4/routes.js';
import { ipv4Mask } from '../../../../../src/wire/ipv4-address.js';
import { ip4, RoutedWorld } from '../../routed-world.js';

function setup() {
  const world = new RoutedWorld();
  const namespace = world.namespace();
  const d0 = world.sink(namespace, 'd0');
  const d1 = world.sink(namespace, 'd1');
  world.addAddress(d0, '10.0.0.1/24');
  world.addAddress(d1, '10.1.0.1/24');
  openDevice(d0);
  openDevice(d1);
  const { fib } = ipv4Routes(namespace);
  const events: string[] = [];
  fib.events.subscribe(({ type, route, flags }) => events.push(`${type} ${world.show(namespace, route)} ${flags.toString(16)}`));
  const none = { nexthops: [], scope: RT_SCOPE_UNIVERSE };
  const add = (prefix: string, way: Parameters<RoutedWorld['addRoute']>[2], more = {}, flags?: number) =>
    world.addRoute(namespace, prefix, way, more, flags);
  const del = (prefix: string, way: Parameters<RoutedWorld['addRoute']>[2], more = {}) =>
    fib.delete(world.request(namespace, prefix, way, { scope: RT_SCOPE_NOWHERE, protocol: 0, type: 0, ...more }));
  return { world, namespace, d0, d1, fib, events, none, add, del };
}

/** What the command would print: the extended ACK's text, else that of the errno. */
function refusal(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof NetError) return error.extack ?? error.message;
    throw error;
  }
  return '';
}

describe('routes', () => {
  // golden/route4
  test('are refused as Linux refuses them', () => {
    const { world, namespace, d0, d1, none, add } = setup();
    add('10.5.0.0/16', { dev: d0 });
    closeDevice(d1);
    expect(refusal(() => add('10.6.0.0/16', { dev: d1 }))).toBe('Device for nexthop is not up');
    expect(refusal(() => add('10.5.0.0/16', { dev: d0 }))).toBe('File exists');
    expect(refusal(() => add('10.9.0.0/16', { via: '10.99.0.1', dev: d0 }))).toBe('Nexthop has invalid gateway');
    expect(refusal(() => add('10.9.0.0/16', { via: '10.99.0.1' }))).toBe('Nexthop has invalid gateway');
    expect(refusal(() => add('10.11.0.0/16', { dev: d0 }, { preferredSource: ip4('10.0.0.77') }))).toBe('Invalid prefsrc address');
    expect(refusal(() => add('10.13.0.5/16', { dev: d0 }))).toBe('Invalid prefix for given prefix length');
    expect(refusal(() => add('10.14.0.0/16', { via: '10.0.0.255' }))).toBe('Nexthop has invalid gateway');
    expect(refusal(() => add('10.14.0.0/16', {}))).toBe('No such device');
    expect(refusal(() => add('10.17.0.0/16', { via: '10.0.0.2' }, { scope: RT_SCOPE_LINK }))).toBe('Nexthop has invalid gateway');
    expect(refusal(() => add('10.31.0.0/16', { via: '10.0.0.2' }, { type: 10 }))).toBe('Invalid scope');
    expect(refusal(() => add('10.31.0.0/16', { dev: d0 }, { type: RTN_LOCAL, scope: RT_SCOPE_LINK }))).toBe('Invalid scope');
    expect(refusal(() => add('10.31.0.0/16', { dev: d0 }, { type: RTN_BLACKHOLE, scope: RT_SCOPE_UNIVERSE }))).toBe(
      'Gateway, device and multipath can not be specified for this route type',
    );
    expect(refusal(() => add('10.31.0.0/16', { via: '10.0.0.9' }, { scope: RT_SCOPE_HOST }))).toBe(
      'Route with host scope can not have a gateway',
    );
    expect(refusal(() => add('10.31.0.0/16', {}, { ...none, type: RTN_BLACKHOLE }, NLM_F_REPLACE))).toBe('No such file or directory');
    expect(world.table(namespace)).toEqual(['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1', '10.5.0.0/16 dev d0 scope link']);
  });

  test('by an own address, and to a gateway that is nowhere, are taken where Linux takes them', () => {
    const { world, namespace, d0, add } = setup();
    add('10.14.0.0/16', { via: '10.0.0.1' });
    const onlink = [{ oif: d0.ifindex, gateway: ip4('10.99.0.1'), weight: 1, flags: RTNH_F_ONLINK }];
    add('10.9.0.0/16', {}, { nexthops: onlink, scope: RT_SCOPE_UNIVERSE });
    add('default', { dev: d0 });
    add('10.15.0.0/16', { via: '10.98.0.1' });
    expect(world.table(namespace)).toContain('10.14.0.0/16 via 10.0.0.1 dev d0');
    expect(world.table(namespace)).toContain('10.9.0.0/16 via 10.99.0.1 dev d0');
    expect(world.table(namespace)).toContain('10.15.0.0/16 via 10.98.0.1 dev d0');
  });

  test('of one prefix stand by TOS and metric, and are added, put first, appended, replaced', () => {
    const { world, namespace, d0, d1, none, events, add } = setup();
    const of = (prefix: string) => world.table(namespace).filter((line) => line.includes(prefix));
    add('10.5.0.0/16', { via: '10.0.0.2' }, { priority: 20 });
    add('10.5.0.0/16', { via: '10.0.0.3' }, { priority: 10 });
    add('10.5.0.0/16', { dev: d0 }, { tos: 0x10 });
    add('10.5.0.0/16', {}, { ...none, type: RTN_BLACKHOLE, priority: 4_294_967_295 });
    add('10.5.0.0/16', { via: '10.1.0.2' }, { priority: 20 }, NLM_F_CREATE | NLM_F_APPEND);
    add('10.5.0.0/16', { via: '10.1.0.3' }, { priority: 20 }, NLM_F_CREATE);
    expect(of('10.5.0.0')).toEqual([
      '10.5.0.0/16 tos 0x10 dev d0 scope link',
      '10.5.0.0/16 via 10.0.0.3 dev d0 metric 10',
      '10.5.0.0/16 via 10.1.0.3 dev d1 metric 20',
      '10.5.0.0/16 via 10.0.0.2 dev d0 metric 20',
      '10.5.0.0/16 via 10.1.0.2 dev d1 metric 20',
      'blackhole 10.5.0.0/16 metric 4294967295',
    ]);
    add('10.5.0.0/16', { via: '10.1.0.9', dev: d1 }, { priority: 10 }, NLM_F_CREATE | NLM_F_REPLACE);
    expect(of('10.5.0.0')[1]).toBe('10.5.0.0/16 via 10.1.0.9 dev d1 metric 10');
    expect(events.at(-1)).toBe('replace 10.5.0.0/16 via 10.1.0.9 dev d1 metric 10 100');
    expect(events[4]).toBe('new 10.5.0.0/16 via 10.1.0.2 dev d1 metric 20 c00');
    expect(refusal(() => add('10.5.0.0/16', { via: '10.1.0.2' }, { priority: 20 }, NLM_F_CREATE | NLM_F_APPEND))).toBe('File exists');
  });

  test('are deleted by what is said of them', () => {
    const { world, namespace, d0, d1, add, del, events } = setup();
    add('10.5.0.0/16', { via: '10.0.0.2' });
    add('10.5.0.0/16', { via: '10.1.0.2' }, { priority: 5 });
    expect(refusal(() => del('10.5.0.0/16', { via: '10.0.0.3' }))).toBe('No such process');
    expect(refusal(() => del('10.5.0.0/16', {}, { protocol: 4 }))).toBe('No such process');
    expect(refusal(() => del('10.5.0.0/17', {}))).toBe('No such process');
    del('10.5.0.0/16', { dev: d1 });
    expect(world.table(namespace)).toContain('10.5.0.0/16 via 10.0.0.2 dev d0');
    del('10.5.0.0/16', {});
    expect(world.table(namespace)).toHaveLength(2);
    expect(events.at(-1)).toBe('delete 10.5.0.0/16 via 10.0.0.2 dev d0 0');
    expect(d0.ipv4!.addresses).toHaveLength(1);
  });

  test('alike share what they have in common, and it goes with the last', () => {
    const { fib, add, del } = setup();
    const before = fib.infos.count;
    for (let i = 0; i < 50; i++) add(`10.5.${i}.0/24`, { via: '10.0.0.2' });
    expect(fib.infos.count).toBe(before + 1);
    for (let i = 0; i < 50; i++) del(`10.5.${i}.0/24`, {});
    expect(fib.infos.count).toBe(before);
    for (let i = 0; i < 50; i++) for (const priority of [1, 2, 3]) add(`10.5.${i}.0/24`, { via: '10.0.0.2' }, { priority });
    for (let i = 0; i < 150; i++) del(`10.5.${i % 50}.0/24`, {});
    expect(fib.store.aliases.live).toBe(0);
    expect(fib.infos.count).toBe(before);
  });

  test('are the same as in a list that is searched, under any additions and deletions', () => {
    const operation = fc.record({
      add: fc.boolean(),
      prefix: fc.constantFrom('10.5.0.0/16', '10.5.128.0/17', '10.5.128.0/24', '10.5.128.7/32', '10.5.0.0/24'),
      tos: fc.constantFrom(0, 0, 4, 8),
      priority: fc.integer({ min: 1, max: 3 }),
      probe: fc.constantFrom('10.5.128.7', '10.5.128.9', '10.5.0.1', '10.5.200.1'),
      probeTos: fc.constantFrom(0, 4, 8),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const { fib, add, del, none } = setup();
        let model: { prefix: string; tos: number; priority: number }[] = [];
        const flow = new Flow();
        const result = new FibResult();
        for (const { add: adds, prefix, tos, priority, probe, probeTos } of operations) {
          const same = (route: (typeof model)[number]) => route.prefix === prefix && route.tos === tos && route.priority === priority;
          const there = model.some(same);
          const values = { ...none, type: RTN_PROHIBIT, tos, priority };
          if (adds) {
            expect(refusal(() => add(prefix, {}, values))).toBe(there ? 'File exists' : '');
            if (!there) model.push({ prefix, tos, priority });
          } else {
            expect(refusal(() => del(prefix, {}, values))).toBe(there ? '' : 'No such process');
            model = model.filter((route) => !same(route));
          }
          const bits = (text: string) => Number(text.split('/')[1]);
          const holds = (text: string) => ((ip4(probe) ^ ip4(text.split('/')[0]!)) & ipv4Mask(bits(text))) === 0;
          const [best] = model
            .filter((route) => holds(route.prefix) && (route.tos === 0 || route.tos === probeTos))
            .sort((a, b) => bits(b.prefix) - bits(a.prefix) || b.tos - a.tos || a.priority - b.priority);
          flow.reset();
          flow.destination = ip4(probe);
          flow.tos = probeTos;
          expect(fib.table(254)!.lookup(flow, result, 0)).toBe(best === undefined ? -11 : -13);
          if (best !== undefined)
            expect([result.prefixLength, result.tos, result.info!.priority]).toEqual([bits(best.prefix), best.tos, best.priority]);
        }
        expect(fib.table(254)!.size - 2).toBe(model.length);
      }),
      { numRuns: 60 },
    );
  });

  test('lead packets: longest prefix, TOS, types that are errors, throw to the next table', () => {
    const { d0, d1, fib, none, add } = setup();
    const flow = new Flow();
    const result = new FibResult();
    const lookup = (to: string, tos = 0, oif = 0) => {
      flow.reset();
      flow.destination = ip4(to);
      flow.tos = tos;
      flow.oif = oif;
      const error = fib.lookup(flow, result, 0);
      return error !== 0 ? error : (result.nexthop!.device?.name ?? '');
    };
    add('default', { via: '10.1.0.2' });
    add('10.5.0.0/16', { via: '10.0.0.2' });
    add('10.5.1.0/24', { dev: d1 }, { tos: 0x10 });
    add('10.6.0.0/16', {}, { ...none, type: RTN_UNREACHABLE });
    add('10.7.0.0/16', {}, { ...none, type: RTN_PROHIBIT });
    add('10.8.0.0/16', {}, { ...none, type: RTN_BLACKHOLE });
    add('10.9.0.0/16', {}, { ...none, type: RTN_THROW });
    expect(lookup('8.8.8.8')).toBe('d1');
    expect(lookup('10.5.1.9')).toBe('d0');
    expect(result.prefixLength).toBe(16);
    expect(lookup('10.5.1.9', 0x10)).toBe('d1');
    expect(lookup('10.6.1.1')).toBe(-113);
    expect(lookup('10.7.1.1')).toBe(-13);
    expect(lookup('10.8.1.1')).toBe(-22);
    expect(lookup('10.9.1.1')).toBe(-101);
    // Bound to a device, a shorter prefix that leads there is taken.
    expect(lookup('10.5.2.2', 0, d1.ifindex)).toBe('d1');
    expect(result.prefixLength).toBe(0);
    add('10.5.3.0/24', { dev: d0 }, { scope: RT_SCOPE_HOST });
    expect(lookup('10.5.3.3')).toBe('d0');
  });

  test('over a device that goes down go; without carrier they stay and say so', () => {
    const { world, namespace, d0, d1, add, events } = setup();
    add('10.5.0.0/16', { via: '10.0.0.2' });
    setCarrier(d0, false);
    world.settle();
    expect(world.table(namespace)).toContain('10.5.0.0/16 via 10.0.0.2 dev d0 linkdown');
    setCarrier(d0, true);
    world.settle();
    expect(world.table(namespace)).toContain('10.5.0.0/16 via 10.0.0.2 dev d0');
    events.length = 0;
    closeDevice(d0);
    expect(world.table(namespace)).toEqual(['10.1.0.0/24 dev d1 proto kernel scope link src 10.1.0.1']);
    expect(events.every((event) => event.startsWith('flush'))).toBe(true);
    expect(d1.up).toBe(true);
  });

  test('with several ways share the flows by weight, and one way takes over when the other dies', () => {
    const { namespace, d0, d1, add } = setup();
    add(
      '10.5.0.0/16',
      {},
      {
        scope: RT_SCOPE_UNIVERSE,
        multipath: true,
        nexthops: [
          { oif: 0, gateway: ip4('10.0.0.2'), weight: 3, flags: 0 },
          { oif: 0, gateway: ip4('10.1.0.2'), weight: 1, flags: 0 },
        ],
      },
    );
    const routes = ipv4Routes(namespace);
    const flow = new Flow();
    const count = () => {
      const by = new Map<string, number>();
      for (let i = 0; i < 4000; i++) {
        flow.reset();
        flow.destination = ip4('10.5.0.0') + i;
        const { name } = routes.output(flow).device!;
        by.set(name, (by.get(name) ?? 0) + 1);
        expect(flow.source).toBe(name === 'd0' ? ip4('10.0.0.1') : ip4('10.1.0.1'));
      }
      return by;
    };
    const shares = count();
    expect(shares.get('d0')! / 4000).toBeCloseTo(0.75, 1);
    expect(shares.get('d1')! / 4000).toBeCloseTo(0.25, 1);
    closeDevice(d0);
    expect(count()).toEqual(new Map([['d1', 4000]]));
    expect(d1.up).toBe(true);
  });
});
