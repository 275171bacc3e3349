import type { TapstackInstance } from '../../../src/library/index.js';
import { framesOf, settled, sh, underlay } from './tunnel-world.js';

let instance: TapstackInstance;
const HOSTS = Array.from({ length: 16 }, (_, i) => `10.0.0.${10 + i}`);

/** Right is reached at two addresses; what left sends to right's MAC goes to the nexthop group 103. */
beforeEach(async () => {
  instance = await underlay();
  await sh(
    instance,
    `ip -n right address add 198.51.100.2/24 dev eth0
     ip -n left link add vx address 02:00:00:00:0a:01 type vxlan id 42 dstport 4789 nolearning
     ip -n right link add vx address 02:00:00:00:0a:02 type vxlan id 42 dstport 4789 nolearning
     ip -n left address add 10.0.0.1/24 dev vx; ip -n left link set vx up; ip -n right link set vx up
     ${HOSTS.map((host) => `ip -n right address add ${host}/24 dev vx; ip -n left neigh add ${host} lladdr 02:00:00:00:0a:02 dev vx`).join('\n')}
     ip -n right neigh add 10.0.0.1 lladdr 02:00:00:00:0a:01 dev vx; bridge -n right fdb add 02:00:00:00:0a:01 dev vx dst 192.0.2.1
     ip -n left nexthop add id 101 via 198.51.100.1 fdb; ip -n left nexthop add id 102 via 198.51.100.2 fdb
     ip -n left nexthop add id 103 group 101/102 fdb
     bridge -n left fdb add 02:00:00:00:0a:02 dev vx nhid 103`,
  );
});

afterEach(() => settled(instance));

/** The last byte of the outer destination of each frame, by the host inside that is asked. */
async function remotes(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const host of HOSTS) {
    const frames = await framesOf(instance, 'eth0', 'left', `ip netns exec left ping -c 1 ${host}`);
    for (const frame of frames.filter((frame) => frame[23] === 17)) found.set(host, frame[33]!);
  }
  return found;
}

describe('a forwarding entry that leads to a nexthop group', () => {
  test('shares flows out among the members, each flow always by the same', async () => {
    const first = await remotes();
    expect(new Set(first.values())).toEqual(new Set([1, 2]));
    expect(await remotes()).toEqual(first);
  });

  test('follows when the group gets other members', async () => {
    await sh(instance, 'ip -n left nexthop replace id 103 group 102 fdb');
    expect(new Set((await remotes()).values())).toEqual(new Set([2]));
    await sh(instance, 'ip -n left nexthop replace id 102 via 198.51.100.1 fdb');
    expect(new Set((await remotes()).values())).toEqual(new Set([1]));
  });

  test('goes with the group, as does a device that has one', async () => {
    expect(await sh(instance, 'bridge -n left fdb show dev vx')).toBe('02:00:00:00:0a:02 nhid 103 self permanent\n');
    await sh(instance, 'ip -n left nexthop del id 103');
    expect(await sh(instance, 'bridge -n left fdb show dev vx')).toBe('');
    await sh(
      instance,
      `ip -n left nexthop add id 103 group 101 fdb; bridge -n left fdb add 02:00:00:00:0a:02 dev vx nhid 103
       ip -n left link del vx; ip -n left nexthop del id 103`,
    );
  });
});
