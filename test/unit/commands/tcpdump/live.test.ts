// -i on the stack's devices: an instance in this process, under virtual time.
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left link set l0 addrgenmode none; ip -n right link set r0 addrgenmode none
    ip -n left link set lo up; ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right link set r0 up`);
  expect(stderr).toBe('');
});

afterEach(() => instance.close());

/** What tcpdump-lite with these words says in `left` while `script` runs. */
async function captured(words: string, script: string): Promise<{ stdout: string; stderr: string; status: number }> {
  const capture = instance.start(`ip netns exec left tcpdump-lite -t -n ${words}`);
  await instance.clock.advance(50);
  await instance.sh(script);
  await instance.clock.advance(50);
  capture.kill('SIGINT');
  return capture.done;
}

const ping = 'ip netns exec left ping -c 2 -i 1 10.0.0.2';

test('packets of a device are printed as they go, both ways, and counted at the end', async () => {
  const { stdout, stderr, status } = await captured('-i l0 icmp', ping);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request, id \d+, seq 1, length 64$/),
    expect.stringMatching(/^IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply, id \d+, seq 1, length 64$/),
    expect.stringMatching(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request, id \d+, seq 2, length 64$/),
    expect.stringMatching(/^IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply, id \d+, seq 2, length 64$/),
  ]);
  expect(stderr).toContain('listening on l0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n');
  expect(stderr).toContain('4 packets captured\n4 packets received by filter\n0 packets dropped by kernel\n');
  expect(status).toBe(0);
});

test('any shows which device a packet came by, and which way', async () => {
  const { stdout } = await captured('-i any icmp', `${ping}; ip netns exec left ping -c 1 127.0.0.1`);
  expect(stdout).toMatch(/^l0 {4}Out IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/m);
  expect(stdout).toMatch(/^l0 {4}In {2}IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply/m);
  expect(stdout).toMatch(/^lo {4}In {2}IP 127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo request/m);
});

test('a direction, a count and a snapshot length limit what is taken', async () => {
  const { stdout, stderr } = await captured('-i l0 -Q in -c 1 -s 30 icmp', ping);
  expect(stdout).toMatch(/^IP .*\[\|ip\]\n$/);
  expect(stderr).toContain('1 packet captured\n');
});

test('what is written live reads back the same', async () => {
  await captured('-i l0 -w /tmp/cap', ping);
  const { stdout } = await instance.sh('tcpdump-lite -t -n -r /tmp/cap icmp');
  expect(stdout.split('\n').filter((line) => line.includes('echo'))).toHaveLength(4);
});

test('a device that is not there is an error', async () => {
  const { stderr, status } = await instance.sh('tcpdump-lite -i nowhere0');
  expect(stderr).toContain('tcpdump: nowhere0: No such device exists\n');
  expect(status).toBe(1);
});
