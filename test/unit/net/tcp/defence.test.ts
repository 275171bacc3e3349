import { EINVAL, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ETIMEDOUT } from '../../../../src/base/errno.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import { DropReason } from '../../../../src/net/core/drop-reason.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { atMark } from '../../../../src/net/tcp/urgent.js';
import { address, B, equal, inject, injectIcmp, Kit, pattern, readText, send, text, transfer } from './kit.js';

/** Ports of a segment that seems to come from the client. */
const toServer = (client: TcpSocket) => ({ sourcePort: client.local.port, destinationPort: 80 });
const sinceB = (kit: Kit, from: number) => kit.link.seen.slice(from).filter((s) => s.from === 'b');

test('a reset exactly at RCV.NXT ends the connection: ECONNRESET', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt, flags: 'R' });
  expect(server.state).toBe(TCP_CLOSE);
  expect(server.takeError()).toBe(ECONNRESET);
  expect(kit.end()).toBe(0);
});

test('a reset elsewhere in the window is asked back with a challenge ACK (RFC 5961 3.2)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt + 100, flags: 'R' });
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(sinceB(kit, from).map((s) => s.flags)).toEqual(['.']);
  expect(kit.b.stats.TCPChallengeACK).toBe(1);
  expect(kit.end()).toBe(0);
});

test('a reset outside the window is ignored', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt + 10_000_000, flags: 'R' });
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt - 1, flags: 'R' });
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(sinceB(kit, from).length).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a SYN on an established connection is challenged, not more than twice a second (RFC 5961 4.2, 10)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const from = kit.link.seen.length;
  for (let i = 0; i < 100; i++) {
    inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt + i, flags: 'S' });
    kit.advance(10);
  }
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(sinceB(kit, from).length).toBe(2);
  expect(kit.b.stats.TCPACKSkippedChallenge).toBe(98);
  expect(kit.end()).toBe(0);
});

test('tcp_challenge_ack_limit holds for the namespace', () => {
  const kit = new Kit();
  kit.b.settings.challengeAckLimit = 0;
  const { client, server } = kit.connected();
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt + 9, flags: 'R' });
  expect(sinceB(kit, from).length).toBe(0);
  expect(kit.end()).toBe(0);
});

test('an ACK of what was never sent changes nothing', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt, ack: server.sndNxt + 1000, flags: '.', data: text('evil') });
  expect(readText(server)).toBe('');
  expect(kit.stack.drops[DropReason.TCP_ACK_UNSENT_DATA]).toBe(1);
  expect(kit.end()).toBe(0);
});

test('an ACK from before any window is challenged (RFC 5961 5.2)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(1000);
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt, ack: server.sndUna - 10_000_000, flags: '.', data: text('evil') });
  expect(readText(server)).toBe('');
  expect(kit.b.stats.TCPChallengeACK).toBe(1);
  expect(kit.end()).toBe(0);
});

test('PAWS: a segment with an old timestamp is dropped and answered (RFC 7323 5.3)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(5000);
  send(client, text('new'));
  kit.advance(50);
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, {
    ...toServer(client),
    seq: server.rcvNxt,
    ack: server.sndNxt,
    flags: 'P.',
    data: text('old'),
    timestamps: [server.tsRecent - 3000, 0],
  });
  expect(readText(server)).toBe('new');
  expect(kit.b.stats.PAWSEstab).toBe(1);
  expect(sinceB(kit, from).map((s) => s.flags)).toEqual(['.']);
  expect(kit.end()).toBe(0);
});

test('PAWS lets a timestamp through that is older than 24 days', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(25 * 86_400_000);
  inject(kit, kit.layerB, {
    ...toServer(client),
    seq: server.rcvNxt,
    ack: server.sndNxt,
    flags: 'P.',
    data: text('awake'),
    timestamps: [server.tsRecent - 10, 0],
  });
  expect(readText(server)).toBe('awake');
  expect(kit.end()).toBe(0);
});

test('data beyond the window is dropped and answered', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, { ...toServer(client), seq: server.rcvNxt + 10_000_000, ack: server.sndNxt, flags: '.', data: text('far') });
  expect(sinceB(kit, from).length).toBe(1);
  expect(kit.stack.drops[DropReason.TCP_INVALID_SEQUENCE]).toBe(1);
  expect(kit.end()).toBe(0);
});

test('overlapping and repeated pieces out of order come out once', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const base = server.rcvNxt;
  const all = pattern(3000);
  const piece = (start: number, end: number) =>
    inject(kit, kit.layerB, { ...toServer(client), seq: base + start, ack: server.sndNxt, flags: '.', data: all.slice(start, end) });
  piece(100, 700);
  piece(1200, 2500);
  piece(600, 1300);
  piece(650, 660);
  piece(50, 2600);
  piece(2700, 3000);
  piece(0, 120);
  piece(2550, 2750);
  const got = new Uint8Array(4000);
  const n = server.receive(got, 0, 4000, 0, null);
  expect(n).toBe(3000);
  expect(equal(got.subarray(0, n), all)).toBe(true);
  expect(server.outOfOrder!.length).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a bad checksum and a bad header are counted and dropped', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.link.faults = { corrupt: 1 };
  send(client, text('garbled'));
  kit.advance(50);
  expect(readText(server)).toBe('');
  expect(kit.b.stats.InCsumErrors + kit.b.stats.InErrs).toBeGreaterThan(0);
  kit.link.faults = {};
  kit.advance(3000);
  expect(readText(server)).toBe('garbled');
  expect(kit.end()).toBe(0);
});

test('fragmentation needed: the MSS goes down and what was too big is sent again at once (RFC 1191)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 960;
  send(client, pattern(3000));
  kit.advance(20);
  const start = kit.nowMs;
  injectIcmp(kit, kit.layerA, [client.local.port, 80], client.sndUna, 3, 4, 90, 1000);
  expect(client.mssCache).toBe(1000 - 40 - 12);
  kit.advance(100);
  const got = new Uint8Array(4000);
  expect(server.receive(got, 0, 4000, 0, null)).toBe(3000);
  expect(kit.nowMs - start).toBeLessThan(150);
  expect(kit.end()).toBe(0);
});

test('an ICMP error about a sequence number that is not under way is not believed (RFC 5927)', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  injectIcmp(kit, kit.layerA, [client.local.port, 80], client.sndNxt + 5000, 3, 4, 90, 600);
  expect(client.mssCache).toBe(1448);
  expect(kit.a.stats.OutOfWindowIcmps).toBe(1);
  expect(kit.end()).toBe(0);
});

test('host unreachable ends a connection being made, and only explains the end of an established one', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  injectIcmp(kit, kit.layerA, [client.local.port, 80], client.sndUna, 3, 1, EHOSTUNREACH);
  expect(client.state).toBe(TCP_ESTABLISHED);
  kit.link.drop = () => true;
  send(client, text('x'));
  kit.advance(300);
  injectIcmp(kit, kit.layerA, [client.local.port, 80], client.sndUna, 3, 1, EHOSTUNREACH);
  kit.until(() => client.state === TCP_CLOSE);
  expect(client.takeError()).toBe(EHOSTUNREACH);
  const opening = kit.socket(kit.a);
  opening.connect(address(B, 80));
  expect(opening.state).toBe(TCP_SYN_SENT);
  injectIcmp(kit, kit.layerA, [opening.local.port, 80], opening.sndUna, 3, 1, EHOSTUNREACH);
  expect(opening.state).toBe(TCP_CLOSE);
  expect(opening.takeError()).toBe(EHOSTUNREACH);
  expect(kit.end()).toBe(0);
});

test('the accept queue holds backlog + 1; what comes then waits unaccepted until there is room', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80, 1);
  const clients = [0, 1, 2, 3].map(() => kit.socket(kit.a));
  // One handshake at a time: of those, too, there may be no more than the backlog says.
  for (const client of clients.slice(0, 2)) {
    client.connect(address(B, 80));
    kit.advance(100);
  }
  expect(listener.listenQueue!.length).toBe(2);
  clients[2]!.connect(address(B, 80));
  kit.advance(100);
  expect(kit.b.stats.ListenOverflows).toBeGreaterThan(0);
  expect(clients[2]!.state).toBe(TCP_SYN_SENT);
  expect(typeof listener.accept()).toBe('object');
  kit.advance(1500);
  expect(clients[2]!.state).toBe(TCP_ESTABLISHED);
  expect(kit.end()).toBe(0);
});

test('a handshake completed while the accept queue is full: the client believes in it, data brings it through later', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80, 0);
  const [one, two] = [kit.socket(kit.a), kit.socket(kit.a)];
  // Both SYNs are answered before either ACK is there; a queue of handshakes that short takes one only.
  listener.listenQueue!.maxBacklog = 2;
  one.connect(address(B, 80));
  two.connect(address(B, 80));
  kit.advance(15);
  listener.listenQueue!.maxBacklog = 0;
  kit.advance(100);
  expect(one.state).toBe(TCP_ESTABLISHED);
  expect(two.state).toBe(TCP_ESTABLISHED);
  expect(listener.listenQueue!.length).toBe(1);
  expect(kit.b.stats.ListenOverflows).toBe(1);
  send(two, text('patience'));
  listener.accept();
  kit.advance(3000);
  const second = listener.accept();
  if (typeof second === 'number') throw new Error('not accepted');
  const got = new Uint8Array(20);
  expect(second.receive(got, 0, 20, 0, null)).toBe(8);
  expect(kit.end()).toBe(0);
});

test('tcp_abort_on_overflow answers it with a reset instead', () => {
  const kit = new Kit();
  kit.b.settings.abortOnOverflow = 1;
  const listener = kit.listener(kit.b, 80, 2);
  const [one, two] = [kit.socket(kit.a), kit.socket(kit.a)];
  one.connect(address(B, 80));
  two.connect(address(B, 80));
  kit.advance(15);
  listener.listenQueue!.maxBacklog = 0;
  kit.advance(100);
  expect([one.state, two.state].sort()).toEqual([TCP_ESTABLISHED, TCP_CLOSE].sort());
  expect(kit.end()).toBe(0);
});

test('a handshake that is never completed is forgotten after five repeated SYN-ACKs', () => {
  const kit = new Kit();
  kit.listener(kit.b, 80);
  inject(kit, kit.layerB, { sourcePort: 999, destinationPort: 80, seq: 1, flags: 'S', mss: 1460 });
  kit.link.drop = () => true;
  expect(kit.b.endpoints.count).toBe(1);
  const start = kit.nowMs;
  expect(kit.until(() => kit.b.endpoints.count === 0)).toBe(true);
  expect(Math.round((kit.nowMs - start) / 1000)).toBe(63);
  expect(kit.link.seen.filter((s) => s.flags === 'S.').length).toBe(6);
  expect(kit.end()).toBe(0);
});

test('a closing listener resets what nobody accepted', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(100);
  expect(client.state).toBe(TCP_ESTABLISHED);
  listener.close();
  kit.advance(50);
  expect(client.takeError()).toBe(ECONNRESET);
  expect(kit.b.endpoints.count).toBe(0);
  expect(kit.b.ports.size).toBe(0);
  expect(kit.end()).toBe(0);
});

test('TCP_DEFER_ACCEPT shows the connection when data came', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  listener.setOption(6, 9, new Uint8Array([3, 0, 0, 0]));
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(500);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(listener.poll()).toBe(0);
  send(client, text('here'));
  kit.advance(50);
  expect(listener.poll()).not.toBe(0);
  expect(kit.end()).toBe(0);
});

test('two connections to one listener are told apart, a second one with the same ports is not made', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const one = kit.socket(kit.a);
  const two = kit.socket(kit.a);
  one.connect(address(B, 80));
  two.connect(address(B, 80));
  expect(one.local.port).not.toBe(two.local.port);
  kit.advance(100);
  send(one, text('one'));
  send(two, text('two'));
  kit.advance(50);
  const texts = [listener.accept(), listener.accept()].map((s) => readText(s as TcpSocket)).sort();
  expect(texts).toEqual(['one', 'two']);
  expect(kit.end()).toBe(0);
});

test('the urgent byte sets POLLPRI, is read by MSG_OOB, and reads of the stream stop before it and pass over it', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  expect(send(client, text('ab!'), 1)).toBe(3);
  expect(send(client, text('cd'))).toBe(2);
  kit.advance(50);
  expect(server.poll() & 2).toBe(2);
  const into = new Uint8Array(10);
  expect(server.receive(into, 0, 10, 1, null)).toBe(1);
  expect(into[0]).toBe('!'.charCodeAt(0));
  expect(server.receive(into, 0, 10, 1, null)).toBe(-EINVAL);
  expect(server.poll() & 2).toBe(0);
  expect(server.receive(into, 0, 10, 0, null)).toBe(2);
  expect(atMark(server)).toBe(true);
  expect(readText(server)).toBe('cd');
  expect(atMark(server)).toBe(false);
  expect(kit.end()).toBe(0);
});

test('with SO_OOBINLINE urgent data sets POLLPRI and stays in the stream', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  server.oobInline = true;
  kit.advance(100);
  expect(send(client, text('!'), 1)).toBe(1);
  kit.advance(50);
  expect(server.poll() & 2).toBe(2);
  expect(server.receive(new Uint8Array(1), 0, 1, 1, null)).toBe(-EINVAL);
  expect(readText(server)).toBe('!');
  expect(server.poll() & 2).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a peer that goes away while the connection is made: the SYN-ACK of an old attempt is refused', () => {
  const kit = new Kit();
  kit.link.drop = () => true;
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  inject(kit, kit.layerA, {
    sourcePort: 80,
    destinationPort: client.local.port,
    seq: 5,
    ack: client.sndNxt + 77,
    flags: 'S.',
    mss: 1460,
  });
  expect(client.state).toBe(TCP_SYN_SENT);
  expect(kit.link.seen.at(-1)!.flags).toBe('R');
  inject(kit, kit.layerA, { sourcePort: 80, destinationPort: client.local.port, seq: 5, ack: client.sndNxt, flags: 'R.' });
  expect(client.takeError()).toBe(ECONNREFUSED);
  expect(ETIMEDOUT).toBe(110);
  expect(kit.end()).toBe(0);
});

test('a namespace that goes takes its connections along without a word', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(10_000));
  kit.advance(200);
  const from = kit.link.seen.length;
  kit.a.destroy();
  kit.advance(1000);
  expect(kit.link.seen.slice(from).filter((s) => s.from === 'a').length).toBe(0);
  expect(kit.a.endpoints.count).toBe(0);
  expect(kit.end()).toBe(0);
});
