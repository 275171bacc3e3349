import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** Hosts h1.. with 10.0.0.N, each by a cable p1.. to the bridge br0 of the initial namespace. */
async function hosts(count: number, bridge = ''): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  let script = `ip link add br0 address 02:00:00:00:00:ff type bridge ${bridge}; ip link set br0 up\n`;
  for (let n = 1; n <= count; n++)
    script += `ip netns add h${n}; ip link add p${n} type veth peer name eth0 netns h${n} address 02:00:00:00:00:0${n}
      ip link set p${n} up master br0; ip -n h${n} address add 10.0.0.${n}/24 dev eth0; ip -n h${n} link set eth0 up\n`;
  const { stderr } = await instance.sh(script);
  expect(stderr).toBe('');
  return instance;
}

const pings = async (instance: TapstackInstance, from: string, to: string): Promise<boolean> =>
  (await instance.sh(`ip netns exec ${from} ping -c1 -W1 ${to}`)).status === 0;

/** Frames for 02:00:00:00:00:0N that a device saw. */
const unicasts = (frames: readonly { bytes: Uint8Array }[], n: number) =>
  frames.filter(({ bytes }) => bytes[0] === 2 && bytes[5] === n).length;

test('three hosts reach each other, and the host itself by the address of the bridge', async () => {
  const instance = await hosts(3);
  await instance.sh('ip address add 10.0.0.254/24 dev br0');
  expect(await pings(instance, 'h1', '10.0.0.2')).toBe(true);
  expect(await pings(instance, 'h2', '10.0.0.3')).toBe(true);
  expect(await pings(instance, 'h3', '10.0.0.254')).toBe(true);
  expect((await instance.sh('ping -c1 -W1 10.0.0.1')).status).toBe(0);
  instance.close();
});

test('what is for a known address leaves by its port alone; once forgotten it goes everywhere', async () => {
  const instance = await hosts(3, 'ageing_time 1000');
  await pings(instance, 'h1', '10.0.0.2');
  const bystander = instance.capture(instance.device('p3'));
  await pings(instance, 'h1', '10.0.0.2');
  expect(unicasts(bystander.frames, 2)).toBe(0);
  // Ten seconds later nobody knows where host 2 is; host 1 still has its address.
  await instance.clock.advance(15_000);
  await pings(instance, 'h1', '10.0.0.2');
  expect(unicasts(bystander.frames, 2)).toBeGreaterThan(0);
  instance.close();
});

test('isolated ports do not see each other; a port without flooding gets nothing unknown; a hairpin sends back', async () => {
  const instance = await hosts(3);
  await instance.sh('ip link set p1 type bridge_slave isolated on; ip link set p2 type bridge_slave isolated on');
  expect(await pings(instance, 'h1', '10.0.0.2')).toBe(false);
  expect(await pings(instance, 'h1', '10.0.0.3')).toBe(true);
  await instance.sh(
    'ip link set p3 type bridge_slave bcast_flood off; ip -n h1 neigh flush all; ip link set p3 type bridge_slave learning off fdb_flush',
  );
  expect(await pings(instance, 'h1', '10.0.0.3')).toBe(false);
  const back = instance.capture(instance.device('p1'));
  await instance.sh('ip link set p1 type bridge_slave hairpin on isolated off; ip -n h1 neigh flush all');
  await pings(instance, 'h1', '10.0.0.77');
  expect(back.frames.filter(({ outgoing, bytes }) => outgoing && bytes[12] === 8 && bytes[13] === 6).length).toBeGreaterThan(0);
  instance.close();
});

test('a port that is taken out is a device of its own again, and the bridge without ports has no carrier', async () => {
  const instance = await hosts(2);
  expect(instance.device('br0').carrier).toBe(true);
  await instance.sh('ip link set p1 nomaster');
  expect(await pings(instance, 'h1', '10.0.0.2')).toBe(false);
  expect(instance.device('p1').promiscuity).toBe(0);
  expect((await instance.sh('ip link del p2; ip link show br0')).stdout).toContain('NO-CARRIER');
  await instance.sh('ip link set p1 master br0; ip link del br0');
  expect(instance.device('p1').master).toBe(null);
  instance.close();
});
