import { IFA_F_TEMPORARY } from '../../../../src/netlink/rtnl/constants.js';
import { checksum } from '../../../../src/wire/checksum.js';
import { addressToBytes, pseudoHeaderSum } from '../../../../src/wire/ipv6.js';
import { formatIpv6 } from '../../../../src/wire/ipv6-address.js';
import { bytesOf, icmpTypes, ip6, World6 } from './world.js';

const ROUTER = 'fe80::1';
const ALL_NODES = 'ff02::1';

const option = (...bytes: number[]) => bytes;
const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const prefixOption = (prefix: string, valid: number, preferred: number) =>
  option(3, 4, 64, 0xc0, ...u32(valid), ...u32(preferred), 0, 0, 0, 0, ...bytesOf(ip6(prefix)));
const mtuOption = (mtu: number) => option(5, 1, 0, 0, ...u32(mtu));
const sourceOption = option(1, 1, 2, 0, 0, 0, 0, 0x99);

/** A router advertisement from fe80::1 to all nodes. */
function advertisement(lifetime: number, preference: number, ...options: number[][]): Uint8Array {
  const body = [134, 0, 0, 0, 32, preference << 3, lifetime >>> 8, lifetime & 255, ...u32(0), ...u32(0), ...options.flat()];
  const packet = new Uint8Array(40 + body.length);
  packet.set([0x60, 0, 0, 0, body.length >>> 8, body.length & 255, 58, 255, ...bytesOf(ip6(ROUTER)), ...bytesOf(ip6(ALL_NODES))]);
  packet.set(body, 40);
  const view = new DataView(packet.buffer);
  view.setUint16(42, checksum(view, 40, body.length, pseudoHeaderSum(ip6(ROUTER), ip6(ALL_NODES), 58, body.length)));
  return packet;
}

function host() {
  const world = new World6();
  const namespace = world.namespace();
  const [device] = world.cable(namespace, world.namespace());
  world.advanceMs(4000);
  const addresses = () => device.ipv6!.addresses.map((held) => formatIpv6(addressToBytes(held.address)));
  const router = () => namespace.ipv6.fib.routes(254).find(({ prefixLength }) => prefixLength === 0);
  return { world, namespace, device, addresses, router };
}

test('a host asks for routers once its link-local address stands, again and again until one answers', () => {
  const world = new World6();
  const [device] = world.cable(world.namespace(), world.namespace());
  const sent = world.capture(device, true);
  world.advanceMs(30_000);
  const asked = icmpTypes(sent).filter((type) => type === 133).length;
  expect(asked).toBeGreaterThanOrEqual(3);
  world.inject(device, advertisement(1800, 0));
  sent.length = 0;
  world.advanceMs(120_000);
  expect(icmpTypes(sent).filter((type) => type === 133)).toEqual([]);
});

test('an advertisement brings a default router, a prefix route, an address and an MTU', () => {
  const { world, namespace, device, addresses, router } = host();
  world.inject(device, advertisement(1800, 1, sourceOption, prefixOption('2001:db8:1::', 86_400, 14_400), mtuOption(1400)));
  world.advanceMs(3000);
  const made = addresses().find((address) => address.startsWith('2001:db8:1:'))!;
  expect(namespace.ipv6.addresses.isLocal(ip6(made), device)).toBe(true);
  expect(router()).toMatchObject({ metric: 1024, protocol: 9 });
  expect(formatIpv6(addressToBytes(router()!.gateway!))).toBe(ROUTER);
  expect(device.ipv6!.mtu).toBe(1400);
  const prefix = namespace.ipv6.fib
    .routes(254)
    .find(({ prefixLength, destination }) => prefixLength === 64 && destination[0] === 0x20010db8);
  expect(prefix).toMatchObject({ metric: 256, protocol: 2 });
  expect(prefix!.expiresUs).toBeGreaterThan(0);
});

test('a router that says it is one no more is forgotten, and lifetimes end by themselves', () => {
  const { world, device, addresses, router } = host();
  world.inject(device, advertisement(1800, 0, prefixOption('2001:db8:1::', 100, 50)));
  world.advanceMs(3000);
  world.inject(device, advertisement(0, 0));
  expect(router()).toBeUndefined();
  expect(addresses().some((address) => address.startsWith('2001:db8:1:'))).toBe(true);
  world.advanceMs(110_000);
  expect(addresses().some((address) => address.startsWith('2001:db8:1:'))).toBe(false);
});

test('with a token the address ends in it; with use_tempaddr a temporary one comes beside it', () => {
  const { world, namespace, device, addresses } = host();
  namespace.ipv6.addresses.routers.setToken(device.ipv6!, ip6('::42'));
  device.ipv6!.config.useTempaddr = 2;
  world.inject(device, advertisement(1800, 0, prefixOption('2001:db8:1::', 86_400, 43_200)));
  world.advanceMs(3000);
  expect(addresses()).toContain('2001:db8:1::42');
  const temporary = device.ipv6!.addresses.filter(({ flags }) => (flags & IFA_F_TEMPORARY) !== 0);
  expect(temporary).toHaveLength(1);
  // RFC 6724, rule 7: and is preferred.
  const source = new Uint32Array(4);
  expect(namespace.ipv6.addresses.select(device, ip6('2001:db8:2::1'), source)).toBe(true);
  expect([...source]).toEqual([...temporary[0]!.address]);
});

test('a router does not listen to others', () => {
  const { world, device, router } = host();
  device.ipv6!.config.forwarding = 1;
  world.inject(device, advertisement(1800, 0, prefixOption('2001:db8:1::', 86_400, 14_400)));
  expect(router()).toBeUndefined();
});
