import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HeldSockets, mayHoldSockets } from './held-sockets.js';

// Our `ss` and the real one look at the same sockets of the host's kernel, in a namespace made for them: every line must print the same.

const root = join(__dirname, '..', '..');
/** By its name alone, which it puts before what it complains of. */
const real = 'ss';
const able = mayHoldSockets(['script', real]);
const maybe = able || process.env['CI'] === 'true' ? test : test.skip;
if (!able) console.warn('ss beside the real one is left out: it needs root, unshare, nsenter, script, python3 and ss');

const lines = `
-tan
-tane
-tanm
-tani
-tanmi
-tanoe
-taoi
-ta
-t
-tl
-tlr
-tlnp
-tlnT
-tanH
-tanOi
-tanOim
-uan
-uane
-ua
-uanm
-wan
-wa
-xa
-x
-xl
-xae
-xam
-xap
-0a
-0an
-0aem
-0aeb
-0aemb
-0aembO
-4tan
-6tan
-6uan
-f link -a
-f inet6 -an
-A tcp,udp -an
-A raw -an
-A all,!netlink,!dccp -an
-A u_str -a
-A packet_raw -a
-A tcp,!tcp
-tan --tos
-tan --cgroup
-tan --inet-sockopt
-tanO --inet-sockopt --tos --cgroup
-tunlp
-tan state established
-tan state listening
-tan state close-wait
-tan exclude listening
-tan state connected exclude established
-tan state synchronized
-tan state big
-tan state nosuch
-tan state
-tan sport = :8080
-tan sport = 8080 or dport = 8080
-tan ( sport = :8080 or sport = :9090 ) and src 127.0.0.1
-tan ! ( sport = :8080 or sport = :9090 )
-tan not src 127.0.0.1
-tan sport > 9000 sport < 9100
-tan sport >= :7070 and sport le 8080
-tan dst 127.0.0.0/8
-tan src [::1]
-tan src [::1]:631
-tan src 10.9/16
-tan src localhost
-tan dst inet6:[::1]
-tan dev v0
-tan dev != v0
-tan fwmark = 0x10
-tan fwmark 0x10/0x30
-tan autobound
-tan sport = :http-alt
-tan sport > 70000
-xa src *a.sock
-xa src @seq
-xa src unix:@tap*
-0a src [34999]:v0
-tan src bogus
-tan sport =
-tan sport = :foo
-tan ( sport = :80
-tan (sport = :80 )
-tan src 1.2.3.4/40
-tan src ::1
-tan dev nosuch
-tan fwmark = zz
-tan cgroup = /nosuch
--nosuch
-tq
-f nosuch
-A nosuch
-A
--e
--numeric=3
-Z
-N nosuch -t
-F /nonexistent -t
-s
-h
-u -D /dev/null
-S
--vsock
--tipc
--xdp`
  .trim()
  .split('\n');

/** What differs from one call to the next: times since something, and how long a timer has left. */
const steady = (text: string) => text.replace(/(lastsnd|lastrcv|lastack|busy|timer:\(\w+,):?[0-9.a-z]+/g, '$1').replace(/ +$/gm, '');

let sockets: HeldSockets;
beforeAll(async () => {
  if (able) sockets = await HeldSockets.start();
}, 30_000);
afterAll(() => sockets?.stop());

function run(program: string, words: readonly string[]) {
  const { stdout, stderr, status } = sockets.run(program, words);
  return { stdout: steady(stdout), stderr, status };
}

const ours = join(root, 'bin', 'ss');
const wordsOf = (line: string) => line.split(' ');

maybe(
  `${lines.length} command lines print the same as the real ss`,
  () => {
    const printed = (program: string) => lines.map((line) => ({ line, ...run(program, wordsOf(line)) }));
    expect(printed(ours)).toEqual(printed(real));
  },
  120_000,
);

maybe(
  'on terminals of several widths the columns are spread as the real ss spreads them',
  () => {
    const onTerminal = (program: string, columns: number, line: string) =>
      spawnSync(
        'script',
        ['-qec', `stty cols ${columns}; TAPSTACK_TARGET=kernel nsenter -t ${sockets.pid} -n ${program} ${line}`, '/dev/null'],
        {
          encoding: 'utf8',
          timeout: 20_000,
        },
      ).stdout;
    for (const columns of [60, 80, 132])
      for (const line of ['-tan', '-tuln', '-xa', '-0a', '-tanH'])
        expect({ columns, line, text: onTerminal(ours, columns, line) }).toEqual({ columns, line, text: onTerminal(real, columns, line) });
  },
  60_000,
);

maybe('a connection that -K ends is gone for both', () => {
  const killed = run(ours, ['-K', '-t', '-n', 'sport', '=', ':40005']);
  expect(killed.stdout).toMatch(/ESTAB +0 +0 +127\.0\.0\.1:40005 +127\.0\.0\.1:8080/);
  expect(run(real, ['-tnH', 'sport', '=', ':40005'])).toEqual({ stdout: '', stderr: '', status: 0 });
});
