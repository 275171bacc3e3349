import { setImmediate as nextTurn } from 'node:timers/promises';
import { SeededRandom } from '../../../src/base/random.js';
import { sysctlGroups } from '../../../src/control/sysctl/registry.js';
import { SysctlTree } from '../../../src/control/sysctl/sysctl.js';
import { tcpSysctls } from '../../../src/control/sysctl/tcp.js';
import { Instance } from '../../../src/instance/instance.js';
import { VirtualTime } from '../../../src/instance/virtual-time.js';
import { findCommand, loadCommands } from '../../../src/library/commands.js';
import { ShellFiles } from '../../../src/packetdrill/shell/shell-files.js';
import { Shell } from '../../../src/packetdrill/shell/shell.js';

beforeAll(loadCommands);

function shell() {
  const time = new VirtualTime({ nextTurn: () => nextTurn(), setTimer: () => () => undefined });
  const instance = new Instance({ time, random: new SeededRandom(1), command: findCommand });
  const namespace = instance.stack.initial;
  const tree = new SysctlTree([...sysctlGroups, tcpSysctls((one) => one.tcp.settings)]);
  const files = new ShellFiles('/tmp', namespace, tree);
  const slept: number[] = [];
  const made = new Shell({
    files,
    time,
    variables: { PPID: '7' },
    command: findCommand,
    transport: () => instance.transport(),
    sleep: (us) => slept.push(us),
    link: () => null,
  });
  return { run: (text: string) => made.run(text), files, slept, settings: namespace.tcp.settings };
}

test.each([
  ['echo a "b  c" \'d $x\'', 'a b  c d $x\n'],
  ['x=5; echo $x \x24{x}0 "$((x * 2 + 1))" \x24{y:-none} \x24{#x}', '5 50 11 none 1\n'],
  ['for i in 1 2 3; do if [ $i -gt 1 ]; then echo $i; fi; done', '2\n3\n'],
  ['f() { echo "<$1>"; return 3; }; f a b || echo $?', '<a>\n3\n'],
  ['echo "a b" | grep -c a && false || echo no', '1\nno\n'],
  ['case abc in x*) echo x;; a*) echo a;; esac', 'a\n'],
  ['echo one > /tmp/zz; echo two >> /tmp/zz; cat /tmp/zz; cat < /tmp/zz | grep two', 'one\ntwo\ntwo\n'],
  ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i', '3\n'],
  ['v=a.b.c; echo \x24{v%.*} \x24{v##*.}', 'a.b c\n'],
  ['cat <<END\nx $((1+1))\nEND\necho end', 'x 2\nend\n'],
  ['(x=2; echo $x); echo "[$x]"', '2\n[]\n'],
  ['echo $(echo a; echo b) `echo c`', 'a b c\n'],
])('%s', async (text, expected) => {
  expect(await shell().run(text)).toEqual({ status: 0, stdout: expected, stderr: '' });
});

test('sysctl, files of /proc/sys and set_sysctls.py act on the stack, and can be taken back', async () => {
  const { run, settings } = shell();
  expect((await run('sysctl -q net.ipv4.tcp_sack=0\necho 0 > /proc/sys/net/ipv4/tcp_dsack')).status).toBe(0);
  expect([settings.sack, settings.dsack]).toEqual([0, 0]);
  const set = './set_sysctls.py /proc/sys/net/ipv4/tcp_sack=1 /proc/sys/net/ipv4/tcp_reordering=5';
  expect(await run(set)).toMatchObject({ status: 0, stderr: '' });
  expect((await run('cat /proc/sys/net/ipv4/tcp_sack /proc/sys/net/ipv4/tcp_reordering')).stdout).toBe('1\n5\n');
  expect((await run('/tmp/sysctl_restore_$PPID.sh; cat /proc/sys/net/ipv4/tcp_sack')).stdout).toBe('0\n');
});

test('tc takes what holds nothing back, and refuses the rest', async () => {
  const { run } = shell();
  expect((await run('tc qdisc add dev tun0 root pfifo')).status).toBe(0);
  expect(await run('tc qdisc add dev tun0 root netem delay 10ms')).toMatchObject({ status: 1 });
});

test('sleep moves the time of the script, and nothing runs that would act on the host', async () => {
  const { run, slept } = shell();
  await run('sleep 0.5');
  expect(slept).toEqual([500_000]);
  expect(await run('reboot')).toMatchObject({ status: 127, stderr: 'sh: reboot: command not found\n' });
});

test.each([
  ['if true; then echo', '"elif" or "else" or "fi" was expected'],
  ['echo "a', 'the " is not closed'],
  ['while true; do :; done', 'a loop does not end'],
])('%s ends with a complaint', async (text, complaint) => {
  const result = await shell().run(text);
  expect(result.status).toBe(2);
  expect(result.stderr).toContain(complaint);
});
