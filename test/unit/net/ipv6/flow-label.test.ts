import { EEXIST, EINVAL, ENOENT, ENOPROTOOPT, EPERM, ERANGE, ESRCH } from '../../../../src/base/errno.js';
import { ip6Flowlabel } from '../../../../src/control/procnet/flowlabel.js';
import { withControl } from '../../../../src/net/core/send-control.js';
import { ReceiveInfo, type Socket, SocketAddress } from '../../../../src/net/core/socket.js';
import { readFlowLabel } from '../../../../src/net/core/options/flow-label.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { ip6, type SeenPacket, World6 } from './world.js';

const SOL_IPV6 = 41;
const FLOWLABEL_MGR = 32;
const FLOWINFO_SEND = 33;
const AUTOFLOWLABEL = 70;
const [GET, PUT, RENEW] = [0, 1, 2];
const [CREATE, EXCL, REFLECT, REMOTE] = [1, 2, 4, 8];
const ANY = 255;
const STATELESS = 0x8_0000;
const one = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0);

const at = (text: string, port: number, flowInfo = 0): SocketAddress =>
  Object.assign(new SocketAddress(), { family: 10, words: ip6(text), port, flowInfo });
const labelOf = ({ bytes }: SeenPacket): number => ((bytes[1]! & 15) << 16) | (bytes[2]! << 8) | bytes[3]!;

/** Two hosts on a link, and what "left" sends and gets. */
function twoHosts() {
  const world = new World6();
  const left = world.namespace();
  const right = world.namespace();
  const [l, r] = world.cable(left, right);
  world.addAddress(l, '2001:db8::1/64');
  world.addAddress(r, '2001:db8::2/64');
  world.advanceMs(3000);
  const sent = world.capture(l, true);
  const got = world.capture(l, false);
  const udp = () => left.udp.createSocket(0, true, 10);
  /** The label of a datagram that `socket` sends to the other. */
  const labelSent = (socket: Socket, to: SocketAddress | null = at('2001:db8::2', 5000)): number => {
    const before = sent.length;
    const result = socket.send(Uint8Array.of(1), 0, 1, 0, to);
    if (result < 0) return result;
    world.advanceMs(20);
    return labelOf(sent.slice(before).find(({ next }) => next === 17)!);
  };
  return { world, left, right, sent, got, udp, labelSent };
}

function request(destination: string, label: number, action: number, share = ANY, flags = 0, expires = 0, linger = 0): Uint8Array {
  const bytes = new Uint8Array(32);
  const v = new DataView(bytes.buffer);
  for (const [i, word] of ip6(destination).entries()) v.setUint32(4 * i, word);
  v.setUint32(16, label);
  v.setUint8(20, action);
  v.setUint8(21, share);
  v.setUint16(22, flags, true);
  v.setUint16(24, expires, true);
  v.setUint16(26, linger, true);
  return bytes;
}

const manage = (socket: Socket, label: number, action: number, share = ANY, flags = 0, expires = 0, linger = 0): number =>
  socket.setOption(SOL_IPV6, FLOWLABEL_MGR, request('2001:db8::2', label, action, share, flags, expires, linger));

/** Another address where the one in hand is busy with ICMP's limits; a closed port answers a SYN with a reset. */
function connectTo(world: World6, socket: Socket, port: number, flowInfo = 0): void {
  socket.connect(at('2001:db8::2', port, flowInfo));
  world.advanceMs(50);
}

test('each flow has a label of its own that stays, errors and echoes have one too (auto_flowlabels 1)', () => {
  const { left, udp, labelSent, got, world } = twoHosts();
  const [a, b] = [udp(), udp()];
  const label = labelSent(a);
  expect(label).not.toBe(0);
  expect(labelSent(a)).toBe(label);
  expect(labelSent(b)).not.toBe(label);
  expect(labelSent(a, at('2001:db8::2', 5001))).not.toBe(label);
  const errors = got.filter(({ next }) => next === 58).filter(({ bytes }) => bytes[40] === 1);
  expect(errors.length).toBeGreaterThan(0);
  expect(new Set(errors.map(labelOf)).size).toBe(1);
  expect(labelOf(errors[0]!)).not.toBe(0);
  world.ping(left, '2001:db8::2');
  world.advanceMs(10);
  const reply = got.find(({ bytes }) => bytes[6] === 58 && bytes[40] === 129)!;
  expect(labelOf(reply)).not.toBe(0);
});

test('neighbour discovery carries none', () => {
  const { sent, udp, labelSent } = twoHosts();
  labelSent(udp());
  const solicitations = sent.filter(({ next, bytes }) => next === 58 && bytes[40]! >= 133);
  expect(solicitations.map(labelOf)).toEqual(solicitations.map(() => 0));
});

test.each([
  [0, [0, 0, 0]],
  [1, [1, 0, 1]],
  [2, [0, 0, 1]],
  [3, [1, 1, 1]],
])('auto_flowlabels %i: of a socket that says nothing, no, yes', (mode, expected) => {
  const { left, udp, labelSent } = twoHosts();
  left.ipv6.settings.autoFlowlabels = mode;
  const [silent, no, yes] = [udp(), udp(), udp()];
  no.setOption(SOL_IPV6, AUTOFLOWLABEL, one(0));
  yes.setOption(SOL_IPV6, AUTOFLOWLABEL, one(1));
  expect([silent, no, yes].map((socket) => Number(labelSent(socket) !== 0))).toEqual(expected);
  expect([silent, no, yes].map((socket) => (socket.getOption(SOL_IPV6, AUTOFLOWLABEL) as Uint8Array)[0])).toEqual([mode & 1, 0, 1]);
});

test('flowlabel_state_ranges keeps the upper half for labels that nobody asked for', () => {
  const { left, udp, labelSent } = twoHosts();
  left.ipv6.settings.flowlabelStateRanges = 1;
  for (let i = 0; i < 8; i++) expect(labelSent(udp()) & STATELESS).toBe(STATELESS);
  const socket = udp();
  expect(manage(socket, 0x80001, GET, ANY, CREATE)).toBe(-ERANGE);
  expect(manage(socket, 0x70001, GET, ANY, CREATE)).toBe(0);
});

test('IPV6_FLOWLABEL_MGR answers as Linux, and /proc/net/ip6_flowlabel shows what it gave', () => {
  const { left, udp, world } = twoHosts();
  const [s, t] = [udp(), udp()];
  s.setOption(SOL_IPV6, FLOWINFO_SEND, one(1));
  expect(manage(s, 0x11111, GET)).toBe(-ENOENT);
  expect([0, 1, 2, 3, 4, 255].map((share, i) => manage(s, 0x20000 + i, GET, share, CREATE))).toEqual([-EINVAL, 0, 0, 0, -EINVAL, 0]);
  expect([manage(s, 0x20001, GET, 1, CREATE), manage(t, 0x20001, GET, 1, CREATE)]).toEqual([-EPERM, -EPERM]);
  expect([manage(t, 0x20005, GET, ANY, CREATE), manage(t, 0x20005, GET)]).toEqual([0, 0]);
  expect(manage(t, 0x20005, GET, ANY, CREATE | EXCL)).toBe(-EEXIST);
  expect([0x20005, 0x20005, 0x77777].map((label) => manage(s, label, PUT))).toEqual([0, -ESRCH, -ESRCH]);
  expect([manage(s, 0x20001, RENEW, 0, 0, 60, 10), manage(s, 0x66666, RENEW, 0, 0, 60, 10)]).toEqual([0, -ESRCH]);
  expect([manage(s, 0x120001, GET, ANY, CREATE), manage(s, 0x20001, 9)]).toEqual([-EINVAL, -EINVAL]);
  const other = (destination: string) => s.setOption(SOL_IPV6, FLOWLABEL_MGR, request(destination, 0x2000a, GET, ANY, CREATE));
  expect(['::', '::ffff:1.2.3.4', 'ff02::1'].map(other)).toEqual([-EINVAL, -EINVAL, 0]);
  const dst = '20010db8000000000000000000000002';
  expect(ip6Flowlabel.text(left).split('\n')).toEqual([
    'Label S Owner  Users  Linger Expires  Dst                              Opt',
    `20001 1 0      1      10     60       ${dst} 0   `,
    `20002 2 0      1      6      6        ${dst} 0   `,
    `20003 3 0      1      6      6        ${dst} 0   `,
    `20005 255 0      2      6      6        ${dst} 0   `,
    '2000A 255 0      1      6      6        ff020000000000000000000000000001 0   ',
    '',
  ]);
  s.close();
  t.close();
  world.advanceMs(8000);
  expect(ip6Flowlabel.text(left).split('\n').slice(1)).toEqual([`20001 1 0      0      10     52       ${dst} 0   `, '']);
});

test('a label of 0 becomes one that is free, and is told', () => {
  const { udp } = twoHosts();
  const value = request('2001:db8::2', 0, GET, ANY, CREATE);
  expect(udp().setOption(SOL_IPV6, FLOWLABEL_MGR, value)).toBe(0);
  expect(new DataView(value.buffer).getUint32(16)).toBeGreaterThan(0);
});

test('who sends flow information sends its label; where labels are held alone only one that it holds', () => {
  const { udp, labelSent } = twoHosts();
  const [s, t] = [udp(), udp()];
  const to = at('2001:db8::2', 5000, 0x20001);
  expect(labelSent(s, to)).not.toBe(0x20001);
  for (const socket of [s, t]) socket.setOption(SOL_IPV6, FLOWINFO_SEND, one(1));
  expect([labelSent(s, to), labelSent(t, to)]).toEqual([0x20001, 0x20001]);
  expect(manage(s, 0x20001, GET, 1, CREATE)).toBe(0);
  expect([labelSent(s, to), labelSent(t, to), t.connect(to)]).toEqual([0x20001, -EINVAL, -EINVAL]);
  expect(s.connect(to)).toBe(0);
  expect([labelSent(s, null), s.remote.flowInfo]).toEqual([0x20001, 0x20001]);
  const told = readFlowLabel(s, request('::', 0, GET)) as Uint8Array;
  expect([new DataView(told.buffer).getUint32(16), told[21]]).toEqual([0x20001, 1]);
  expect(readFlowLabel(t, request('::', 0, GET))).toBe(-ENOENT);
});

test('a control message chooses the label of one datagram', () => {
  const { udp, labelSent } = twoHosts();
  const socket = udp();
  const control = new DataView(new ArrayBuffer(24));
  control.setUint32(0, 20, true);
  control.setInt32(8, SOL_IPV6, true);
  control.setInt32(12, 11, true);
  control.setUint32(16, 0x12345);
  let label = 0;
  withControl(socket, control, 0, 24, () => {
    label = labelSent(socket);
    return 0;
  });
  expect(label).toBe(0x12345);
  expect(labelSent(socket)).not.toBe(0x12345);
});

test('the receiver of a datagram can be told of its flow information', () => {
  const { udp, labelSent, right, world } = twoHosts();
  const receiver = right.udp.createSocket(0, true, 10);
  receiver.bind(at('::', 5000));
  const label = labelSent(udp());
  world.advanceMs(10);
  const info = new ReceiveInfo();
  receiver.receive(new Uint8Array(10), 0, 10, 0, info);
  expect(info.flowInfo).toBe(label);
});

test('a connection has one label for SYN, data and what answers them, another after a time-out', () => {
  const { world, left, right, sent, got } = twoHosts();
  const listener = new TcpSocket(right.tcp, 10, 0, true);
  listener.bind(at('::', 80));
  listener.listen(5);
  const socket = new TcpSocket(left.tcp, 10, 0, true);
  connectTo(world, socket, 80);
  const accepted = listener.accept() as TcpSocket;
  socket.send(new Uint8Array(10), 0, 10, 0, null);
  accepted.send(new Uint8Array(10), 0, 10, 0, null);
  world.advanceMs(100);
  const labels = (packets: SeenPacket[]) => [...new Set(packets.filter(({ next }) => next === 6).map(labelOf))];
  const [ours, theirs] = [labels(sent), labels(got)];
  expect([ours.length, theirs.length]).toEqual([1, 1]);
  expect(ours[0]).not.toBe(0);
  expect(theirs[0]).not.toBe(0);
  expect(theirs[0]).not.toBe(ours[0]);
  const device = [...right.devicesByIndex.values()].find(({ name }) => name !== 'lo')!;
  const before = sent.length;
  device.flags &= ~1;
  socket.send(new Uint8Array(10), 0, 10, 0, null);
  world.advanceMs(3000);
  expect(labels(sent.slice(before)).length).toBeGreaterThan(1);
  expect(left.tcp.stats.TcpTimeoutRehash).toBeGreaterThan(0);
  left.core.txrehash = 0;
  const later = sent.length;
  world.advanceMs(6000);
  expect(labels(sent.slice(later)).length).toBeLessThanOrEqual(1);
});

test('flowlabel_reflect: connections that came in, resets and echoes answer with the label of the other side', () => {
  const { world, left, right, sent, got } = twoHosts();
  right.ipv6.settings.flowlabelReflect = 7;
  const listener = new TcpSocket(right.tcp, 10, 0, true);
  listener.bind(at('::', 80));
  listener.listen(5);
  const pair = (next: number) => [sent, got].map((packets) => [...new Set(packets.filter((p) => p.next === next).map(labelOf))]);
  connectTo(world, new TcpSocket(left.tcp, 10, 0, true), 80);
  const accepted = listener.accept() as TcpSocket;
  accepted.send(new Uint8Array(10), 0, 10, 0, null);
  world.advanceMs(100);
  const [ours, theirs] = pair(6);
  expect(theirs).toEqual(ours);
  sent.length = 0;
  got.length = 0;
  connectTo(world, new TcpSocket(left.tcp, 10, 0, true), 81);
  const [asked, reset] = pair(6);
  expect(asked![0]).not.toBe(0);
  expect(reset).toEqual(asked);
  right.ipv6.settings.flowlabelReflect = 0;
  got.length = 0;
  sent.length = 0;
  connectTo(world, new TcpSocket(left.tcp, 10, 0, true), 81);
  expect(pair(6)[1]).not.toEqual(pair(6)[0]);
});

test('IPV6_FL_F_REFLECT wants TCP, and flowlabel_consistency off', () => {
  const { left, udp } = twoHosts();
  const tcp = new TcpSocket(left.tcp, 10, 0, true);
  expect([manage(tcp, 0, GET, ANY, REFLECT), manage(tcp, 0, PUT, 0, REFLECT)]).toEqual([-EPERM, -ESRCH]);
  left.ipv6.settings.flowlabelConsistency = 0;
  expect([manage(tcp, 0, GET, ANY, REFLECT), manage(udp(), 0, GET, ANY, REFLECT)]).toEqual([0, -ENOPROTOOPT]);
  expect([manage(tcp, 0, GET, ANY, REMOTE), manage(tcp, 0, PUT, 0, REFLECT), manage(tcp, 0, PUT, 0, REFLECT)]).toEqual([
    -ENOENT,
    0,
    -ESRCH,
  ]);
});
