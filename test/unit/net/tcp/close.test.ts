import { EAGAIN, ECONNRESET, ENOTCONN, EPIPE, ETIMEDOUT } from '../../../../src/base/errno.js';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_TIME_WAIT,
} from '../../../../src/net/tcp/constants.js';
import { ENDPOINT_TIME_WAIT } from '../../../../src/net/tcp/demux.js';
import type { Tcp } from '../../../../src/net/tcp/tcp.js';
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, SHUT_RD, SHUT_WR } from '../../../../src/net/core/socket.js';
import { A, address, B, inject, Kit, pattern, readText, send, text } from './kit.js';

const timeWaits = (tcp: Tcp): number[] => [...tcp.endpoints.values()].flatMap((e) => (e.kind === ENDPOINT_TIME_WAIT ? [e.substate] : []));
const into = new Uint8Array(65_536);

test('the end that closes first goes through FIN_WAIT1, FIN_WAIT2 and TIME_WAIT, the other through CLOSE_WAIT and LAST_ACK', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  client.close();
  expect(client.state).toBe(TCP_FIN_WAIT1);
  kit.advance(11);
  expect(server.state).toBe(TCP_CLOSE_WAIT);
  expect(server.poll() & (POLLIN | POLLRDHUP)).toBe(POLLIN | POLLRDHUP);
  expect(server.receive(into, 0, 10, 0, null)).toBe(0);
  kit.advance(100);
  // Without a user FIN_WAIT2 is a compact entry.
  expect(timeWaits(kit.a)).toEqual([TCP_FIN_WAIT2]);
  server.close();
  expect(server.state).toBe(TCP_LAST_ACK);
  kit.advance(15);
  expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
  kit.advance(15);
  expect(server.state).toBe(TCP_CLOSE);
  kit.advance(59_900);
  expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
  kit.advance(200);
  expect(timeWaits(kit.a)).toEqual([]);
  expect(kit.a.ports.size).toBe(0);
  expect(kit.end()).toBe(0);
});

test('half close: after shutdown(SHUT_WR) the other direction goes on', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  send(client, text('question'));
  client.shutdown(SHUT_WR);
  kit.advance(100);
  expect(client.state).toBe(TCP_FIN_WAIT2);
  expect(send(client, text('x'))).toBe(-EPIPE);
  expect(readText(server)).toBe('question');
  expect(server.receive(into, 0, 10, 0, null)).toBe(0);
  send(server, pattern(100_000));
  let got = 0;
  client.onReady = () => {
    for (let n = client.receive(into, 0, into.length, 0, null); n > 0; n = client.receive(into, 0, into.length, 0, null)) got += n;
  };
  kit.advance(1000);
  expect(got).toBeGreaterThan(60_000);
  server.close();
  kit.advance(1000);
  expect(client.receive(into, 0, 10, 0, null)).toBe(0);
  expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
  expect(client.poll() & POLLHUP).toBe(POLLHUP);
  expect(kit.end()).toBe(0);
});

test('both ends close at once: CLOSING, then TIME_WAIT at both', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  client.close();
  server.close();
  kit.advance(11);
  expect(client.state).toBe(TCP_CLOSING);
  expect(server.state).toBe(TCP_CLOSING);
  kit.advance(11);
  expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
  expect(timeWaits(kit.b)).toEqual([TCP_TIME_WAIT]);
  expect(kit.end()).toBe(0);
});

test('data that was written before close() still arrives', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  client.sendBuffer = 200_000;
  client.sendBufferLocked = true;
  expect(send(client, pattern(150_000))).toBe(150_000);
  client.close();
  let got = 0;
  server.onReady = () => {
    for (let n = server.receive(into, 0, into.length, 0, null); n > 0; n = server.receive(into, 0, into.length, 0, null)) got += n;
  };
  kit.advance(5000);
  expect(got).toBe(150_000);
  expect(kit.end()).toBe(0);
});

test('close() with data unread resets the connection (RFC 2525 2.17)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  send(client, text('unread'));
  kit.advance(100);
  server.close();
  expect(kit.link.seen.at(-1)!.flags).toBe('R.');
  kit.advance(100);
  expect(client.state).toBe(TCP_CLOSE);
  expect(client.poll() & (POLLERR | POLLHUP)).toBe(POLLERR | POLLHUP);
  expect(client.receive(into, 0, 10, 0, null)).toBe(-ECONNRESET);
  expect(client.receive(into, 0, 10, 0, null)).toBe(0);
  expect(send(client, text('x'))).toBe(-EPIPE);
  expect(kit.b.stats.TCPAbortOnClose).toBe(1);
  expect(kit.end()).toBe(0);
});

test('SO_LINGER with zero seconds resets', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  client.setOption(1, 13, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]));
  client.close();
  kit.advance(20);
  expect(server.takeError()).toBe(ECONNRESET);
  expect(kit.a.endpoints.count).toBe(0);
  expect(kit.end()).toBe(0);
});

test('data for a closed end is answered by a reset', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  client.close();
  kit.advance(100);
  send(server, text('too late'));
  kit.advance(25);
  expect(server.state).toBe(TCP_CLOSE);
  // It had seen the FIN: a broken pipe.
  expect(server.takeError()).toBe(EPIPE);
  expect(kit.end()).toBe(0);
});

test('an orphan in FIN_WAIT2 goes after tcp_fin_timeout', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.a.settings.finTimeout = 10;
  client.close();
  kit.advance(100);
  expect(timeWaits(kit.a)).toEqual([TCP_FIN_WAIT2]);
  kit.advance(10_000);
  expect(timeWaits(kit.a)).toEqual([]);
  expect(server.state).toBe(TCP_CLOSE_WAIT);
  expect(kit.end()).toBe(0);
});

test('an orphan that nobody answers is given up after eight repetitions', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.link.drop = () => true;
  send(client, text('x'));
  client.close();
  const start = kit.nowMs;
  expect(kit.until(() => client.state === TCP_CLOSE)).toBe(true);
  expect((kit.nowMs - start) / 1000).toBeGreaterThan(100);
  expect((kit.nowMs - start) / 1000).toBeLessThan(240);
  expect(kit.a.orphans).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a lost FIN is sent again', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  let lost = 0;
  kit.link.drop = (s) => s.flags.includes('F') && lost++ === 0;
  client.close();
  kit.advance(100);
  expect(server.state).toBe(TCP_ESTABLISHED);
  kit.advance(500);
  expect(server.state).toBe(TCP_CLOSE_WAIT);
  expect(kit.end()).toBe(0);
});

test('TIME_WAIT answers a repeated FIN', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  client.close();
  kit.advance(100);
  let lost = 0;
  kit.link.drop = (s) => s.from === 'a' && s.flags === '.' && lost++ < 2;
  server.close();
  kit.advance(3000);
  expect(server.state).toBe(TCP_CLOSE);
  expect(server.pendingError).toBe(0);
  expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
  expect(kit.end()).toBe(0);
});

test('a SYN with a newer timestamp opens a new connection in place of TIME_WAIT (RFC 6191)', () => {
  const kit = new Kit();
  const { client, server, listener } = kit.connected();
  const port = client.local.port;
  // The server's end closes first, so that TIME_WAIT is there.
  server.close();
  kit.advance(50);
  client.close();
  kit.advance(50);
  expect(timeWaits(kit.b)).toEqual([TCP_TIME_WAIT]);
  kit.advance(1500);
  const again = kit.socket(kit.a);
  again.bind(address(A, port));
  again.connect(address(B, 80));
  kit.advance(100);
  expect(again.state).toBe(TCP_ESTABLISHED);
  expect(typeof listener.accept()).toBe('object');
  expect(timeWaits(kit.b)).toEqual([]);
  expect(kit.end()).toBe(0);
});

test('a reset ends TIME_WAIT unless tcp_rfc1337 is set', () => {
  for (const protect of [0, 1]) {
    const kit = new Kit();
    kit.a.settings.rfc1337 = protect;
    const { client, server } = kit.connected();
    const ports = { sourcePort: 80, destinationPort: client.local.port };
    client.close();
    kit.advance(50);
    server.close();
    kit.advance(50);
    expect(timeWaits(kit.a)).toEqual([TCP_TIME_WAIT]);
    inject(kit, kit.layerA, { ...ports, seq: client.rcvNxt + 1, flags: 'R' });
    expect(timeWaits(kit.a)).toEqual(protect === 1 ? [TCP_TIME_WAIT] : []);
    expect(kit.end()).toBe(0);
  }
});

test('the limit of TIME_WAIT entries makes further connections end without one', () => {
  const kit = new Kit();
  kit.a.settings.maxTwBuckets = 0;
  const { client, server } = kit.connected();
  client.close();
  kit.advance(50);
  server.close();
  kit.advance(50);
  expect(timeWaits(kit.a)).toEqual([]);
  expect(kit.a.stats.TCPTimeWaitOverflow).toBe(1);
  expect(kit.end()).toBe(0);
});

test('keep-alive: probes after the idle time, and the end when none is answered', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  const int = (value: number) => new Uint8Array([value & 255, value >> 8, 0, 0]);
  client.setOption(6, 4, int(100));
  client.setOption(6, 5, int(10));
  client.setOption(6, 6, int(3));
  client.setOption(1, 9, int(1));
  let from = kit.link.seen.length;
  kit.advance(250_000);
  // Answered: two probes in 250 s, and their ACKs.
  expect(
    kit.link.seen
      .slice(from)
      .map((s) => s.from)
      .join(''),
  ).toBe('abab');
  expect(client.state).toBe(TCP_ESTABLISHED);
  kit.link.drop = () => true;
  from = kit.link.seen.length;
  const start = kit.nowMs;
  expect(kit.until(() => client.state === TCP_CLOSE)).toBe(true);
  expect((kit.nowMs - start) / 1000).toBeLessThan(131);
  expect(kit.link.seen.slice(from).map((s) => s.flags)).toEqual(['.', '.', '.', 'R.']);
  expect(client.takeError()).toBe(ETIMEDOUT);
  expect(kit.end()).toBe(0);
});

test('shutdown of a socket that is not connected: ENOTCONN', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  expect(sk.shutdown(SHUT_WR)).toBe(-ENOTCONN);
  expect(sk.receive(into, 0, 1, 0, null)).toBe(-ENOTCONN);
  expect(send(sk, text('x'))).toBe(-EPIPE);
  sk.close();
  expect(kit.end()).toBe(0);
});

test('shutdown(SHUT_RD) reads as the end while data still comes', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  expect(server.receive(into, 0, 1, 0, null)).toBe(-EAGAIN);
  server.shutdown(SHUT_RD);
  expect(server.receive(into, 0, 1, 0, null)).toBe(0);
  send(client, text('more'));
  kit.advance(50);
  expect(readText(server)).toBe('more');
  expect(kit.end()).toBe(0);
});

test('shutdown(SHUT_RD) of a listener ends it', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  listener.shutdown(SHUT_RD);
  expect(listener.state).toBe(TCP_CLOSE);
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(50);
  expect(client.state).toBe(TCP_CLOSE);
  expect(kit.end()).toBe(0);
});
