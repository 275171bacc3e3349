import { parseScript } from '../../../src/packetdrill/language/parse-script.js';
import type { Script } from '../../../src/packetdrill/language/ast.js';

const parse = (text: string, definitions: Record<string, string> = {}): Script =>
  parseScript('x.pkt', text, new Map(Object.entries(definitions)));
const action = (text: string, definitions: Record<string, string> = {}) => parse(text, definitions).events[0]!.action;

test('times are absolute, relative, ranges or any', () => {
  const times = parse(
    '0 > . 1:1(0) ack 1\n+.1 > . 1:1(0) ack 1\n1.5~2 > . 1:1(0) ack 1\n+.1~+.2 > . 1:1(0) ack 1\n* > . 1:1(0) ack 1',
  ).events;
  expect(times.map(({ time }) => time)).toEqual([
    { kind: 'absolute', us: 0 },
    { kind: 'relative', us: 100_000 },
    { kind: 'absoluteRange', us: 1_500_000, endUs: 2_000_000 },
    { kind: 'relativeRange', us: 100_000, endUs: 200_000 },
    { kind: 'any' },
  ]);
});

test('a segment has flags, numbers, window and options', () => {
  expect(action('0 < FP. 1:11(10) ack 5 win 100 <nop,nop,TS val 1 ecr 2,sack 3:4 7:9>')).toMatchObject({
    protocol: 'tcp',
    outbound: false,
    flags: 0x19,
    sequence: 1,
    payload: 10,
    ack: 5,
    window: 100,
    options: [
      { kind: 'nop' },
      { kind: 'nop' },
      { kind: 'timestamps', value: 1, echo: 2 },
      {
        kind: 'sack',
        blocks: [
          [3, 4],
          [7, 9],
        ],
      },
    ],
  });
});

test('ECN is told in brackets, flags by E and W, or as a number', () => {
  expect(action('0 > [ect0] SEW 0:0(0) <...>')).toMatchObject({ flags: 0xc2, options: null, ip: { tosCheck: 'ecn', tos: 2 } });
  expect(action('0 < [ce] P.5 1:2(1) ack 1')).toMatchObject({ ace: 5, ip: { tos: 3 } });
  expect(action('0 > (tos 0x1c) . 1:1(0) ack 1')).toMatchObject({ ip: { tosCheck: 'tos', tos: 0x1c } });
});

test('accurate ECN has its counters in either order, and its number on either side of the dot (RFC 9768)', () => {
  expect(action('0 > [ect0] P5. 1:2(1) ack 1 <ECN e1b 1 ceb 0 e0b 1000,nop>')).toMatchObject({
    ace: 5,
    flags: 0x158,
    options: [{ kind: 'accurateEcn1', counters: [1, 0, 1000] }, { kind: 'nop' }],
  });
  expect(action('0 < SEWA 0:0(0) win 1 <ECN e0b 16777215 ceb 0>')).toMatchObject({
    ace: null,
    flags: 0x1c2,
    options: [{ kind: 'accurateEcn0', counters: [0xff_ffff, 0] }],
  });
});

test('a packet may stand behind another without options', () => {
  const { events } = parse('0 < S 0:0(0) win 1\n+0 < . 1:1(0) ack 1 win 1\n+0 > . 1:1(0) ack 1');
  expect(events.map(({ line }) => line)).toEqual([1, 2, 3]);
});

test('headers may lie around a packet', () => {
  expect(action('0 < ipv4 192.0.2.1 > 192.0.2.2: gre: mpls (label 5, tc 0, [S], ttl 9): . 1:1(0) ack 1')).toMatchObject({
    outer: [{ kind: 'ip', version: 4 }, { kind: 'gre' }, { kind: 'mpls', labels: [{ label: 5, trafficClass: 0, bottom: true, ttl: 9 }] }],
  });
});

test('calls take words, lists, structures and strings beside each other', () => {
  const call = action('0...0.1 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=2}, 8) = -1 EINVAL (Invalid argument)');
  expect(call).toMatchObject({ kind: 'call', name: 'setsockopt', endUs: 100_000, errno: 'EINVAL', result: { kind: 'integer', value: -1 } });
  expect(action('0 write(4, "ab" "\\x63", 3) = 3')).toMatchObject({ args: [{}, { kind: 'string', text: 'abc' }, {}] });
  expect(action('0 poll([{fd=4, events=POLLIN|POLLOUT, revents=0}], 1, 0) = 0 (timed out)')).toMatchObject({ name: 'poll', errno: null });
});

test('a message has a name, vectors, flags and control messages', () => {
  const call = action(
    '0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0, msg_control=[{cmsg_level=SOL_TCP, cmsg_type=1, cmsg_data=5}]}, 0) = 10',
  );
  expect(call.kind === 'call' && call.args[1]).toMatchObject({
    kind: 'struct',
    fields: [{ name: 'msg_name' }, { name: 'msg_iov' }, { name: 'msg_flags' }, { name: 'msg_control' }],
  });
});

test('defined words are replaced', () => {
  expect(action('0 bind(FD, ..., ...) = 0', { FD: '7' })).toMatchObject({ args: [{ kind: 'integer', value: 7 }, {}, {}] });
});

test('commands and code keep their text', () => {
  const script = parse('`one\ntwo`\n0 `three`\n+0 %{\nassert 1\n}%\n`four`');
  expect(script.before).toMatchObject([{ text: 'one\ntwo', line: 1 }]);
  expect(script.events.map(({ action: { kind } }) => kind)).toEqual(['command', 'code']);
  expect(script.after).toMatchObject([{ text: 'four' }]);
});

test.each([
  ['0 < S 0:5(4)', 'x.pkt:1: semantic error: inconsistent TCP sequence numbers and payload size'],
  ['0 < S 0:0(0)\n+0 < Q 1:1(0)', "x.pkt:2: semantic error: invalid TCP flag: 'Q'"],
  ['\n* < . 1:1(0) ack 1', 'x.pkt:2: semantic error: event time <star> can only be used with outbound packets'],
  ['0 < . 1:1(0) ack 1 <...>', 'x.pkt:1: semantic error: <...> for TCP options can only be used with outbound packets'],
  ['0 socket(..., 1, 2 = 3', 'x.pkt:1: parse error at \'=\': ")" was expected'],
  ['0 %{ assert 1', 'x.pkt:1: parse error: the code that opens here is not closed by }%'],
  ['0 < S 0:0(0) <ECN e0b 16777216>', 'x.pkt:1: semantic error: AccECN e0b out of range'],
  ['0 < S 0:0(0) <ECN ceb 1>', 'x.pkt:1: parse error at \'ceb\': "e0b" or "e1b" was expected'],
  ['0 < S 0:0(0) <mp_capable a>', 'x.pkt:1: MPTCP is not there: its options are not understood'],
])('%s is refused with its place', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
