import { hex, savefile } from './captures.js';
import { tcpdump } from './world.js';

const ethernet = '525400000002 525400000001';
// 10.0.0.1.40000 > 10.0.0.2.80: SYN
const syn = hex(`${ethernet} 0800 45000028 0001 4000 4006 26cd 0a000001 0a000002 9c40 0050 00000064 00000000 5002 faf0 7ee0 0000`);
const arp = hex(`ffffffffffff 525400000001 0806 0001 0800 06 04 0001 525400000001 0a000001 000000000000 0a000002`);
// 10.0.0.1 > 10.0.0.2: ICMP echo request
const echo = hex(`${ethernet} 0800 4500001c 0001 0000 4001 66de 0a000001 0a000002 0800 f7fd 0001 0001`);
const capture = savefile([syn, arp, echo]);

test('-r prints packets, one a line', async () => {
  const { stdout, stderr, status } = await tcpdump('-t -n -r cap', { cap: capture });
  expect(stdout).toBe(
    'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 100, win 64240, length 0\n' +
      'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28\n' +
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 8\n',
  );
  expect(stderr).toBe('reading from file cap, link-type EN10MB (Ethernet), snapshot length 262144\n');
  expect(status).toBe(0);
});

test('a filter takes some of them, -c ends after a count, --count counts', async () => {
  expect((await tcpdump('-t -n -r cap icmp', { cap: capture })).stdout).toMatch(/^IP .* echo request.*\n$/);
  expect((await tcpdump('-t -n -c 2 -r cap', { cap: capture })).stdout.split('\n')).toHaveLength(3);
  expect((await tcpdump('--count -r cap ip', { cap: capture })).stdout).toBe('2 packets\n');
});

test('a filter that is wrong is an error before any packet', async () => {
  const { stdout, stderr, status } = await tcpdump('-r cap host foo', { cap: capture });
  expect(stdout).toBe('');
  expect(stderr).toMatch(/\ntcpdump: unknown host 'foo'\n$/);
  expect(status).toBe(1);
});

test('both byte orders and both precisions are read', async () => {
  for (const bigEndian of [false, true])
    for (const nanoseconds of [false, true]) {
      const cap = savefile([echo], { bigEndian, nanoseconds });
      expect((await tcpdump('-tt -n -r cap', { cap })).stdout).toMatch(/^1700000000\.123456 IP /);
      expect((await tcpdump('-tt -n --nano -r cap', { cap })).stdout).toMatch(
        nanoseconds ? /^1700000000\.123456789 / : /^1700000000\.123456000 /,
      );
    }
});

test('-w writes what -r reads', async () => {
  const { files } = await tcpdump('-r cap -w out tcp or arp', { cap: capture });
  expect(await files.read('out')).toEqual(savefile([syn, arp]));
  const { stdoutBytes } = await tcpdump('-r - -w - icmp', { '-': capture });
  expect(stdoutBytes.slice(24 + 16)).toEqual(echo);
});

test('-C begins another file, -W makes a ring of them', async () => {
  const large = Array.from({ length: 12 }, () => new Uint8Array(200_000));
  const { files } = await tcpdump('-r cap -w out -C 1 -W 2', { cap: savefile(large) });
  expect((await files.list('/')).filter((name) => name.startsWith('out'))).toEqual(['out0', 'out1']);
});

test('a file that ends in a packet says so, after what it had', async () => {
  const { stdout, stderr, status } = await tcpdump('-t -n -r cap', { cap: capture.slice(0, -4) });
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stderr).toMatch(/tcpdump: pcap_loop: truncated dump file; tried to read 42 captured bytes, only got 38\n$/);
  expect(status).toBe(1);
});

test('what is no capture is refused', async () => {
  expect((await tcpdump('-r cap', { cap: 'hello, this is no capture' })).stderr).toBe('tcpdump: unknown file format\n');
  expect((await tcpdump('-r cap', { cap: 'hi' })).stderr).toMatch(/truncated dump file; tried to read 4 file header bytes, only got 2/);
  expect((await tcpdump('-r missing')).stderr).toBe('tcpdump: missing: No such file or directory\n');
});

test('-x, -X and -A show bytes, with and without the link-layer header', async () => {
  expect((await tcpdump('-t -n -x -r cap', { cap: savefile([echo]) })).stdout.split('\n')[1]).toBe(
    '\t0x0000:  4500 001c 0001 0000 4001 66de 0a00 0001',
  );
  expect((await tcpdump('-t -n -xx -r cap', { cap: savefile([echo]) })).stdout.split('\n')[1]).toBe(
    '\t0x0000:  5254 0000 0002 5254 0000 0001 0800 4500',
  );
  expect((await tcpdump('-t -n -X -r cap', { cap: savefile([echo]) })).stdout.split('\n')[1]).toBe(
    '\t0x0000:  4500 001c 0001 0000 4001 66de 0a00 0001  E.......@.f.....',
  );
});

test('packets cut anywhere print something, and throw nothing', async () => {
  for (const packet of [syn, arp, echo])
    for (let length = 1; length < packet.length; length++) {
      const { stdout, status } = await tcpdump('-t -n -e -vv -r cap', { cap: savefile([packet.slice(0, length)]) });
      expect(stdout).toMatch(/\n$/);
      expect(status).toBe(0);
    }
});
