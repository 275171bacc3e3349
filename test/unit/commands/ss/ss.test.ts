import { once } from 'node:events';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { SOCK_DGRAM, SOCK_RAW, StackSocket } from '../../../../src/client/sockets.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import type { Server, Socket } from '../../../../src/library/net.js';

const services = 'ssh 22/tcp\nhttp-alt 8080/tcp webcache\nhttp-alt 8080/udp\nmdns 5353/udp\n';

let instance: TapstackInstance;
beforeEach(async () => {
  instance = await createInstance();
  await instance.files.write('/etc/services', new TextEncoder().encode(services));
});
afterEach(() => instance.close());

const shown = async (line: string): Promise<string> => {
  const { stdout, stderr, status } = await instance.sh(line);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
};

async function listening(port: number, host: string, backlog = 5): Promise<Server> {
  const server = instance.net.createServer((socket) => socket.on('error', () => undefined)).listen({ port, host, backlog });
  await instance.time.awaiting(once(server, 'listening'));
  return server;
}

async function connected(port: number): Promise<Socket> {
  const socket = instance.net.connect(port, '127.0.0.1');
  await instance.time.awaiting(once(socket, 'connect'));
  return socket;
}

async function threeListeners(): Promise<void> {
  await listening(8080, '0.0.0.0');
  await listening(9090, '::');
  await listening(7070, '127.0.0.1', 10);
}

test('nothing but the titles is shown where there is no socket', async () => {
  expect(await shown('ss -tan')).toBe('State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n');
  expect(await shown('ss -H -tan')).toBe('');
});

test('listeners are shown as the real tool shows them', async () => {
  await threeListeners();
  expect(await shown('ss -tln')).toBe(
    `State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      10         127.0.0.1:7070      0.0.0.0:*          
LISTEN 0      5            0.0.0.0:8080      0.0.0.0:*          
LISTEN 0      5                  *:9090            *:*          
`,
  );
  expect(await shown('ss -H -tln')).toBe(
    `LISTEN 0      10     127.0.0.1:7070 0.0.0.0:*
LISTEN 0      5        0.0.0.0:8080 0.0.0.0:*
LISTEN 0      5              *:9090       *:*
`,
  );
  expect(await shown('ss -tl')).toContain('0.0.0.0:http-alt');
});

test.each([
  ['sport = :8080', ['8080']],
  ['"( sport = :8080 or sport = :9090 )"', ['8080', '9090']],
  ['"sport > :8080"', ['9090']],
  ['"sport != :8080 and sport < 9000"', ['7070']],
  ['src 127.0.0.1', ['7070']],
  ['"src 127.0.0.0/8"', ['7070']],
  ['not src 127.0.0.1', ['8080', '9090']],
  ['sport = :http-alt', ['8080']],
  ['"src [::]:9090"', ['9090']],
  ['dev lo', []],
  ['autobound', []],
])('of three listeners those that fit %s are shown', async (filter, ports) => {
  await threeListeners();
  const lines = (await shown(`ss -H -tln ${filter}`)).split('\n').filter((line) => line !== '');
  expect(lines.map((line) => /:(\d+) /.exec(line)?.[1])).toEqual(ports);
});

test.each([
  ['ss -tan state nosuch', 'ss: wrong state name: nosuch\n', 255],
  ['ss -tln bogus', 'Error: an inet prefix is expected rather than "bogus".\nCannot parse dst/src address.\n', 1],
  ['ss -tln dport = :foo', 'Error: "foo" does not look like a port.\nCannot parse dst/src address.\n', 1],
  ['ss -Z -tln', 'ss: SELinux is not enabled.\n', 1],
  ['ss -N nosuch -tan', 'Cannot open network namespace "nosuch": No such file or directory\n', 1],
  ['ss -tan state', 'Command line is not complete. Try option "help"\n', 255],
  ['ss -t dev = nosuch', 'Cannot parse device.\n', 1],
  ['ss -t fwmark = zz', 'Cannot parse mark zz.\n', 1],
  ['ss -F /nonexistent -t', 'fopen filter file: No such file or directory\n', 255],
])('%s ends with what the real tool says', async (line, stderr, status) => {
  expect(await instance.sh(line)).toEqual({ stdout: '', stderr, status });
});

test.each([
  ['ss -tln "sport = "', 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.'],
  ['ss -tln "( sport = :80"', 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.'],
  ['ss --nosuch', "ss: unrecognized option '--nosuch'"],
  ['ss -f nosuch', 'ss: "nosuch" is invalid family'],
  ['ss -A nosuch', 'ss: "nosuch" is illegal socket table id'],
  ['ss --e', "ss: option '--e' is ambiguous; possibilities: '--extended' '--events'"],
])('%s complains and prints the usage', async (line, complaint) => {
  const { stderr, status } = await instance.sh(line);
  expect(stderr.split('\n').slice(0, 2)).toEqual([complaint, 'Usage: ss [ OPTIONS ]']);
  expect(status).toBe(255);
});

test('a filter may come from a file', async () => {
  await threeListeners();
  await instance.files.write('/filter', new TextEncoder().encode('# a comment\nsport = :7070\n'));
  expect(await shown('ss -H -tln -F /filter')).toBe('LISTEN 0      10     127.0.0.1:7070 0.0.0.0:*\n');
});

test('a connection is shown by both ends with its timers, options and holders', async () => {
  await listening(8080, '127.0.0.1');
  const socket = await connected(8080);
  socket.setKeepAlive(true, 60_000);
  await instance.clock.advance(1);
  const lines = (await shown('ss -tnoeH state established')).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^0 +0 +127\.0\.0\.1:\d+ +127\.0\.0\.1:8080 +timer:\(keepalive,.*,0\) ino:\d+ sk:[0-9a-f]+ cgroup:\/ <->$/);
  expect(await shown('ss -tnHp dport = 8080')).toMatch(/users:\(\("tapstack",pid=0,fd=\d+\)\)\n$/);
  const info = await shown('ss -tniOHm dport = 8080');
  expect(info).toMatch(/ skmem:\(r0,rb\d+,t0,tb\d+,f0,w0,o0,bl0,d0\) cubic wscale:\d+,\d+ rto:\S+ rtt:\S+\/\S+ mss:\d+ pmtu:65535 /);
});

test('-K ends what it shows, and shows nothing of it afterwards', async () => {
  await listening(8080, '127.0.0.1');
  const socket = await connected(8080);
  socket.on('error', () => undefined);
  expect(await shown('ss -H -K dst 127.0.0.1 dport = :8080')).toMatch(/^tcp +ESTAB +0 +0 +127\.0\.0\.1:\d+ +127\.0\.0\.1:http-alt *\n$/);
  await instance.clock.advance(10);
  expect(await shown('ss -H -tn')).toBe('');
});

test('sockets of UDP and raw ones have their names; a raw one is called by its own protocol', async () => {
  const calls = await SocketCalls.open(instance.transport());
  await (await StackSocket.open(calls, SOCK_DGRAM)).bind({ address: new Uint8Array(4), port: 5353 });
  await StackSocket.open(calls, SOCK_RAW, 89);
  expect(await shown('ss -uan')).toBe(
    'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n' +
      'UNCONN 0      0            0.0.0.0:5353      0.0.0.0:*          \n',
  );
  expect(await shown('ss -H -wua')).toBe(
    '??? UNCONN 0      0      0.0.0.0:ospf 0.0.0.0:*\nudp UNCONN 0      0      0.0.0.0:mdns 0.0.0.0:*\n',
  );
  calls.close();
});

test('netlink sockets are shown, with who holds them or the kernel', async () => {
  const text = await shown('ss -an -f netlink');
  expect(text.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual(
    expect.arrayContaining(['UNCONN 0 0 0:0 * ', 'UNCONN 768 0 4:0 * ', 'UNCONN 0 0 16:0 * ']),
  );
  // Of ss itself there is the socket that it asks by alone.
  const own = await shown('ss -anH -f netlink');
  expect(own.match(/ 4:(?!0 )/g)).toHaveLength(1);
  expect(own.match(/ 16:(?!0 )/g)).toBeNull();
  expect(await shown('ss -aH -f netlink src rtnl:kernel')).toMatch(/^UNCONN 0 +0 +rtnl:kernel \*\n$/);
});

test('sockets are shown as they end, until it is told to stop', async () => {
  await listening(8080, '127.0.0.1');
  const watching = instance.start('ss -E -t -n');
  await instance.clock.advance(1);
  const socket = await connected(8080);
  socket.on('error', () => undefined);
  await instance.sh('ss -K -t dport = 8080');
  await instance.clock.advance(10);
  expect(watching.stdout.split('\n')[1]).toMatch(/^UNCONN +0 +0 +127\.0\.0\.1:\d+ +127\.0\.0\.1:8080/);
  watching.kill('SIGINT');
  await watching.done;
});

test('another namespace is looked into by its name', async () => {
  await threeListeners();
  await shown('ip netns add other');
  expect(await shown('ss -H -N other -tan')).toBe('');
});
