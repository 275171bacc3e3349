import { loadCommands } from '../../../src/library/commands.js';
import { readCommandLine } from '../../../src/packetdrill/command-line.js';
import { runText } from '../../../src/packetdrill/run-file.js';

beforeAll(loadCommands);

const LISTEN = '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n';

async function run(text: string, options: readonly string[] = []) {
  const line = readCommandLine([...options, 'x.pkt']);
  if (typeof line === 'string') return { problem: line, output: '' };
  let output = '';
  const add = (part: string) => {
    output += part;
  };
  return { problem: await runText('x.pkt', text, line.options, { print: add, warn: add }), output };
}

test.each([
  [
    'a flag',
    '+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > SP. 0:0(0) ack 1 <mss 1460>',
    'x.pkt:5: error handling packet: live packet field tcp_psh: expected: 1 (0x1) vs actual: 0 (0x0)',
  ],
  [
    'an option',
    '+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 1 <mss 1400>',
    'bad value outbound TCP option: expected: <mss 1400> vs actual: <mss 1460>',
  ],
  ['the kinds of options', '+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 1 <mss 1460,nop>\n', 'bad outbound TCP options'],
  ['a time', '+0 < S 0:0(0) win 1000 <mss 1000>\n+.5 > S. 0:0(0) ack 1 <mss 1460>', 'timing error: expected outbound packet at 0.500'],
  ['a window', '+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 1 win 7 <mss 1460>', 'live packet field tcp_window: expected: 7'],
  ['a packet that does not come', '+0 > . 1:1(0) ack 1', 'x.pkt:4: error handling packet: timed out waiting for packet'],
  ['a result', '+0 listen(3, 1) = 5', 'x.pkt:4: runtime error in listen call: Expected result 5 but got 0'],
  [
    'an errno',
    '+0 accept(9, ..., ...) = -1 EINVAL (Invalid argument)',
    'Expected errno 22 (EINVAL) but got 9 (EBADF: Bad file descriptor)',
  ],
  ['an option value', '+0 getsockopt(3, SOL_SOCKET, SO_TYPE, [2], [4]) = 0', 'bad getsockopt value: expected: 2 vs actual: 1'],
  ['an end of a wait', '+0...0.2 accept(3, ..., ...) = 4\n+.5 `true`', 'accept call still blocks'],
  ['an assertion', '+0 %{\nx = 1\nassert x == 2, "no"\n}%', 'x.pkt:6: error in Python code: AssertionError: no'],
  ['a command', '+0 `false`', 'x.pkt:4: error executing command: `false` returned non-zero status 1'],
  ['a call that is not there', '+0 fork() = 0', 'x.pkt:4: unknown system call: fork'],
  ['a name', '+0 setsockopt(3, SOL_TCP, TCP_NOTHING, [1], 4) = 0', 'unknown symbol: TCP_NOTHING'],
])('%s that is not as the script says is told with its line', async (_what, events, message) => {
  expect((await run(LISTEN + events)).problem).toContain(message);
});

test('the mismatch shows both packets as the script writes them', async () => {
  const { problem } = await run(`${LISTEN}+.1 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 2 <mss 1460>`);
  expect(problem?.split('\n').map((line) => line.replace(/0\.1\d+/, 'T'))).toEqual([
    'x.pkt:5: error handling packet: live packet field tcp_ack_seq: expected: 2 (0x2) vs actual: 1 (0x1)',
    'script packet:  T S. 0:0(0) ack 2 <mss 1460>',
    'actual packet:  T S. 0:0(0) ack 1 win 64240 <mss 1460>',
  ]);
});

test('what is not fatal is a warning', async () => {
  const { problem, output } = await run(`${LISTEN}+0 listen(3, 1) = 5`, ['--non_fatal=packet,syscall']);
  expect(problem).toBeNull();
  expect(output).toContain('x.pkt:4: warning: runtime error in listen call');
});

test('cleanup commands run after a failure too', async () => {
  expect((await run(`${LISTEN}+0 listen(3, 1) = 5\n\`echo cleaned\``)).output).toBe('cleaned\n');
});

test('options of the script are stronger than those of the command line', async () => {
  const script = `--bind_port=90\n${LISTEN}+0 \`ss -Hlnt | grep -q ":90 "\``;
  expect((await run(script, ['--bind_port=80'])).problem).toBeNull();
});

test.each([
  [['--nothing=1'], 'unknown option: --nothing'],
  [['-D'], 'no script is named'],
  [['--ip_version', 'ipv7'], 'x.pkt: bad --ip_version: ipv7'],
  [['--wire_client'], 'x.pkt: --wire_client: only the local mode is there'],
  [['--local_ip=300.1.1.1'], 'x.pkt: bad --local_ip: 300.1.1.1'],
])('%s is refused', async (options, message) => {
  expect((await run(LISTEN, options)).problem).toBe(message);
});
