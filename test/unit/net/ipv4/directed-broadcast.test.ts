import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

/** Hosts h1 (192.0.2.2), h2 (198.51.100.2) and h3 (198.51.200.2), each on a link of its own of router r, which has .1 there; all answer broadcasts. */
beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const host = (n: number, net: string) => `
    ip netns add h${n}; ip link add e0 netns h${n} type veth peer name r${n} netns r
    ip -n h${n} link set e0 up; ip -n h${n} addr add ${net}.2/24 dev e0; ip -n h${n} route add default via ${net}.1
    ip -n r link set r${n} up; ip -n r addr add ${net}.1/24 dev r${n}
    ip netns exec h${n} sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0`;
  const { stderr } = await instance.sh(`
    ip netns add r; ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_echo_ignore_broadcasts=0
    ${host(1, '192.0.2')}
    ${host(2, '198.51.100')}
    ${host(3, '198.51.200')}`);
  expect(stderr).toBe('');
});

afterEach(() => instance.close());

/** Who answers when `host` speaks to everybody at `address`; the host itself does not count. */
async function answers(host: string, address: string): Promise<string[]> {
  const { stdout } = await instance.sh(`ip netns exec ${host} ping -b -n -c1 -W1 -I e0 ${address}`);
  const own = host === 'h1' ? '192.0.2.2' : '198.51.100.2';
  return [...stdout.matchAll(/bytes from ([0-9.]+)/g)].map(([, from]) => from!).filter((from) => from !== own);
}

const r = (words: string) => instance.sh(`ip netns exec r ${words}`);
const forwards = () => r('sysctl -qw net.ipv4.conf.all.bc_forwarding=1 net.ipv4.conf.r1.bc_forwarding=1 net.ipv4.conf.r2.bc_forwarding=1');

test("a broadcast to a net beyond a router is the router's own", async () => {
  expect(await answers('h1', '198.51.100.255')).toEqual(['192.0.2.1']);
  expect(await answers('h1', '198.51.200.255')).toEqual(['192.0.2.1']);
  expect(await answers('h1', '192.0.2.255')).toEqual(['192.0.2.1']);
  expect(await answers('h2', '255.255.255.255')).toEqual(['198.51.100.1']);
});

test('with bc_forwarding it goes on to everybody there, and the router does not hear it', async () => {
  await forwards();
  expect(await answers('h1', '198.51.100.255')).toEqual(['198.51.100.2']);
  expect(await answers('h1', '198.51.200.255')).toEqual(['198.51.200.2']);
  expect(await answers('h2', '192.0.2.255')).toEqual(['192.0.2.2']);
  // RFC 1812 5.3.4: a frame to everybody is never sent on.
  expect(await answers('h1', '192.0.2.255')).toEqual([]);
  expect(await answers('h2', '255.255.255.255')).toEqual(['198.51.100.1']);
});

test('bc_forwarding is asked of conf.all and of the link that the packet comes in by; forwarding is not', async () => {
  await r('sysctl -qw net.ipv4.conf.r1.bc_forwarding=1');
  expect(await answers('h1', '198.51.100.255')).toEqual(['192.0.2.1']);
  await r('sysctl -qw net.ipv4.conf.all.bc_forwarding=1');
  expect(await answers('h1', '198.51.100.255')).toEqual(['198.51.100.2']);
  expect(await answers('h2', '192.0.2.255')).toEqual(['198.51.100.1']);
  await r('sysctl -qw net.ipv4.conf.r1.forwarding=0');
  expect(await answers('h1', '198.51.100.255')).toEqual(['198.51.100.2']);
});

test('the hop is counted, and what has none left is told of', async () => {
  await forwards();
  const { ipv4 } = instance.namespace('r');
  await instance.sh('ip netns exec h1 ping -b -q -c1 -W1 198.51.100.255');
  // The answer too.
  expect(ipv4.stats.forwDatagrams).toBe(2);
  expect([ipv4.stats.inBcastPkts, ipv4.stats.outBcastPkts]).toEqual([1, 1]);
  const { stdout } = await instance.sh('ip netns exec h1 ping -b -n -c1 -W1 -t1 198.51.100.255');
  expect(stdout).toContain('From 192.0.2.1 icmp_seq=1 Time to live exceeded');
});
