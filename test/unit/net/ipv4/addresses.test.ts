import { IFA_F_DEPRECATED, IFA_F_NOPREFIXROUTE, IFA_F_SECONDARY } from '../../../../src/netlink/rtnl/constants.js';
import { changeFlags, closeDevice, openDevice } from '../../../../src/net/core/device-state.js';
import { unregisterDevice } from '../../../../src/net/core/device-registry.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { ip4, RoutedWorld } from '../routed-world.js';

const LOOPBACK_ROUTES = [
  'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1',
  'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1',
  'broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1',
];

function setup() {
  const world = new RoutedWorld();
  const namespace = world.namespace();
  const d0 = world.sink(namespace, 'd0');
  const told: string[] = [];
  ipv4Routes(namespace).addresses.events.subscribe(({ type, address }) =>
    told.push(`${type} ${formatIpv4(address.local)}${(address.flags & IFA_F_SECONDARY) === 0 ? '' : ' secondary'}`),
  );
  const shown = (device: NetDevice) =>
    ipv4Routes(namespace)
      .addresses.of(device)
      .map(({ local, prefixLength, secondary }) => `${formatIpv4(local)}/${prefixLength}${secondary ? ' secondary' : ''}`);
  return { world, namespace, d0, told, shown };
}

describe('addresses', () => {
  test('lo gets 127.0.0.1/8 and its routes when it is set up', () => {
    const { world, namespace, shown } = setup();
    expect(shown(namespace.loopback)).toEqual(['127.0.0.1/8']);
    expect(world.table(namespace, 255)).toEqual(LOOPBACK_ROUTES);
    expect(world.table(namespace)).toEqual([]);
  });

  test('a device that is down has the local route of its address only, and the others once it is up', () => {
    const { world, namespace, d0 } = setup();
    world.addAddress(d0, '10.0.0.1/24');
    expect(world.table(namespace)).toEqual([]);
    expect(world.table(namespace, 255)).toEqual(['local 10.0.0.1 dev d0 proto kernel scope host src 10.0.0.1', ...LOOPBACK_ROUTES]);
    openDevice(d0);
    expect(world.table(namespace)).toEqual(['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1']);
    expect(world.table(namespace, 255)).toEqual([
      'local 10.0.0.1 dev d0 proto kernel scope host src 10.0.0.1',
      'broadcast 10.0.0.255 dev d0 proto kernel scope link src 10.0.0.1',
      ...LOOPBACK_ROUTES,
    ]);
    closeDevice(d0);
    expect(world.table(namespace)).toEqual([]);
    expect(world.table(namespace, 255)).toEqual(['local 10.0.0.1 dev d0 proto kernel scope host src 10.0.0.1', ...LOOPBACK_ROUTES]);
    openDevice(d0);
    expect(world.table(namespace)).toHaveLength(1);
  });

  // golden/addr4: the order of the list, and of the table local.
  test('stand in the order of Linux: by scope, secondaries last', () => {
    const { world, namespace, d0, shown } = setup();
    openDevice(d0);
    world.addAddress(d0, '10.0.0.1/24');
    expect(() => world.addAddress(d0, '10.0.0.1/24')).toThrow('File exists');
    world.addAddress(d0, '10.0.0.2/24');
    world.addAddress(d0, '10.0.0.3/25');
    world.addAddress(d0, '192.168.1.1/24', { broadcast: ip4('192.168.1.255') });
    world.addAddress(d0, '192.168.2.1/24', { broadcast: ip4('192.168.2.200') });
    world.addAddress(d0, '192.168.6.1/24', { scope: 253 });
    world.addAddress(d0, '192.168.7.1/24', { scope: 254 });
    world.addAddress(d0, '192.168.8.1/24', { scope: 50 });
    world.addAddress(d0, '172.16.0.1/32', { address: ip4('172.16.0.2') });
    world.addAddress(d0, '172.16.7.1/30', { flags: IFA_F_NOPREFIXROUTE });
    world.addAddress(d0, '172.16.8.1/24', { priority: 300 });
    expect(shown(d0)).toEqual([
      '192.168.7.1/24',
      '192.168.6.1/24',
      '192.168.8.1/24',
      '10.0.0.1/24',
      '10.0.0.3/25',
      '192.168.1.1/24',
      '192.168.2.1/24',
      '172.16.0.1/32',
      '172.16.7.1/30',
      '172.16.8.1/24',
      '10.0.0.2/24 secondary',
    ]);
    expect(world.table(namespace)).toEqual([
      '10.0.0.0/25 dev d0 proto kernel scope link src 10.0.0.3',
      '10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1',
      '172.16.0.2 dev d0 proto kernel scope link src 172.16.0.1',
      '172.16.8.0/24 dev d0 proto kernel scope link src 172.16.8.1 metric 300',
      '192.168.1.0/24 dev d0 proto kernel scope link src 192.168.1.1',
      '192.168.2.0/24 dev d0 proto kernel scope link src 192.168.2.1',
      '192.168.6.0/24 dev d0 proto kernel scope link src 192.168.6.1',
      '192.168.7.0/24 dev d0 proto kernel scope link src 192.168.7.1',
      '192.168.8.0/24 dev d0 proto kernel scope link src 192.168.8.1',
    ]);
    expect(world.table(namespace, 255).slice(0, 5)).toEqual([
      'local 10.0.0.1 dev d0 proto kernel scope host src 10.0.0.1',
      'local 10.0.0.2 dev d0 proto kernel scope host src 10.0.0.1',
      'local 10.0.0.3 dev d0 proto kernel scope host src 10.0.0.3',
      'broadcast 10.0.0.127 dev d0 proto kernel scope link src 10.0.0.3',
      'broadcast 10.0.0.255 dev d0 proto kernel scope link src 10.0.0.1',
    ]);
    expect(world.table(namespace, 255)).toContain('broadcast 192.168.2.200 dev d0 proto kernel scope link src 192.168.2.1');
  });

  test('a primary takes its secondaries with it', () => {
    const { world, namespace, d0, told, shown } = setup();
    openDevice(d0);
    for (const text of ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24', '10.1.0.1/24']) world.addAddress(d0, text);
    told.length = 0;
    world.deleteAddress(d0, '10.0.0.1/24');
    expect(told).toEqual(['delete 10.0.0.2 secondary', 'delete 10.0.0.3 secondary', 'delete 10.0.0.1']);
    expect(shown(d0)).toEqual(['10.1.0.1/24']);
    expect(world.table(namespace)).toEqual(['10.1.0.0/24 dev d0 proto kernel scope link src 10.1.0.1']);
    expect(world.table(namespace, 255)).toHaveLength(5);
    expect(() => world.deleteAddress(d0, '10.0.0.1/24')).toThrow('Cannot assign requested address');
  });

  test('with promote_secondaries the first of them takes its place', () => {
    const { world, namespace, d0, told, shown } = setup();
    openDevice(d0);
    d0.ipv4!.config.promoteSecondaries = 1;
    for (const text of ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24']) world.addAddress(d0, text);
    told.length = 0;
    world.deleteAddress(d0, '10.0.0.1/24');
    expect(told).toEqual(['delete 10.0.0.1', 'new 10.0.0.2']);
    expect(shown(d0)).toEqual(['10.0.0.2/24', '10.0.0.3/24 secondary']);
    expect(world.table(namespace)).toEqual(['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.2']);
    expect(world.table(namespace, 255).slice(0, 3)).toEqual([
      'local 10.0.0.2 dev d0 proto kernel scope host src 10.0.0.2',
      'local 10.0.0.3 dev d0 proto kernel scope host src 10.0.0.2',
      'broadcast 10.0.0.255 dev d0 proto kernel scope link src 10.0.0.2',
    ]);
  });

  test('a change of metric moves the route of the net', () => {
    const { world, namespace, d0 } = setup();
    openDevice(d0);
    world.addAddress(d0, '10.0.0.1/24');
    world.addAddress(d0, '10.0.0.1/24', { priority: 50 }, { replace: true });
    expect(world.table(namespace)).toEqual(['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1 metric 50']);
  });

  test('lifetimes run out: first deprecated, then gone', () => {
    const { world, namespace, d0, told, shown } = setup();
    openDevice(d0);
    world.addAddress(d0, '10.0.0.1/24', { validLifetime: 20, preferredLifetime: 10 });
    const [address] = ipv4Routes(namespace).addresses.of(d0);
    expect(address!.remaining(world.stack.nowUs)).toEqual({ valid: 20, preferred: 10 });
    world.advanceMs(9000);
    expect(address!.flags & IFA_F_DEPRECATED).toBe(0);
    expect(address!.remaining(world.stack.nowUs)).toEqual({ valid: 11, preferred: 1 });
    world.advanceMs(2000);
    expect(address!.flags & IFA_F_DEPRECATED).not.toBe(0);
    world.advanceMs(10_000);
    expect(shown(d0)).toEqual([]);
    expect(told).toEqual(['new 10.0.0.1', 'new 10.0.0.1', 'delete 10.0.0.1']);
  });

  test('routes that prefer an address as source go with it, and all of a device with the device', () => {
    const { world, namespace, d0, told } = setup();
    openDevice(d0);
    world.addAddress(d0, '10.0.0.1/24');
    world.addAddress(d0, '10.1.0.1/24');
    world.addRoute(namespace, '10.5.0.0/16', { dev: d0 }, { preferredSource: ip4('10.1.0.1') });
    world.addRoute(namespace, '10.6.0.0/16', { via: '10.0.0.9' });
    world.deleteAddress(d0, '10.1.0.1/24');
    expect(world.table(namespace)).toEqual(['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1', '10.6.0.0/16 via 10.0.0.9 dev d0']);
    unregisterDevice(d0);
    expect(told.at(-1)).toBe('delete 10.0.0.1');
    expect(world.table(namespace)).toEqual([]);
    expect(world.table(namespace, 255)).toEqual(LOOPBACK_ROUTES);
    expect(ipv4Routes(namespace).addresses.local.has(ip4('10.0.0.1'))).toBe(false);
  });

  test('a source address is of the net of the peer, else the first, else of lo', () => {
    const { world, namespace, d0 } = setup();
    const { addresses } = ipv4Routes(namespace);
    changeFlags(d0, d0.flags | 1);
    expect(addresses.select(d0, ip4('10.1.0.9'), 0)).toBe(0);
    world.addAddress(d0, '10.0.0.1/24');
    world.addAddress(d0, '10.1.0.1/24');
    expect(addresses.select(d0, ip4('10.1.0.9'), 0)).toBe(ip4('10.1.0.1'));
    expect(addresses.select(d0, ip4('8.8.8.8'), 0)).toBe(ip4('10.0.0.1'));
    expect(addresses.select(null, 0, 254)).toBe(ip4('127.0.0.1'));
  });
});
