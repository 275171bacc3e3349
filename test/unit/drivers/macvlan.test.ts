import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { NO_IPV6, settled, sh } from './tunnel-world.js';

/** Two containers, each with a macvlan (02:..:05:00 and :01) of v0, and a host far behind v0's wire. */
async function containers(mode: string): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `${NO_IPV6}
     ip netns add n0; ip netns add n1; ip netns add far
     ip netns exec n0 ${NO_IPV6}; ip netns exec n1 ${NO_IPV6}; ip netns exec far ${NO_IPV6}
     ip link add v0 address 02:00:00:00:00:a0 type veth peer name eth0 address 02:00:00:00:00:a1 netns far
     ip link set v0 up; ip -n far link set eth0 up; ip -n far address add 10.0.0.9/24 dev eth0
     ip link add m0 link v0 address 02:00:00:00:05:00 type macvlan mode ${mode}
     ip link add m1 link v0 address 02:00:00:00:05:01 type macvlan mode ${mode}
     ip link set m0 netns n0; ip link set m1 netns n1
     ip -n n0 address add 10.0.0.10/24 dev m0; ip -n n0 link set m0 up
     ip -n n1 address add 10.0.0.11/24 dev m1; ip -n n1 link set m1 up
     ip address add 10.0.0.20/24 dev v0`,
  );
  return instance;
}

const reaches = async (instance: TapstackInstance, from: string, to: string) =>
  (await instance.sh(`ip netns exec ${from} ping -c1 -W1 ${to}`)).status === 0;

test.each([
  ['bridge', true],
  ['private', false],
  ['vepa', false],
])('in mode %s all speak to the world, siblings to each other: %s, and nobody to the device below', async (mode, siblings) => {
  const instance = await containers(mode);
  expect(await reaches(instance, 'n0', '10.0.0.9')).toBe(true);
  expect(await reaches(instance, 'far', '10.0.0.11')).toBe(true);
  expect(await reaches(instance, 'n0', '10.0.0.11')).toBe(siblings);
  expect(await reaches(instance, 'n0', '10.0.0.20')).toBe(false);
  await settled(instance);
});

test('in mode vepa siblings speak through a switch that sends frames back where they came from', async () => {
  const instance = await containers('vepa');
  await sh(
    instance,
    `ip -n far link add br0 type bridge; ip -n far link set br0 up; ip -n far link set eth0 master br0
     ip -n far link set eth0 type bridge_slave hairpin on`,
  );
  await instance.clock.advance(40_000);
  expect(await reaches(instance, 'n0', '10.0.0.11')).toBe(true);
  await settled(instance);
});

test('in mode bridge a frame between siblings does not leave by the wire', async () => {
  const instance = await containers('bridge');
  await reaches(instance, 'n0', '10.0.0.11');
  const capture = instance.capture(instance.device('v0'));
  expect(await reaches(instance, 'n0', '10.0.0.11')).toBe(true);
  capture.stop();
  expect(capture.frames.filter(({ outgoing }) => outgoing)).toEqual([]);
  await settled(instance);
});

test('a device of mode source has what its senders send, and with nodst has it alone', async () => {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `${NO_IPV6}; ip netns add far; ip netns exec far ${NO_IPV6}
     ip link add v0 address 02:00:00:00:00:a0 type veth peer name eth0 address 02:00:00:00:00:a1 netns far
     ip link set v0 up; ip address add 10.0.0.20/24 dev v0; ip -n far link set eth0 up; ip -n far address add 10.0.0.9/24 dev eth0
     ip link add s0 link v0 address 02:00:00:00:06:00 type macvlan mode source macaddr add 02:00:00:00:00:a1; ip link set s0 up`,
  );
  const received = async () => Number((await sh(instance, 'ip -s link show s0')).split('\n')[3]!.trim().split(/\s+/)[1]);
  expect(await reaches(instance, 'far', '10.0.0.20')).toBe(true);
  expect(await received()).toBe(2);
  await sh(instance, 'ip link set s0 type macvlan nodst; ip neigh flush dev v0');
  expect(await reaches(instance, 'far', '10.0.0.20')).toBe(false);
  await sh(instance, 'ip link set s0 type macvlan macaddr del 02:00:00:00:00:a1; ip -n far neigh flush dev eth0; ip neigh flush dev v0');
  expect(await reaches(instance, 'far', '10.0.0.20')).toBe(true);
  await settled(instance);
});

test('passthru: further addresses may be in its filter, in any VLAN, and are told of once; in other modes groups alone', async () => {
  const instance = await createInstance({ debugPool: true });
  await sh(instance, 'ip link add v0 type dummy; ip link add p0 link v0 type macvlan mode passthru; ip link set v0 up; ip link set p0 up');
  const monitor = instance.start('bridge monitor fdb');
  await instance.clock.advance(10);
  await sh(instance, 'bridge fdb add 00:11:22:33:44:55 vlan 1 dev p0 self');
  expect(await sh(instance, 'bridge fdb show dev p0')).toContain('00:11:22:33:44:55 self permanent');
  const again = await instance.sh('bridge fdb replace 00:11:22:33:44:55 dev p0 self');
  expect(again.stderr).toBe('RTNETLINK answers: Operation not supported\n');
  await sh(instance, 'bridge fdb del 00:11:22:33:44:55 vlan 1 dev p0 self');
  await instance.clock.advance(10);
  monitor.kill('SIGINT');
  const told = (await monitor.done).stdout.split('\n').filter((line) => line.includes('00:11:22:33:44:55'));
  expect(told).toEqual(['00:11:22:33:44:55 dev p0 vlan 1 self permanent', 'Deleted 00:11:22:33:44:55 dev p0 vlan 1 self permanent']);
  await sh(instance, 'ip link del p0; ip link add b0 link v0 type macvlan mode bridge; bridge fdb add 01:00:5e:00:00:77 dev b0 self');
  const unicast = await instance.sh('bridge fdb add 00:11:22:33:44:55 dev b0 self');
  expect(unicast.stderr).toBe('RTNETLINK answers: Operation not supported\n');
  instance.close();
});

test('passthru: the device below has one macvlan, its address is theirs, and all frames are the macvlan’s', async () => {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `${NO_IPV6}; ip netns add far; ip netns exec far ${NO_IPV6}
     ip link add v0 address 02:00:00:00:00:a0 type veth peer name eth0 address 02:00:00:00:00:a1 netns far
     ip link set v0 up; ip -n far link set eth0 up; ip -n far address add 10.0.0.9/24 dev eth0
     ip link add p0 link v0 type macvlan mode passthru; ip link set p0 up; ip address add 10.0.0.20/24 dev p0`,
  );
  expect(await reaches(instance, 'far', '10.0.0.20')).toBe(true);
  expect(await sh(instance, 'ip link show p0; ip -d link show v0')).toMatch(/02:00:00:00:00:a0.*02:00:00:00:00:a0 .*promiscuity 1 /s);
  await sh(instance, 'ip link set p0 address 02:00:00:00:00:b0');
  expect(await sh(instance, 'ip link show v0')).toContain('02:00:00:00:00:b0');
  expect((await instance.sh('ip link add p1 link v0 type macvlan')).stderr).toBe('RTNETLINK answers: Invalid argument\n');
  await settled(instance);
});

test.each([
  ['ip link add x type macvlan', 'Invalid argument'],
  ['ip link add x link lo type macvlan', 'Invalid argument'],
  ['ip link add x link v0 mtu 1600 type macvlan', 'Invalid argument'],
  ['ip link add x link v0 type macvlan mode passthru', 'Invalid argument'],
  ['ip link add x link v0 address 01:00:00:00:00:00 type macvlan', 'Cannot assign requested address'],
  ['ip link add x link v0 type macvlan mode bridge macaddr add 02:00:00:00:00:44', 'Invalid argument'],
  ['ip -n n0 link set m0 mtu 1501', 'Invalid argument'],
  ['ip -n n0 link set m0 address 02:00:00:00:05:01', 'Address already in use'],
  ['ip -n n0 link set m0 address 02:00:00:00:00:a0', 'Address already in use'],
  ['ip -n n0 link set m0 type macvlan mode passthru', 'Invalid argument'],
  ['ip link add br0 type bridge; ip link set v0 master br0', 'Device or resource busy'],
])('%s: %s', async (command, complaint) => {
  const instance = await containers('bridge');
  expect((await instance.sh(command)).stderr).toBe(`RTNETLINK answers: ${complaint}\n`);
  instance.close();
});

test('carrier, MTU and end of the device below are its own', async () => {
  const instance = await containers('bridge');
  await sh(instance, 'ip link set v0 mtu 1300');
  expect(await sh(instance, 'ip -n n0 link show m0')).toContain(' mtu 1300 ');
  await sh(instance, 'ip -n far link set eth0 down');
  expect(await sh(instance, 'ip -n n0 link show m0')).toContain('state LOWERLAYERDOWN');
  await sh(instance, 'ip link del v0');
  expect(await sh(instance, 'ip -n n0 link')).not.toContain('m0');
  await settled(instance);
});

test('its groups are in the list of the device below as long as it is up', async () => {
  const instance = await containers('bridge');
  const listed = async () => await sh(instance, 'ip maddr show dev v0');
  expect(await listed()).toContain('link  01:00:5e:00:00:01 users 3\n');
  await sh(instance, 'ip -n n0 link set m0 down; ip -n n1 link set m1 down');
  expect(await listed()).toContain('link  01:00:5e:00:00:01\n');
  await settled(instance);
});

test('a macvtap and an ipvtap that no program has opened are a macvlan and an ipvlan', async () => {
  const instance = await createInstance();
  await sh(
    instance,
    'ip link add d0 type dummy; ip link add d1 type dummy; ip link add t0 link d0 type macvtap mode bridge; ip link add t1 link d1 type ipvtap',
  );
  expect(await sh(instance, 'ip -d link show t0')).toMatch(/qlen 500\n.*\n {4}macvtap mode bridge bcqueuelen 1000/);
  expect(await sh(instance, 'ip -d link show t1')).toMatch(/qlen 500\n.*\n {4}ipvtap {2}mode l3 bridge/);
  instance.close();
});

test.each(['macvlan', 'ipvlan'])('a %s that is refused leaves its device free', async (kind) => {
  const instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy; ip link add br0 type bridge');
  const { stderr } = await instance.sh(`ip link add link d0 name m0 mtu 20 type ${kind}`);
  expect(stderr).toBe('Error: mtu less than device minimum.\n');
  expect(await instance.sh('ip link set d0 master br0')).toMatchObject({ status: 0, stderr: '' });
  instance.close();
});
