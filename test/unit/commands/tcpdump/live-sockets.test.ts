// What -i asks of packet sockets, and what comes of it: an instance in this process, under virtual time.
import { openCapture } from '../../../../src/commands/tcpdump/capture/open.js';
import { END, MORE } from '../../../../src/commands/tcpdump/capture/reader.js';
import { createInstance, type ShellRun, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left link set l0 addrgenmode none; ip -n right link set r0 addrgenmode none
    ip -n left link set lo up; ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right link set r0 up
    ip netns exec left ping -c 1 10.0.0.2`);
  expect(stderr).toBe('');
});

afterEach(() => instance.close());

const ping = (words: string) => instance.sh(`ip netns exec left ping ${words} 10.0.0.2`);

/** tcpdump-lite in `left`, listening. */
async function listening(words: string): Promise<ShellRun> {
  const run = instance.start(`ip netns exec left tcpdump-lite -t -n ${words}`);
  await instance.clock.advance(50);
  return run;
}

async function interrupted(run: ShellRun): Promise<{ lines: readonly string[]; stderr: string }> {
  await instance.clock.advance(50);
  run.kill('SIGINT');
  const { stdout, stderr, status } = await run.done;
  expect(status).toBe(0);
  return { lines: stdout.split('\n').filter((line) => line !== ''), stderr };
}

/** "4 packets captured", "4 packets received by filter", "0 packets dropped by kernel" as numbers. */
const counts = (stderr: string) =>
  /(\d+) packets? captured\n(\d+) packets? received by filter\n(\d+) packets? dropped by kernel\n$/.exec(stderr)!.slice(1).map(Number);

interface Kept {
  readonly linkType: number;
  readonly snapshot: number;
  readonly packets: readonly { readonly length: number; readonly bytes: Buffer }[];
}

/** A file that -w wrote. */
async function written(path: string): Promise<Kept> {
  const reader = await openCapture(instance.files.chunks(path), path, false);
  const packets: { length: number; bytes: Buffer }[] = [];
  for (;;) {
    const next = reader.next();
    if (next === END) return { linkType: reader.linkType, snapshot: reader.snapshot, packets };
    if (next === MORE) await reader.fill();
    else packets.push({ length: reader.length, bytes: Buffer.from(reader.bytes.slice(reader.start, reader.end)) });
  }
}

test('any writes cooked headers of the second form: protocol, device, its type, direction and address', async () => {
  const run = await listening('-i any -w /tmp/any icmp');
  await ping('-c 1');
  const { stderr } = await interrupted(run);
  expect(stderr).toContain('tcpdump: data link type LINUX_SLL2\n');
  expect(stderr).toContain('listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes\n');
  const { linkType, packets } = await written('/tmp/any');
  expect(linkType).toBe(276);
  const index = Number(/^(\d+): l0/.exec((await instance.sh('ip -n left -o link show l0')).stdout)![1]);
  const mac = (device: string, namespace: string) =>
    instance
      .sh(`ip -n ${namespace} -o link show ${device}`)
      .then(({ stdout }) => /ether ([0-9a-f:]+)/.exec(stdout)![1]!.replaceAll(':', ''));
  const header = (direction: string, address: string) => `08000000${index.toString(16).padStart(8, '0')}0001${direction}06${address}0000`;
  expect(packets.map(({ bytes }) => bytes.toString('hex', 0, 20))).toEqual([
    header('04', await mac('l0', 'left')),
    header('00', await mac('r0', 'right')),
  ]);
  expect(packets.map(({ bytes, length }) => [bytes.length, length])).toEqual([
    [104, 104],
    [104, 104],
  ]);
});

test.each([
  ['in', ['10.0.0.2 > 10.0.0.1: ICMP echo reply']],
  ['out', ['10.0.0.1 > 10.0.0.2: ICMP echo request']],
  ['inout', ['10.0.0.1 > 10.0.0.2: ICMP echo request', '10.0.0.2 > 10.0.0.1: ICMP echo reply']],
])('-Q %s takes the packets of that direction, of a device and of any', async (direction, expected) => {
  const runs = [await listening(`-i l0 -Q ${direction} icmp`), await listening(`-i any -Q ${direction} icmp`)];
  await ping('-c 1');
  for (const run of runs) {
    const { lines } = await interrupted(run);
    expect(lines.map((line) => /IP (.*), id/.exec(line)?.[1])).toEqual(expected);
  }
});

test('captures side by side see each packet, each through its own filter and as much of it as it asked for', async () => {
  const all = await listening('-i l0 -w /tmp/all icmp');
  const requests = await listening('-i l0 -s 60 -w /tmp/requests icmp[0]==8');
  const none = await listening('-i l0 udp');
  await ping('-c 3');
  expect(counts((await interrupted(all)).stderr)).toEqual([6, 6, 0]);
  expect(counts((await interrupted(requests)).stderr)).toEqual([3, 3, 0]);
  expect(counts((await interrupted(none)).stderr)).toEqual([0, 0, 0]);
  const whole = await written('/tmp/all');
  const cut = await written('/tmp/requests');
  expect(cut.snapshot).toBe(60);
  expect(cut.packets.map(({ bytes, length }) => [bytes.length, length])).toEqual(Array(3).fill([60, 98]));
  expect(cut.packets[0]!.bytes).toEqual(whole.packets[0]!.bytes.subarray(0, 60));
});

test('what a full buffer has no room for is counted as dropped, and the packets go their way', async () => {
  const run = await listening('-i l0 -B 4 -w /tmp/ring icmp');
  // 14 fragments each way, each way at once.
  const { stdout } = await ping('-c 1 -s 20000');
  expect(stdout).toContain('1 packets transmitted, 1 received, 0% packet loss');
  const [captured = 0, received, dropped = 0] = counts((await interrupted(run)).stderr);
  expect(captured).toBeGreaterThan(0);
  expect(dropped).toBeGreaterThan(0);
  expect(received).toBe(28);
  expect(captured + dropped).toBe(28);
  expect((await written('/tmp/ring')).packets).toHaveLength(captured);
});

test('nlmon shows the netlink messages of its namespace behind cooked headers', async () => {
  await instance.sh('ip -n left link add nlmon0 type nlmon; ip -n left link set nlmon0 up');
  const run = await listening('-i nlmon0 -w /tmp/netlink');
  await instance.sh('ip -n left link show dev l0');
  const { stderr } = await interrupted(run);
  expect(stderr).toContain('listening on nlmon0, link-type NETLINK (Linux netlink), snapshot length 262144 bytes\n');
  const { linkType, packets } = await written('/tmp/netlink');
  expect(linkType).toBe(253);
  const RTM_NEWLINK = 16;
  const RTM_GETLINK = 18;
  // PACKET_OUTGOING, as Linux's dev_queue_xmit_nit() says of all that is sent; ARPHRD_NETLINK; the protocol, NETLINK_ROUTE; behind it the message's length and type.
  const messages = packets
    .filter(({ bytes }) => bytes.readUInt16BE(14) === 0)
    .map(({ bytes }) => [bytes.readUInt16BE(0), bytes.readUInt16BE(2), bytes.readUInt16LE(20)]);
  expect(messages).toContainEqual([4, 824, RTM_GETLINK]);
  expect(messages).toContainEqual([4, 824, RTM_NEWLINK]);
});

test('SIGUSR1 tells the counts so far in one line, and the capture goes on', async () => {
  const run = await listening('-i l0 icmp');
  await ping('-c 1');
  await instance.clock.advance(50);
  run.kill('SIGUSR1');
  await ping('-c 2');
  const { lines, stderr } = await interrupted(run);
  expect(lines).toHaveLength(6);
  expect(stderr).toContain(
    '\ntcpdump: 2 packets captured, 2 packets received by filter, 0 packets dropped by kernel\n6 packets captured\n',
  );
  expect(counts(stderr)).toEqual([6, 6, 0]);
});

test('a device that goes down ends the capture with an error', async () => {
  const run = await listening('-i l0 icmp');
  await instance.sh('ip -n left link delete l0');
  const { stderr, status } = await run.done;
  expect(stderr).toContain('tcpdump: pcap_loop: The interface disappeared\n');
  expect(status).toBe(1);
});
