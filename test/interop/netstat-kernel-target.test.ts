import { join } from 'node:path';
import { HeldSockets, mayHoldSockets } from './held-sockets.js';

// Our `netstat` and the real one look at the same sockets, routes and devices of the host's kernel: every line must print the same.

const real = 'netstat';
const ours = join(__dirname, '..', '..', 'bin', 'netstat');
const able = mayHoldSockets([real]);
const maybe = able || process.env['CI'] === 'true' ? test : test.skip;
if (!able) console.warn('netstat beside the real one is left out: it needs root, unshare, nsenter, python3 and netstat');

const lines = `
-tan
-t
-tanp
-tanoe
-tanoep
-ltn
-ltnp
-lt
-uan
-ua
-uane
-uln
-wan
-wa
-xa
-x
-xl
-xap
-an
-ln
-n
-4an
-6an
-6tn
-A inet -an
-A inet,unix -an
-A foo
-tuln
-tulpn
-Wtan
-t --numeric-ports
-t --numeric-hosts
-t --numeric
-rn
-r
-rne
-rnee
-6rn
-6r
-rn -A inet,inet6
-rA unix
-rC
-rFC
-6rC
-i
-ia
-ie
-iae
-g
-s -x
-s -A inet,inet6
-M
-Z
-S
--ipx
--x25
-v -tn
--bogus
-Q
-h
-r -i
-tan extra words`
  .trim()
  .split('\n');

/** Timers run on between the two, and devices count. */
const steady = (line: string, text: string) =>
  (line.startsWith('-i')
    ? text
        .replace(/\d+(?= |$|\))/gm, '#')
        .replace(/\(.*B\)/g, '')
        .replace(/ +/g, ' ')
    : text
  )
    .replace(/(keepalive|on|timewait) \([0-9.]+/g, '$1 (')
    .replace(/ +$/gm, '');

let sockets: HeldSockets;
beforeAll(async () => {
  if (!able) return;
  sockets = await HeldSockets.start();
  for (const words of [
    'link add v8 type veth peer name v9',
    'addr add 10.1.2.3/24 dev v8',
    'link set v8 up',
    'link set v9 up',
    'route add 10.9.0.0/16 via 10.1.2.9',
    'route add unreachable 10.8.0.0/16',
    'route add 2001:db8::/32 dev v8',
  ])
    sockets.run('ip', words.split(' '));
}, 30_000);
afterAll(() => sockets?.stop());

maybe(
  `${lines.length} command lines print the same as the real netstat`,
  () => {
    const printed = (program: string) =>
      lines.map((line) => {
        const { stdout, stderr, status } = sockets.run(program, line.split(' '));
        return { line, stdout: steady(line, stdout), stderr, status };
      });
    expect(printed(ours)).toEqual(printed(real));
  },
  120_000,
);

/** Counters go on between the two: what matters is which sentences there are. */
maybe('the counters of -s come in the same order with the same words', () => {
  for (const line of ['-s', '-s -6', '-s -t', '-s -u', '-s -w']) {
    const words = (program: string) => sockets.run(program, line.split(' ')).stdout.replace(/\d+/g, '#');
    expect({ line, text: words(ours) }).toEqual({ line, text: words(real) });
  }
});
