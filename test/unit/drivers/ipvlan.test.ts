import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { NO_IPV6, settled, sh } from './tunnel-world.js';

/** Two containers, each with an ipvlan of v0 (10.0.0.10 and .11), and a host behind v0's wire that knows where they are. */
async function containers(words: string): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `${NO_IPV6}
     ip netns add n0; ip netns add n1; ip netns add far
     ip netns exec n0 ${NO_IPV6}; ip netns exec n1 ${NO_IPV6}; ip netns exec far ${NO_IPV6}
     ip link add v0 address 02:00:00:00:00:a0 type veth peer name eth0 address 02:00:00:00:00:a1 netns far
     ip link set v0 up; ip -n far link set eth0 up; ip -n far address add 10.0.0.9/24 dev eth0
     ip link add i0 link v0 type ipvlan ${words}; ip link add i1 link v0 type ipvlan ${words}
     ip link set i0 netns n0; ip link set i1 netns n1
     ip -n n0 address add 10.0.0.10/24 dev i0; ip -n n0 link set i0 up
     ip -n n1 address add 10.0.0.11/24 dev i1; ip -n n1 link set i1 up
     ip address add 10.0.0.20/24 dev v0`,
  );
  if (!words.includes('l2'))
    await sh(
      instance,
      'ip -n far neigh add 10.0.0.10 lladdr 02:00:00:00:00:a0 dev eth0; ip -n far neigh add 10.0.0.11 lladdr 02:00:00:00:00:a0 dev eth0',
    );
  return instance;
}

const reaches = async (instance: TapstackInstance, from: string, to: string) =>
  (await instance.sh(`ip netns exec ${from} ping -c1 -W1 ${to}`)).status === 0;

test.each([
  ['mode l2', true],
  ['mode l3', true],
  ['mode l3s', true],
  ['mode l2 private', false],
  ['mode l3 private', false],
  ['mode l3 vepa', false],
])('with %s all speak to the world, siblings to each other: %s, and nobody to the device below', async (words, siblings) => {
  const instance = await containers(words);
  expect(await reaches(instance, 'n0', '10.0.0.9')).toBe(true);
  expect(await reaches(instance, 'far', '10.0.0.11')).toBe(true);
  expect(await reaches(instance, 'n0', '10.0.0.11')).toBe(siblings);
  expect(await reaches(instance, 'n0', '10.0.0.20')).toBe(false);
  await settled(instance);
});

test('in mode l2 it asks and answers by ARP, in mode l3 it does neither', async () => {
  const instance = await containers('mode l2');
  await reaches(instance, 'n0', '10.0.0.9');
  expect(await sh(instance, 'ip -n n0 neigh')).toContain('10.0.0.9 dev i0 lladdr 02:00:00:00:00:a1');
  expect(await sh(instance, 'ip -n far neigh')).toContain('10.0.0.10 dev eth0 lladdr 02:00:00:00:00:a0');
  await sh(instance, 'ip -n n0 link set i0 type ipvlan mode l3; ip -n far neigh flush dev eth0');
  expect(await sh(instance, 'ip -n n1 link show i1')).toContain('NOARP');
  expect(await reaches(instance, 'far', '10.0.0.10')).toBe(false);
  await settled(instance);
});

test('an address is one of its devices alone; the device below may have it', async () => {
  const instance = await containers('mode l2');
  const refused = 'Error: Address already assigned to an ipvlan device.\n';
  expect((await instance.sh('ip -n n1 address add 10.0.0.10/24 dev i1')).stderr).toBe(refused);
  await sh(
    instance,
    'ip netns exec n0 sysctl -qw net.ipv6.conf.i0.disable_ipv6=0; ip netns exec n1 sysctl -qw net.ipv6.conf.i1.disable_ipv6=0',
  );
  await sh(instance, 'ip -n n0 address add fd00::1/64 dev i0 nodad');
  expect((await instance.sh('ip -n n1 address add fd00::1/64 dev i1 nodad')).stderr).toBe(refused);
  await sh(
    instance,
    'ip address add 10.0.0.10/24 dev v0; ip -n n0 address del 10.0.0.10/24 dev i0; ip -n n1 address add 10.0.0.10/24 dev i1',
  );
  await settled(instance);
});

test('mode and flags are of all devices upon the same one, and the latest word counts', async () => {
  const instance = await containers('mode l3');
  await sh(instance, 'ip -n n0 link set i0 type ipvlan mode l3s vepa');
  expect(await sh(instance, 'ip -n n1 -d link show i1')).toContain('ipvlan  mode l3s vepa ');
  await settled(instance);
});

test('link-layer address, MTU and end of the device below are its own', async () => {
  const instance = await containers('mode l2');
  await sh(instance, 'ip link set v0 mtu 1300; ip link set v0 address 02:00:00:00:00:77');
  expect(await sh(instance, 'ip -n n0 link show i0')).toMatch(/mtu 1300 .*02:00:00:00:00:77 .*permaddr 02:00:00:00:00:a0/s);
  await sh(instance, 'ip link del v0');
  expect(await sh(instance, 'ip -n n0 link')).not.toContain('i0@');
  await settled(instance);
});

test('the link-local addresses of devices with one link-layer address differ', async () => {
  const instance = await createInstance();
  await sh(
    instance,
    `ip link add v0 address 02:00:00:00:00:a0 type veth peer name v1; ip link set v0 up; ip link set v1 up
     ip link add i0 link v0 type ipvlan mode l2; ip link add i1 link v0 type ipvlan mode l2; ip link set i0 up; ip link set i1 up`,
  );
  await instance.clock.advance(3000);
  expect(await sh(instance, 'ip -6 address show i0')).toContain('fe80::200:0:100:a0/64');
  expect(await sh(instance, 'ip -6 address show i1')).toContain('fe80::200:0:200:a0/64');
  instance.close();
});

test.each([
  ['ip link add x type ipvlan', 'RTNETLINK answers: Invalid argument\n'],
  ['ip link add x link lo type ipvlan', 'RTNETLINK answers: Invalid argument\n'],
  ['ip link add x link v0 type macvlan', 'RTNETLINK answers: Device or resource busy\n'],
  ['ip -n n0 link set i0 address 02:00:00:00:00:01', 'RTNETLINK answers: Operation not supported\n'],
  ['ip -n n0 link set i0 type ipvlan mode l4', 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n'],
])('%s', async (command, complaint) => {
  const instance = await containers('mode l2');
  expect((await instance.sh(command)).stderr).toBe(complaint);
  instance.close();
});
