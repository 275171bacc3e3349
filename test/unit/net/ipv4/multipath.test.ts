import { createInstance } from '../../../../src/library/index.js';
import { Flow } from '../../../../src/net/core/flow.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { openDevice } from '../../../../src/net/core/device-state.js';
import { ip4, RoutedWorld } from '../routed-world.js';

function setup() {
  const world = new RoutedWorld();
  const namespace = world.namespace();
  const d0 = world.sink(namespace, 'd0');
  const d1 = world.sink(namespace, 'd1');
  world.addAddress(d0, '10.0.0.1/24');
  world.addAddress(d1, '10.1.0.1/24');
  openDevice(d0);
  openDevice(d1);
  return { world, namespace, d0, d1, routes: ipv4Routes(namespace) };
}

const flowOf = (values: Partial<Flow>) =>
  Object.assign(new Flow(), { source: ip4('10.0.0.1'), destination: ip4('9.9.9.9'), protocol: 6 }, values);

describe('several ways', () => {
  test('share flows by their weights', () => {
    const { world, namespace, d0, d1, routes } = setup();
    const way = (device: typeof d0, gateway: string, weight: number) => ({ oif: device.ifindex, gateway: ip4(gateway), weight, flags: 0 });
    routes.fib.insert(
      world.request(namespace, '9.0.0.0/8', {}, { scope: 0, multipath: true, nexthops: [way(d0, '10.0.0.2', 3), way(d1, '10.1.0.2', 1)] }),
      0x400,
    );
    let first = 0;
    for (let i = 0; i < 4000; i++) {
      const flow = flowOf({ destination: (ip4('9.0.0.0') + i * 257) >>> 0, source: 0 });
      if (routes.output(flow).device === d0) first++;
    }
    expect(first / 4000).toBeCloseTo(0.75, 1);
  });
});

test('a router spreads UDP flows of one pair of hosts only with the layer 4 hash policy, by the weights of the ways', async () => {
  const instance = await createInstance();
  const { stderr } = await instance.sh(`
    ip netns add c; ip netns add r; ip netns add s
    ip link add c0 netns c type veth peer name rc netns r
    ip link add r1 netns r type veth peer name s1 netns s; ip link add r2 netns r type veth peer name s2 netns s
    ip -n c addr add 10.0.0.2/24 dev c0; ip -n c link set c0 up; ip -n c route add default via 10.0.0.1
    ip -n r addr add 10.0.0.1/24 dev rc; ip -n r addr add 10.1.0.1/24 dev r1; ip -n r addr add 10.2.0.1/24 dev r2
    ip -n r link set rc up; ip -n r link set r1 up; ip -n r link set r2 up
    ip -n s addr add 10.1.0.2/24 dev s1; ip -n s addr add 10.2.0.2/24 dev s2; ip -n s link set s1 up; ip -n s link set s2 up
    ip -n s link set lo up; ip -n s addr add 9.9.9.9/32 dev lo
    ip -n r route add 9.9.9.9 nexthop via 10.1.0.2 weight 1 nexthop via 10.2.0.2 weight 3
    ip netns exec r sysctl -qw net.ipv4.ip_forward=1`);
  expect(stderr).toBe('');
  const sent = async (): Promise<[number, number]> => {
    const { stdout } = await instance.sh('ip -n r -j -s link');
    const links = JSON.parse(stdout) as { ifname: string; stats64: { tx: { packets: number } } }[];
    return [links.find((link) => link.ifname === 'r1')!.stats64.tx.packets, links.find((link) => link.ifname === 'r2')!.stats64.tx.packets];
  };
  const spread = async (): Promise<[number, number]> => {
    const before = await sent();
    // Connections that are refused: a SYN each, from ports that differ.
    for (let i = 0; i < 200; i++) {
      const socket = instance.netIn('c').connect(80, '9.9.9.9');
      socket.on('error', () => undefined);
      await instance.clock.advance(2);
      socket.destroy();
    }
    await instance.clock.advance(1000);
    const after = await sent();
    return [after[0] - before[0], after[1] - before[1]];
  };
  await spread();
  const oneWay = await spread();
  expect(Math.min(...oneWay)).toBeLessThan(5);
  await instance.sh('ip netns exec r sysctl -qw net.ipv4.fib_multipath_hash_policy=1');
  const [light, heavy] = await spread();
  expect(light / (light + heavy)).toBeGreaterThan(0.15);
  expect(light / (light + heavy)).toBeLessThan(0.35);
  instance.close();
});
