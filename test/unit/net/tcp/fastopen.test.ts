import { EINPROGRESS, EINVAL, EOPNOTSUPP } from '../../../../src/base/errno.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_RECV } from '../../../../src/net/tcp/constants.js';
import { makeCookie } from '../../../../src/net/tcp/fastopen-cookie.js';
import { ConnectionKey } from '../../../../src/net/tcp/demux.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, Kit, pattern, readText, send, text, transfer } from './kit.js';

const MSG_FASTOPEN = 0x2000_0000;
const int = (value: number) => new Uint8Array([value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);

/** A listener with a queue for Fast Open. */
function server(kit: Kit, queue = 5): TcpSocket {
  kit.a.settings.fastopen = 1;
  kit.b.settings.fastopen = 2;
  const listener = kit.listener(kit.b, 80);
  listener.setOption(6, 23, int(queue));
  return listener;
}

const sendTo = (sk: TcpSocket, data: string) => sk.send(text(data), 0, data.length, MSG_FASTOPEN, address(B, 80));

/** The client has the server's cookie. */
function acquainted(kit: Kit, listener: TcpSocket): void {
  const first = kit.socket(kit.a);
  expect(sendTo(first, 'cookie, please')).toBe(-EINPROGRESS);
  kit.advance(100);
  expect(first.state).toBe(TCP_ESTABLISHED);
  (listener.accept() as TcpSocket).close();
  first.close();
  kit.advance(100);
}

const syns = (kit: Kit, from = 0) => kit.link.seen.slice(from).filter((s) => s.from === 'a' && s.flags === 'S');

test('the first connection asks for a cookie, the second brings it with its data, which is read before the handshake ends (RFC 7413)', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  expect(kit.b.stats.TCPFastOpenCookieReqd).toBe(1);
  const from = kit.link.seen.length;
  const client = kit.socket(kit.a);
  expect(sendTo(client, 'hello')).toBe(5);
  kit.advance(11);
  const accepted = listener.accept() as TcpSocket;
  expect(accepted.state).toBe(TCP_SYN_RECV);
  expect(readText(accepted)).toBe('hello');
  // The answer leaves before the handshake is complete.
  expect(send(accepted, text('welcome'))).toBe(7);
  kit.advance(10);
  expect(readText(client)).toBe('welcome');
  kit.advance(100);
  expect([client.state, accepted.state]).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
  expect(syns(kit, from).map((s) => s.bytes)).toEqual([5]);
  expect([kit.a.stats.TCPFastOpenActive, kit.b.stats.TCPFastOpenPassive]).toEqual([1, 1]);
  expect((client.getOption(6, 11) as Uint8Array)[5]! & 32).toBe(32);
  expect(listener.listenQueue!.fastOpens).toBe(0);
  expect(transfer(kit, client, accepted, pattern(40_000)).length).toBe(40_000);
  expect(kit.end()).toBe(0);
});

test("the cookie is Linux's: SipHash of source and destination address under tcp_fastopen_key", () => {
  // tcp_fastopen_key = a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4, peer 192.0.2.1, here 192.168.0.1
  const key = new ConnectionKey();
  key.remote[3] = 0xc000_0201;
  key.local[3] = 0xc0a8_0001;
  const cookie = makeCookie(key, 2, Uint32Array.of(0xa1a1a1a1, 0xb2b2b2b2, 0xc3c3c3c3, 0xd4d4d4d4));
  expect(Buffer.from(cookie).toString('hex')).toBe('3021b9d889017eeb');
});

test('TCP_FASTOPEN_CONNECT: connect() succeeds at once, the first data goes with the SYN', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  const client = kit.socket(kit.a);
  expect(client.setOption(6, 30, int(1))).toBe(0);
  expect(client.connect(address(B, 80))).toBe(0);
  expect(client.state).toBe(TCP_CLOSE);
  expect(client.poll()).toBe(4);
  const from = kit.link.seen.length;
  expect(send(client, text('first'))).toBe(5);
  kit.advance(100);
  expect(syns(kit, from)[0]!.bytes).toBe(5);
  expect(readText(listener.accept() as TcpSocket)).toBe('first');
  expect(kit.end()).toBe(0);
});

test('a wrong cookie is answered by the right one; the data is sent again after the handshake', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  kit.b.settings.fastopenKeys = [Uint32Array.of(1, 2, 3, 4)];
  const client = kit.socket(kit.a);
  expect(sendTo(client, 'again')).toBe(5);
  kit.advance(100);
  const accepted = listener.accept() as TcpSocket;
  expect(readText(accepted)).toBe('again');
  expect(kit.b.stats.TCPFastOpenPassiveFail).toBe(1);
  expect(kit.a.stats.TCPFastOpenActiveFail).toBe(1);
  expect((client.getOption(6, 11) as Uint8Array)[7]! >> 1).toBe(2);
  const next = kit.socket(kit.a);
  sendTo(next, 'now');
  kit.advance(100);
  expect(kit.b.stats.TCPFastOpenPassive).toBe(1);
  expect(kit.end()).toBe(0);
});

test('a cookie of the key before is still good, and the SYN-ACK brings the new one', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  kit.b.settings.fastopenKeys = [Uint32Array.of(1, 2, 3, 4), kit.b.settings.fastopenKeys![0]!];
  const client = kit.socket(kit.a);
  sendTo(client, 'x');
  kit.advance(100);
  expect(kit.b.stats.TCPFastOpenPassiveAltKey).toBe(1);
  expect(kit.a.stats.TCPFastOpenActive).toBe(1);
  expect(kit.end()).toBe(0);
});

test('more than TCP_FASTOPEN allows at a time go the ordinary way', () => {
  const kit = new Kit();
  const listener = server(kit, 1);
  acquainted(kit, listener);
  kit.link.drop = (s) => s.from === 'b';
  const clients = [0, 1].map(() => {
    const client = kit.socket(kit.a);
    sendTo(client, 'data');
    return client;
  });
  kit.advance(50);
  expect(listener.listenQueue!.fastOpens).toBe(1);
  expect(kit.b.stats.TCPFastOpenListenOverflow).toBe(1);
  kit.link.drop = null;
  kit.advance(5000);
  expect(clients.map((client) => client.state)).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
  expect(kit.end()).toBe(0);
});

test('a lost SYN is repeated without data, which follows the handshake; a lost SYN-ACK is repeated by the server', () => {
  for (const lost of ['a', 'b'] as const) {
    const kit = new Kit();
    const listener = server(kit);
    acquainted(kit, listener);
    const from = kit.link.seen.length;
    let count = 0;
    kit.link.drop = (s) => s.from === lost && s.flags.startsWith('S') && count++ === 0;
    const client = kit.socket(kit.a);
    sendTo(client, 'data');
    kit.advance(3000);
    expect(syns(kit, from)[1]!.bytes).toBe(0);
    const accepted = listener.accept() as TcpSocket;
    expect(readText(accepted)).toBe('data');
    expect([client.state, accepted.state]).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
    expect(kit.end()).toBe(0);
  }
});

test('a handshake of Fast Open that nobody completes is given up; the user hears of it', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  const client = kit.socket(kit.a);
  sendTo(client, 'data');
  kit.advance(11);
  const accepted = listener.accept() as TcpSocket;
  kit.link.drop = () => true;
  kit.until(() => accepted.state === TCP_CLOSE);
  expect(accepted.takeError()).toBe(110);
  accepted.close();
  expect(listener.listenQueue!.fastOpens).toBe(0);
  expect(kit.end()).toBe(0);
});

test('data in a SYN that closes at once: connection, data and end with three packets and an answer', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  const client = kit.socket(kit.a);
  sendTo(client, 'bye');
  client.close();
  kit.advance(200);
  const accepted = listener.accept() as TcpSocket;
  expect(readText(accepted)).toBe('bye');
  accepted.close();
  kit.advance(200);
  expect(kit.end()).toBe(0);
});

test('options of Fast Open have the limits of Linux; tcp_fastopen 0 refuses', () => {
  const kit = new Kit();
  kit.a.settings.fastopen = 0;
  const sk = kit.socket(kit.a);
  expect(sendTo(sk, 'x')).toBe(-EOPNOTSUPP);
  expect(sk.setOption(6, 30, int(1))).toBe(-EOPNOTSUPP);
  expect(sk.setOption(6, 23, int(-1))).toBe(-EINVAL);
  expect(sk.setOption(6, 23, int(70_000))).toBe(0);
  expect(sk.getOption(6, 23)).toEqual(int(4096));
  expect(sk.getOption(6, 33)).toEqual(new Uint8Array(0));
  expect(sk.setOption(6, 33, new Uint8Array(15))).toBe(-EINVAL);
  expect(sk.setOption(6, 33, new Uint8Array(32).fill(97))).toBe(0);
  expect(sk.getOption(6, 33)).toEqual(new Uint8Array(32).fill(97));
  expect(sk.setOption(6, 34, int(2))).toBe(-EINVAL);
  expect(sk.setOption(6, 34, int(1))).toBe(0);
  expect(kit.end()).toBe(0);
});

/** Fast Open without cookies, to a server that hears nothing of it. */
function swallowed(kit: Kit): void {
  kit.a.settings.fastopen = 5;
  const client = kit.socket(kit.a);
  expect(sendTo(client, 'data')).toBe(4);
  kit.link.drop = () => true;
  kit.advance(8000);
  kit.link.drop = null;
  client.abort(0);
  client.close();
}

/** Bytes that go with the next SYN. */
function withNextSyn(kit: Kit): number {
  const from = kit.link.seen.length;
  const client = kit.socket(kit.a);
  sendTo(client, 'data');
  kit.advance(100);
  client.close();
  kit.advance(100);
  return syns(kit, from)[0]!.bytes;
}

test('tcp_fastopen_blackhole_timeout_sec: after three time-outs no data goes with a SYN, each time for twice as long', () => {
  const kit = new Kit();
  kit.listener(kit.b, 80);
  kit.a.settings.fastopenBlackholeTimeout = 60;
  swallowed(kit);
  expect([kit.a.stats.TCPFastOpenBlackhole, kit.a.stats.TCPFastOpenActiveFail]).toEqual([1, 1]);
  expect(withNextSyn(kit)).toBe(0);
  kit.advance(60_000);
  expect(withNextSyn(kit)).toBe(4);
  swallowed(kit);
  kit.advance(60_000);
  expect(withNextSyn(kit)).toBe(0);
  kit.advance(60_000);
  expect(withNextSyn(kit)).toBe(4);
  expect(kit.a.stats.TCPFastOpenBlackhole).toBe(2);
  expect(kit.end()).toBe(0);
});

test('without tcp_fastopen_blackhole_timeout_sec data goes with every SYN, whatever became of the last', () => {
  const kit = new Kit();
  kit.listener(kit.b, 80);
  swallowed(kit);
  expect(withNextSyn(kit)).toBe(4);
  expect([kit.a.stats.TCPFastOpenBlackhole, kit.a.stats.TCPFastOpenActiveFail]).toEqual([0, 2]);
  expect(kit.end()).toBe(0);
});

test('data that comes by Fast Open after a pause makes the next pause a short one again', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  kit.a.settings.fastopenBlackholeTimeout = 60;
  Object.assign(kit.a.fastOpenPause, { times: 3, sinceUs: kit.stack.nowUs - 1_000_000_000 });
  const client = kit.socket(kit.a);
  sendTo(client, 'hello');
  kit.advance(50);
  const accepted = listener.accept() as TcpSocket;
  send(accepted, text('welcome'));
  kit.advance(50);
  expect(readText(client)).toBe('welcome');
  client.close();
  accepted.close();
  kit.advance(1000);
  expect(kit.a.fastOpenPause.times).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a FIN alone beyond a hole tells of a middlebox that swallowed the data before it', () => {
  const kit = new Kit();
  const listener = server(kit);
  acquainted(kit, listener);
  kit.a.settings.fastopenBlackholeTimeout = 60;
  const client = kit.socket(kit.a);
  sendTo(client, 'hello');
  kit.advance(50);
  const accepted = listener.accept() as TcpSocket;
  kit.link.drop = (s) => s.from === 'b' && s.bytes > 0;
  send(accepted, text('welcome'));
  accepted.close();
  kit.advance(100);
  client.abort(0);
  client.close();
  expect(kit.a.stats.TCPFastOpenBlackhole).toBe(1);
  kit.link.drop = null;
  expect(kit.end()).toBe(0);
});
