import { IpOptionText } from '../../../../src/commands/ping/ip-options.js';
import { routed, World } from '../../net/kit.js';
import { ping } from './ping-world.js';

test('each reply has its line, and the statistics follow', async () => {
  const { world, left } = routed();
  expect(await ping(world, left, '-c 2 -i 0.2 10.0.1.1')).toEqual({
    status: 0,
    stderr: '',
    stdout: `PING 10.0.1.1 (10.0.1.1) 56(84) bytes of data.
64 bytes from 10.0.1.1: icmp_seq=1 ttl=63 time=0.000 ms
64 bytes from 10.0.1.1: icmp_seq=2 ttl=63 time=0.000 ms

--- 10.0.1.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 200ms
rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms
`,
  });
});

test('no way to the destination is one line and status 2', async () => {
  const world = new World();
  const lonely = world.namespace();
  expect(await ping(world, lonely, '-c1 10.9.9.9')).toEqual({
    status: 2,
    stderr: 'ping: connect: Network is unreachable\n',
    stdout: '',
  });
});

test('errors from routers are told with who sent them, and count', async () => {
  const { world, left } = routed();
  const { status, stdout } = await ping(world, left, '-c2 -i .2 -t 1 10.0.1.1');
  expect(status).toBe(1);
  expect(stdout).toBe(`PING 10.0.1.1 (10.0.1.1) 56(84) bytes of data.
From 10.0.0.254 icmp_seq=1 Time to live exceeded
From 10.0.0.254 icmp_seq=2 Time to live exceeded

--- 10.0.1.1 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 200ms

`);
});

test('a packet too long for a hop is told with the MTU there', async () => {
  const { world, left, routerRight } = routed();
  routerRight.mtu = 1300;
  const { stdout } = await ping(world, left, '-c1 -M do -s 1400 10.0.1.1');
  expect(stdout).toContain('From 10.0.0.254 icmp_seq=1 Frag needed and DF set (mtu = 1300)\n');
});

test('a packet too long for the device itself is a local error', async () => {
  const { world, left } = routed();
  const { status, stdout, stderr } = await ping(world, left, '-c1 -M do -s 1600 10.0.1.1');
  expect(stderr).toBe('ping: local error: message too long, mtu=1500\n');
  expect(stdout).toContain('1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n');
  expect(status).toBe(1);
});

test('without an answer it waits ten seconds, or as long as -W says', async () => {
  const { world, left, rightDevice } = routed();
  rightDevice.flags &= ~1;
  const before = world.clock.monotonicUs();
  const { status, stdout } = await ping(world, left, '-c1 -W 2 10.0.1.77');
  expect(status).toBe(1);
  expect(stdout).toContain('1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n');
  expect(world.clock.monotonicUs() - before).toBe(2_000_000);
});

test('SIGINT ends it with the statistics, SIGQUIT shows them on the way', async () => {
  const { world, left } = routed();
  const { status, stdout, stderr } = await ping(world, left, '10.0.1.1', {
    signals: [
      [2500, 'SIGQUIT'],
      [3500, 'SIGINT'],
    ],
  });
  expect(status).toBe(0);
  expect(stderr).toBe('\r3/3 packets, 0% loss, min/avg/ewma/max = 0.000/0.000/0.000/0.000 ms\n');
  expect(stdout).toMatch(/4 packets transmitted, 4 received, 0% packet loss, time 3000ms\n/);
});

test('a deadline ends it, and fewer replies than asked for are status 1', async () => {
  const { world, left } = routed();
  const { status, stdout } = await ping(world, left, '-w 1 -i .3 -c 10 10.0.1.1');
  expect(stdout).toContain('4 packets transmitted, 4 received, 0% packet loss, time 900ms');
  expect(status).toBe(1);
});

test('-D stamps each line, -q leaves them out, -s says how many bytes', async () => {
  const { world, left } = routed();
  expect((await ping(world, left, '-c1 -D 10.0.1.1')).stdout).toMatch(/\n\[\d+\.\d{6}\] 64 bytes from /);
  expect((await ping(world, left, '-c1 -q 10.0.1.1')).stdout).not.toContain('bytes from');
  expect((await ping(world, left, '-c1 -s 4 10.0.1.1')).stdout).toContain(`PING 10.0.1.1 (10.0.1.1) 4(32) bytes of data.
12 bytes from 10.0.1.1: icmp_seq=1 ttl=63

--- 10.0.1.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms

`);
});

test('a flood prints a dot for each request and takes it back for each reply', async () => {
  const { world, left } = routed();
  const { stdout } = await ping(world, left, '-f -c 3 10.0.1.1');
  expect(stdout).toContain('bytes of data.\n.\b \b.\b \b.\b \b\n--- 10.0.1.1 ping statistics ---\n3 packets transmitted, 3 received');
  expect(stdout).toContain(', ipg/ewma 0.000/0.000 ms\n');
});

test('the route is recorded, and said to be the same the second time', () => {
  const text = new IpOptionText((address) => address.join('.'));
  const header = Uint8Array.of(1, 7, 39, 16, 10, 0, 0, 1, 10, 0, 1, 254, 10, 0, 1, 1, ...new Uint8Array(24));
  expect(text.of(header, 0, 40, false)).toBe('\nRR: \t10.0.0.1\n\t10.0.1.254\n\t10.0.1.1\n');
  expect(text.of(header, 0, 40, false)).toBe('\t(same route)');
});

test('time stamps count from the first, and hops without room are told', () => {
  const text = new IpOptionText((address) => address.join('.'));
  const option = Uint8Array.of(68, 20, 21, 0x21, 10, 1, 0, 2, 0, 0, 0, 100, 10, 1, 0, 1, 0, 0, 0, 107);
  expect(text.of(option, 0, 20, false)).toBe('\nTS: \t10.1.0.2\t100 absolute\n\t10.1.0.1\t7\nUnrecorded hops: 2\n');
});

test('an ordinary user pings where ping_group_range lets him', async () => {
  const { world, left } = routed();
  expect(await ping(world, left, '-c1 10.0.1.1', { uid: 1000 })).toMatchObject({ status: 2, stderr: 'ping: socket: Permission denied\n' });
  left.ipv4.settings.pingGroupFirst = 0;
  left.ipv4.settings.pingGroupLast = 2000;
  const { status, stdout } = await ping(world, left, '-c1 10.0.1.1', { uid: 1000 });
  expect(stdout).toContain('64 bytes from 10.0.1.1: icmp_seq=1 ttl=63 time=0.000 ms\n');
  expect(status).toBe(0);
  expect((await ping(world, left, '-c1 -t 1 10.0.1.1', { uid: 1000 })).stdout).toContain(
    'From 10.0.0.254 icmp_seq=1 Time to live exceeded\n',
  );
});

test('names come from /etc/hosts, both ways unless -n', async () => {
  const { world, left } = routed();
  const hosts = '10.0.1.1 web www # the server\n';
  expect((await ping(world, left, '-c1 www', { hosts })).stdout).toContain(
    'PING www (10.0.1.1) 56(84) bytes of data.\n64 bytes from web (10.0.1.1): icmp_seq=1',
  );
  expect((await ping(world, left, '-c1 -n www', { hosts })).stdout).toContain('64 bytes from 10.0.1.1: icmp_seq=1');
  expect(await ping(world, left, '-c1 nohost', { hosts })).toEqual({
    status: 2,
    stdout: '',
    stderr: 'ping: nohost: Name or service not known\n',
  });
});

test.each([
  ['', 1, 'ping: usage error: Destination address required\n'],
  ['-c x 10.0.1.1', 1, "ping: invalid argument: 'x'\n"],
  ['-c 0 10.0.1.1', 1, "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n"],
  ['-s -1 10.0.1.1', 1, "ping: invalid argument: '-1': out of range: 0 <= value <= 2147483647\n"],
  ['-t 300 10.0.1.1', 1, "ping: invalid argument: '300': out of range: 0 <= value <= 255\n"],
  ['-W -1 10.0.1.1', 2, 'ping: bad linger time: -1\n'],
  ['-i 9999999 10.0.1.1', 2, 'ping: bad timing interval: 9999999\n'],
  ['-Q 300 10.0.1.1', 2, 'ping: the decimal value of TOS bits must be in range 0-255: 300\n'],
  ['-Q x 10.0.1.1', 2, 'ping: bad TOS value: x\n'],
  ['-p zz 10.0.1.1', 2, 'ping: patterns must be specified as hex digits: zz\n'],
  ['-M foo 10.0.1.1', 2, 'ping: invalid -M argument: foo\n'],
  ['-T foo 10.0.1.1', 2, 'ping: invalid timestamp type: foo\n'],
  ['-T tsonly -R 10.0.1.1', 2, 'ping: only one of -T or -R may be used\n'],
  ['-4 -6 10.0.1.1', 2, 'ping: only one -4 or -6 option may be specified\n'],
  ['-4 ::1', 2, 'ping: ::1: Address family for hostname not supported\n'],
  ['-6 10.0.1.1', 2, 'ping: 10.0.1.1: Address family for hostname not supported\n'],
  ['::1', 2, 'ping: socket: Address family not supported by protocol\n'],
  ['256.1.1.1', 2, 'ping: 256.1.1.1: Name or service not known\n'],
  ['-I nonexist 10.0.1.1', 2, 'ping: SO_BINDTODEVICE nonexist: No such device\n'],
  ['-I 1.2.3.4 10.0.1.1', 2, 'ping: bind: Cannot assign requested address\n'],
  ['-t 0 10.0.1.1', 2, 'ping: cannot set unicast time-to-live: Invalid argument\n'],
  ['-c1 10.0.0.255', 2, 'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n'],
])('ping %s: status %i', async (line, status, stderr) => {
  const { world, left } = routed();
  expect(await ping(world, left, line)).toEqual({ status, stdout: '', stderr });
});

test('an unknown option and a missing argument show the usage, as getopt has it', async () => {
  const { world, left } = routed();
  const unknown = await ping(world, left, '-Z');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(/^ping: invalid option -- 'Z'\n\nUsage\n {2}ping \[options\] <destination>\n/);
  expect((await ping(world, left, '-c')).stderr).toMatch(/^ping: option requires an argument -- 'c'\n\nUsage\n/);
});
