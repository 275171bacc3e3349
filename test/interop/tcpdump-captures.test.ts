// Traffic of tunnels, VLANs, neighbours and connections, captured on a stack in this process: the real tcpdump and ours read it alike.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstance } from '../../src/library/index.js';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'tapstack-captures-'));

afterAll(() => rmSync(folder, { recursive: true }));

const world = `
  ip netns add left; ip netns add right
  ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
  ip -n left link set lo up; ip -n right link set lo up
  ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up
  ip -n right address add 10.0.0.2/24 dev r0; ip -n right link set r0 up
  ip -n left link add l0.5 link l0 type vlan id 5; ip -n left address add 10.5.0.1/24 dev l0.5; ip -n left link set l0.5 up
  ip -n right link add r0.5 link r0 type vlan id 5; ip -n right address add 10.5.0.2/24 dev r0.5; ip -n right link set r0.5 up
  ip -n left link add gre1 type gre local 10.0.0.1 remote 10.0.0.2 key 7; ip -n left address add 10.6.0.1/24 dev gre1; ip -n left link set gre1 up
  ip -n right link add gre1 type gre local 10.0.0.2 remote 10.0.0.1 key 7; ip -n right address add 10.6.0.2/24 dev gre1; ip -n right link set gre1 up
  ip -n left link add vx0 type vxlan id 9 remote 10.0.0.2 dev l0 dstport 4789; ip -n left address add 10.7.0.1/24 dev vx0; ip -n left link set vx0 up
  ip -n right link add vx0 type vxlan id 9 remote 10.0.0.1 dev r0 dstport 4789; ip -n right address add 10.7.0.2/24 dev vx0; ip -n right link set vx0 up
`;
const traffic = `
  ip netns exec left ping -c 2 10.0.0.2; ip netns exec left ping -c 2 10.5.0.2
  ip netns exec left ping -c 2 10.6.0.2; ip netns exec left ping -c 2 10.7.0.2
  ip netns exec left ping -c 1 -s 3000 10.0.0.2
  ip netns exec left ping -c 1 10.0.0.99
`;

async function capture(words: string): Promise<string> {
  const instance = await createInstance();
  expect((await instance.sh(world)).stderr).toBe('');
  const recorder = instance.start(`ip netns exec left tcpdump-lite ${words} -w /tmp/cap`);
  await instance.clock.advance(5000);
  await instance.sh(traffic);
  recorder.kill('SIGINT');
  await recorder.done;
  const file = join(folder, `${words.replace(/\W+/g, '-')}.pcap`);
  writeFileSync(file, await instance.files.read('/tmp/cap'));
  instance.close();
  return file;
}

const ours = (words: readonly string[]) => spawnSync('node', [join(root, 'bin', 'tcpdump-lite'), ...words], { encoding: 'latin1' });
const real = (words: readonly string[]) => spawnSync('tcpdump', words, { encoding: 'latin1' });

test.each(['-i l0', '-i any', '-i gre1'])(
  'a capture by %s',
  async (words) => {
    const file = await capture(words);
    for (const options of ['-n', '-nvve', '-nq', '-nttttAe', '-nS#xx', '-nvvvXX']) {
      const expected = real([options, '-r', file]);
      expect(expected.stdout.split('\n').length).toBeGreaterThan(3);
      expect(ours([options, '-r', file]).stdout).toBe(expected.stdout);
    }
    for (const filter of [
      'icmp',
      'arp or vlan 5',
      'host 10.0.0.2 and not udp',
      'ip[6:2] & 0x1fff != 0',
      'udp port 4789',
      'greater 200',
      'ip6',
    ])
      expect(ours(['-n', '-r', file, filter]).stdout).toBe(real(['-n', '-r', file, filter]).stdout);
  },
  120_000,
);
