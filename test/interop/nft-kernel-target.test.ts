import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// Our `nft` and the real one side by side, each on the host's kernel in a namespace of its own: every line must print the same.

const root = join(__dirname, '..', '..');
const real = '/usr/sbin/nft';
const mayMakeNamespaces =
  process.geteuid?.() === 0 && existsSync(real) && spawnSync('unshare', ['-n', real, 'list', 'ruleset']).status === 0;
const inCi = process.env['CI'] === 'true';
const maybe = mayMakeNamespaces || inCi ? test : test.skip;
if (!mayMakeNamespaces) console.warn(`nft beside the real one is left out: it needs root, unshare and ${real}`);

const lines = `
add table ip t
create table ip t
add table inet i
add chain ip t c
add chain ip t in { type filter hook input priority 0; policy drop; }
add chain ip t pre { type nat hook prerouting priority dstnat; }
add chain ip t bad { type nosuch hook input priority 0; }
add chain inet i c { type filter hook forward priority filter + 10; }
add rule ip t c tcp dport 22 accept
add rule ip t c tcp dport { 80, 443 } counter accept comment "web"
add rule ip t c ip saddr { 10.0.0.0/8, 192.168.1.5 } drop
add rule ip t c ip saddr 10.0.0.300
add rule ip t c tcp dport foo
add rule ip t c tcp dport 70000
add rule ip t c ip6 saddr ::1
add rule ip t c ip saddr 10.0.0.0/33
add rule ip t c accept drop
add rule ip t c ct state established,related accept
add rule ip t c ct state nosuch
add rule ip t c meta mark set 0x10
add rule ip t c meta mark & 0xff == 0x10
add rule ip t c tcp flags & (fin|syn|rst|ack) == syn drop
add rule ip t c icmp type echo-request limit rate 10/second accept
add rule ip t c limit rate 10/fortnight
add rule ip t c log prefix "in: " level debug
add rule ip t c log group 2 snaplen 33
add rule ip t c reject with icmp host-unreachable
add rule ip t c reject with tcp reset
add rule ip t c ip dscp set cs1
add rule ip t c ip ttl 1 ip length 33-45
add rule ip t c iifname "eth*" oifname != "lo"
add rule ip t c fib saddr . iif oif missing drop
add rule ip t c ip saddr . tcp dport { 1.1.1.1 . 80, 2.2.2.2 . 443 } accept
add rule ip t c tcp dport vmap { 22 : accept, 23 : drop, 100-200 : return }
add rule ip t c meta mark set ip saddr map { 1.1.1.1 : 1, 2.2.2.2 : 2 }
add rule ip t pre tcp dport 80 dnat to 10.0.0.1:8080
add rule ip t pre udp dport 53 redirect to :5353
add rule ip t pre redirect to :80
add rule inet i c ip saddr 1.1.1.1 tcp dport 5
add rule inet i c ip6 saddr fe80::/10 accept
add rule inet i c icmpv6 type nd-router-advert accept
add rule inet i c ether saddr 00:11:22:33:44:55 drop
add rule inet i c meta l4proto { tcp, udp } th dport 53
add rule inet i c jump { counter; accept; }
add set ip t s { type ipv4_addr; }
add set ip t s2 { type nosuch; }
add set ip t n { type ipv4_addr; flags interval; auto-merge; }
add set ip t d { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 1h; }
add element ip t s { 1.1.1.1, 2.2.2.2 }
add element ip t s { 10.0.0.0/24 }
add element ip t n { 10.0.0.0/24, 10.0.1.0/24, 172.16.0.1-172.16.0.9 }
add element ip t nosuch { 1.1.1.1 }
add rule ip t c ip saddr @s accept
add rule ip t c tcp dport @s accept
add rule ip t c ip saddr @nosuch
add rule ip t c update @d { ip saddr . tcp dport timeout 30s }
delete set ip t s
add map ip t m { type inet_service : ipv4_addr; elements = { 80 : 1.1.1.1 }; }
add quota ip t q { over 10 mbytes; }
add counter ip t cnt
add limit ip t l { rate 10/second; }
add rule ip t c counter name cnt
list table ip t
-a list chain ip t c
-n list chain ip t c
-j list table ip t
-s list ruleset
list tables
list chains
list set ip t n
list sets
list counters
list chain ip t nosuch
list set ip t nosuch
delete rule ip t c handle abc
flush chain ip t c
delete element ip t s { 9.9.9.9 }
list ruleset
flush ruleset
list ruleset
nosuch`
  .trim()
  .split('\n');

/** All lines in one namespace; what each printed and its status. */
function transcript(command: string): string[] {
  const words = (line: string) => line.split(' ').map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const script = lines
    .map((line) => `echo ':: ${line.replaceAll("'", '')}'; ${command} ${words(line).join(' ')} 2>&1; echo "status $?"`)
    .join('\n');
  const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TAPSTACK_TARGET: 'kernel' },
    timeout: 240_000,
  });
  return stdout.split(/^(?=:: )/m);
}

maybe(
  'our nft and the real one print the same of the same lines on the same kernel',
  () => {
    const theirs = transcript(real);
    const ours = transcript('bin/nft');
    expect(lines.length).toBeGreaterThanOrEqual(60);
    expect(ours).toEqual(theirs);
  },
  500_000,
);

maybe(
  'a ruleset that one loaded lists equally in the other',
  () => {
    const adds = lines.slice(0, -3).filter((line) => line.startsWith('add '));
    const load = (command: string) => adds.map((line) => `${command} '${line.replaceAll("'", '')}' 2>/dev/null`).join('\n');
    const both = (command: string) => {
      const script = `${load(command)}\n${real} list ruleset; echo ====; bin/nft list ruleset`;
      const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', script], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, TAPSTACK_TARGET: 'kernel' },
      });
      return stdout.split('====\n');
    };
    const byReal = both(real);
    expect(byReal[1]).toBe(byReal[0]);
    const byOurs = both('bin/nft');
    expect(byOurs).toEqual(byReal);
  },
  500_000,
);
