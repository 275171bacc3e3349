import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy');
});

afterEach(() => instance.close());

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};
const inet = (name: string) =>
  `inet ${name} forwarding off rp_filter off mc_forwarding off proxy_neigh off ignore_routes_with_linkdown off \n`;
const inet6 = (name: string) => `inet6 ${name} forwarding off mc_forwarding off proxy_neigh off ignore_routes_with_linkdown off \n`;
const names = ['lo', 'd0', 'all', 'default'];

test('both families are shown, devices first', async () => {
  expect(await run('ip netconf')).toBe(`${[...names.map(inet), ...names.map(inet6)].join('')}0`);
  expect(await run('ip -6 netconf list')).toBe(`${names.map(inet6).join('')}0`);
  expect(await run('ip -0 netconf')).toBe('0');
});

test('one device is shown, words that are not known are passed over', async () => {
  expect(await run('ip netconf show foo dev d0 bar')).toBe(`${inet('d0')}${inet6('d0')}0`);
  expect(await run('ip -4 netconf show dev d0')).toBe(`${inet('d0')}0`);
  expect(await run('ip netconf show dev all')).toBe('Device "all" does not exist.\n1');
  expect(await run('ip netconf foo')).toBe('Command "foo" is unknown, try "ip netconf help".\n255');
});

test('a device without IPv6 has no settings of IPv6, and that is no error', async () => {
  await instance.sh('ip link set d0 mtu 1000');
  expect(await run('ip -6 netconf show dev d0')).toBe('0');
  expect(await run('ip netconf show dev d0')).toBe(`${inet('d0')}0`);
});

test('what sysctl changes is shown, a mode without a name as its number', async () => {
  await instance.sh('sysctl -qw net.ipv4.conf.d0.rp_filter=2 net.ipv4.conf.d0.proxy_arp=1');
  expect(await run('ip -4 netconf show dev d0')).toContain('rp_filter loose mc_forwarding off proxy_neigh on');
  await instance.sh('sysctl -qw net.ipv4.conf.d0.rp_filter=3');
  const [, shown] = JSON.parse((await instance.sh('ip -j netconf')).stdout) as Record<string, unknown>[];
  expect(shown).toEqual({
    family: 'inet',
    interface: 'd0',
    forwarding: false,
    rp_filter: 3,
    mc_forwarding: false,
    proxy_neigh: true,
    ignore_routes_with_linkdown: false,
  });
});
