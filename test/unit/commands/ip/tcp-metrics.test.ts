import { once } from 'node:events';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

/** A connection from `left` to `right` that carries something and ends in order. */
async function connectOnce(from = '10.0.0.1', to = '10.0.0.2'): Promise<void> {
  const server = instance.netIn('right').createServer((socket) => socket.resume().on('end', () => socket.end()));
  server.listen(80, to);
  await instance.time.awaiting(once(server, 'listening'));
  const socket = instance.netIn('left').connect({ port: 80, host: to, localAddress: from });
  await instance.time.awaiting(once(socket, 'connect'));
  socket.end('x'.repeat(3000));
  socket.resume();
  await instance.time.awaiting(once(socket, 'close'));
  server.close();
  await instance.time.awaiting(once(server, 'close'));
  await instance.clock.advance(100);
}

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 netns left type veth peer name r0 netns right
    ip -n left address add 10.0.0.1/24 dev l0; ip -n left address add 10.0.0.5/24 dev l0; ip -n left link set l0 up
    ip -n left address add fd00::1/64 dev l0 nodad
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right address add fd00::2/64 dev r0 nodad; ip -n right link set r0 up`);
  expect(stderr).toBe('');
});

afterEach(() => instance.close());

test('what a connection has learnt is shown until it is deleted', async () => {
  await connectOnce();
  const shown = /^10\.0\.0\.2 age \d\.\d{3}sec cwnd 10 rtt \d+us rttvar \d+us source 10\.0\.0\.1\n0$/;
  expect(await run('ip -n left tcp_metrics')).toMatch(shown);
  expect(await run('ip -n left tcp_metrics show 10.0.0.2')).toMatch(shown);
  expect(await run('ip -n left tcp_metrics show 10.0.0.0/24')).toMatch(shown);
  expect(await run('ip -n left tcp_metrics show 10.0.1.0/24')).toBe('0');
  expect(await run('ip -n left tcp_metrics show 10.0.0.9')).toBe('RTNETLINK answers: No such process\n2');
  const [entry] = JSON.parse((await instance.sh('ip -n left -j tcp_metrics')).stdout) as Record<string, unknown>[];
  expect(entry).toMatchObject({ dst: '10.0.0.2', cwnd: 10, source: '10.0.0.1' });
  expect(await run('ip -n left tcp_metrics delete 10.0.0.2')).toBe('0');
  expect(await run('ip -n left tcp_metrics')).toBe('0');
  expect(await run('ip -n left tcp_metrics delete 10.0.0.2')).toBe('RTNETLINK answers: No such process\n2');
});

test('entries are chosen by family, by our address and by prefix', async () => {
  await connectOnce();
  await connectOnce('10.0.0.5');
  await connectOnce('fd00::1', 'fd00::2');
  const sources = async (words: string) =>
    [...(await run(`ip -n left ${words}`)).matchAll(/source (\S+)/g)].map(([, source]) => source).sort();
  expect(await sources('tcp_metrics')).toEqual(['10.0.0.1', '10.0.0.5', 'fd00::1']);
  expect(await sources('-4 tcp_metrics')).toEqual(['10.0.0.1', '10.0.0.5']);
  expect(await sources('-6 tcp_metrics show any')).toEqual(['fd00::1']);
  expect(await sources('tcp_metrics show src 10.0.0.5')).toEqual(['10.0.0.5']);
  expect(await sources('tcp_metrics show source 10.0.0.1 and 10.0.0.2')).toEqual(['10.0.0.1']);
  expect(await run('ip -n left tcp_metrics flush src 10.0.0.5')).toBe('0');
  expect(await run('ip -n left -s tcp_metrics flush fd00::/16')).toBe(
    '\n*** Round 1, deleting 1 entries ***\n*** Flush is complete after 1 round ***\n0',
  );
  expect(await sources('tcp_metrics')).toEqual(['10.0.0.1']);
  expect(await run('ip -n left -6 tcp_metrics flush')).toBe('Nothing to flush.\n0');
  expect(await run('ip -n left tcp_metrics flush')).toBe('0');
  expect(await sources('tcp_metrics')).toEqual([]);
});

test('net.ipv4.tcp_no_metrics_save lets connections leave nothing', async () => {
  await instance.sh('ip netns exec left sysctl -qw net.ipv4.tcp_no_metrics_save=1');
  await connectOnce();
  expect(await run('ip -n left tcp_metrics')).toBe('0');
  expect(await run('ip -n right tcp_metrics')).toMatch(/^10\.0\.0\.1 age /);
});

test('what a route says is where its peers start from, and a lock keeps it', async () => {
  await instance.sh('ip -n left route add 10.0.0.2/32 dev l0 rtt lock 300ms rttvar lock 100ms ssthresh 30 cwnd lock 12 reordering 9');
  await connectOnce();
  expect(await run('ip -n left tcp_metrics')).toMatch(
    /^10\.0\.0\.2 age \d\.\d+sec ssthresh 30 cwnd 12 reordering 9 rtt 300000us rttvar 100000us source 10\.0\.0\.1\n0$/,
  );
});

test.each([
  ['tcp_metrics foo', 'Command "foo" is unknown, try "ip tcp_metrics help".\n255'],
  ['tcp_metrics show foo', 'Error: any valid prefix is expected rather than "foo".\n1'],
  ['tcp_metrics show src 10.0.0.0/24', 'Error: a specific IP address is expected rather than "10.0.0.0/24"\n1'],
  ['tcp_metrics show address 10.0.0.2 src 10.0.0.1', 'Error: either "address" is duplicate, or "10.0.0.1" is a garbage.\n255'],
  ['tcp_metrics del', 'Error: argument "address" is required\n255'],
  ['tcp_metrics del src 10.0.0.5 10.0.0.2', 'Error: argument "address" is required\n255'],
  ['tcp_metrics del any', 'Error: a specific IP address is expected rather than "any"\n1'],
  ['-6 tcp_metrics del 10.0.0.2', 'Error: inet6 prefix is expected rather than "10.0.0.2".\n1'],
  ['-0 tcp_metrics', 'Unsupported protocol family: 17\n1'],
  ['tcp_metrics show address', 'Command line is not complete. Try option "help"\n255'],
])('ip %s is refused', async (words, text) => {
  expect(await run(`ip ${words}`)).toBe(text);
});
