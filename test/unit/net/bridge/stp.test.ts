import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** Three bridges in a ring, a host at the first and one at the third. */
async function ring(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add b1; ip netns add b2; ip netns add b3; ip netns add h1; ip netns add h3
    ip -n b1 link add br0 address 02:00:00:00:01:00 type bridge stp_state 1 forward_delay 400
    ip -n b2 link add br0 address 02:00:00:00:02:00 type bridge stp_state 1 forward_delay 400
    ip -n b3 link add br0 address 02:00:00:00:03:00 type bridge stp_state 1 forward_delay 400
    ip link add a12 netns b1 type veth peer name a21 netns b2
    ip link add a23 netns b2 type veth peer name a32 netns b3
    ip link add a31 netns b3 type veth peer name a13 netns b1
    ip link add x1 netns b1 type veth peer name eth0 netns h1
    ip link add x3 netns b3 type veth peer name eth0 netns h3
    ip -n b1 link set a12 up master br0; ip -n b1 link set a13 up master br0; ip -n b1 link set x1 up master br0
    ip -n b2 link set a21 up master br0; ip -n b2 link set a23 up master br0
    ip -n b3 link set a32 up master br0; ip -n b3 link set a31 up master br0; ip -n b3 link set x3 up master br0
    ip -n b1 link set br0 up; ip -n b2 link set br0 up; ip -n b3 link set br0 up
    ip -n h1 address add 10.0.0.1/24 dev eth0; ip -n h1 link set eth0 up
    ip -n h3 address add 10.0.0.3/24 dev eth0; ip -n h3 link set eth0 up`);
  expect(stderr).toBe('');
  return instance;
}

const states = async (instance: TapstackInstance): Promise<Record<string, string>> => {
  const all: Record<string, string> = {};
  for (const [space, names] of [
    ['b1', ['a12', 'a13', 'x1']],
    ['b2', ['a21', 'a23']],
    ['b3', ['a32', 'a31', 'x3']],
  ] as const)
    for (const name of names) {
      const { stdout } = await instance.sh(`ip -n ${space} -d link show ${name}`);
      all[name] = /bridge_slave state (\w+)/.exec(stdout)?.[1] ?? 'none';
    }
  return all;
};
const pings = async (instance: TapstackInstance) => (await instance.sh('ip netns exec h1 ping -c1 -W1 10.0.0.3')).status === 0;

test('three bridges in a ring converge to a tree: the least identifier is the root, one port of the ring is blocked', async () => {
  const instance = await ring();
  // Listening and learning, four seconds each: nothing passes before.
  await instance.clock.advance(2000);
  expect(await pings(instance)).toBe(false);
  await instance.clock.advance(8000);
  expect(await states(instance)).toEqual({
    a12: 'forwarding',
    a13: 'forwarding',
    x1: 'forwarding',
    a21: 'forwarding',
    a23: 'forwarding',
    a32: 'blocking',
    a31: 'forwarding',
    x3: 'forwarding',
  });
  expect(await pings(instance)).toBe(true);
  const { stdout } = await instance.sh('ip -n b3 -d link show br0');
  expect(stdout).toContain('designated_root 8000.2:0:0:0:1:0 root_port 2 root_path_cost 2');
  instance.close();
});

test('when a cable of the tree breaks, the blocked port takes over; when it is mended, it is blocked again', async () => {
  const instance = await ring();
  await instance.clock.advance(12_000);
  await instance.sh('ip -n b1 link set a13 down');
  await instance.clock.advance(30_000);
  expect(await states(instance)).toMatchObject({ a32: 'forwarding', a31: 'disabled' });
  expect(await pings(instance)).toBe(true);
  await instance.sh('ip -n b1 link set a13 up');
  await instance.clock.advance(12_000);
  expect(await states(instance)).toMatchObject({ a32: 'blocking', a31: 'forwarding' });
  expect(await pings(instance)).toBe(true);
  instance.close();
});

test('a broadcast in a ring of bridges without STP would go round for ever; with STP each host gets it once', async () => {
  const instance = await ring();
  await instance.clock.advance(12_000);
  const seen = instance.capture(instance.device('eth0', 'h3'));
  await instance.sh('ip netns exec h1 ping -c1 -W1 10.0.0.99');
  const questions = seen.frames.filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 6);
  // ARP asks three times, a second apart.
  expect(questions.length).toBeLessThanOrEqual(3);
  expect(questions.length).toBeGreaterThan(0);
  instance.close();
});

test('a configuration message is laid out as IEEE 802.1D 9.3.1 has it', async () => {
  const instance = await createInstance({ debugPool: true });
  await instance.sh(`ip link add v0 address 02:00:00:00:00:01 type veth peer name v1
    ip link add br0 address 02:00:00:00:00:aa type bridge stp_state 1; ip link set v0 up master br0; ip link set v1 up; ip link set br0 up`);
  const wire = instance.capture(instance.device('v1'));
  await instance.clock.advance(2100);
  expect(wire.frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))[0]).toBe(
    // group of bridges, source, length 38, LLC
    '0180c2000000' +
      '020000000001' +
      '0026' +
      '424203' +
      // protocol 0, version 0, type 0, flags 0 | root 8000.aa, cost 0 | bridge 8000.aa, port 8001
      '0000' +
      '00' +
      '00' +
      '00' +
      '80000200000000aa' +
      '00000000' +
      '80000200000000aa' +
      '8001' +
      // message age 0, max age 20 s, hello 2 s, forward delay 15 s
      '0000' +
      '1400' +
      '0200' +
      '0f00',
  );
  instance.close();
});

test('BPDU guard disables a port that hears a bridge; a root block keeps the better one from being the root', async () => {
  const instance = await ring();
  await instance.sh('ip -n b3 link set a31 type bridge_slave guard on; ip -n b2 link set a21 type bridge_slave root_block on');
  await instance.clock.advance(60_000);
  const now = await states(instance);
  expect(now.a31).toBe('disabled');
  expect(now.a21).toBe('listening');
  instance.close();
});
