import { mayBeOurs, mayHoldOurs } from '../../../../src/daemon/programs/path-bytes.js';

const T = 't'.charCodeAt(0);

/** A path as it lies in a program's memory, with something else behind it. */
function inMemory(path: string): Uint8Array {
  const bytes = new Uint8Array(256).fill('/'.charCodeAt(0));
  bytes.set(new TextEncoder().encode(`${path}\0/net`));
  return bytes;
}

const isAsked = (path: string, own = 'd'.charCodeAt(0)) => mayBeOurs(inMemory(path), 256, own);

test.each([
  '/proc/net',
  '/proc/net/dev',
  '/proc/self/net/tcp',
  '/proc/12/task/13/net/route',
  '//proc//net/dev',
  '/./proc/net',
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/1/ns/net',
  '/proc/self/fd/3',
  '/sys/class/net/eth0/mtu',
  '/sys/devices/virtual/net/lo',
  '/dev/net/tun',
  '/dev/shm/tapstack-views-12-aB/1/proc-net/dev',
])('%s is looked at', (path) => {
  expect(isAsked(path)).toBe(true);
});

test.each(['/usr/lib/net/x', '/etc/networks', '/proc/self/maps', '/proc/cpuinfo', '/sys/kernel/mm', '/dev/null', '/dev/urandom', '/'])(
  '%s is left to the kernel by its bytes',
  (path) => {
    expect(isAsked(path)).toBe(false);
  },
);

test('skeletons in /tmp have its letter', () => {
  expect(isAsked('/tmp/tapstack-views-1-a/1/proc-net', T)).toBe(true);
  expect(isAsked('/tmp/x', T)).toBe(false);
});

test('a path whose end is not there yet is looked at', () => {
  expect(mayBeOurs(inMemory('/proc/self/maps'), 8, T)).toBe(true);
});

test('relative paths are ours below the root, /proc, /sys and skeletons', () => {
  const holds = (folder: string) => mayHoldOurs(inMemory(folder), 0, folder.length, 'd'.charCodeAt(0));
  expect(['/', '/proc', '/proc/self', '/sys/class', '/dev/shm/tapstack-views-1-a/1'].every(holds)).toBe(true);
  expect(['/usr/lib', '/home/a', '/tmp'].some(holds)).toBe(false);
});
