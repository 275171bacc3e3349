import { EAGAIN, ETIMEDOUT } from '../../../../src/base/errno.js';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../../../src/net/tcp/constants.js';
import { MSG_MORE, POLLOUT } from '../../../../src/net/core/socket.js';
import { Kit, pattern, readText, send, text, transfer } from './kit.js';

const on = new Uint8Array([1, 0, 0, 0]);
const off = new Uint8Array([0, 0, 0, 0]);
const dataFrom = (kit: Kit, from: number) => kit.link.seen.slice(from).filter((s) => s.from === 'a' && s.bytes > 0);

/** Fills the peer's window: nobody reads. */
function fill(kit: Kit, sk: { send: typeof send.prototype } & Parameters<typeof send>[0]): number {
  let total = 0;
  for (let round = 0; round < 200; round++) {
    const n = send(sk, pattern(20_000));
    if (n > 0) total += n;
    kit.advance(50);
    if (n < 0 && sk.sndWnd === 0) break;
  }
  return total;
}

test('a reader who does not read closes the window, and probes without data ask for it with back-off', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  fill(kit, client);
  expect(client.sndWnd).toBeLessThan(1448);
  const from = kit.link.seen.length;
  const start = kit.nowMs;
  kit.advance(60_000);
  const probes = kit.link.seen.slice(from).filter((s) => s.from === 'a');
  expect(probes.length).toBeGreaterThan(4);
  expect(probes.every((s) => s.bytes === 0)).toBe(true);
  const gaps = probes.map((s, i) => (i === 0 ? 0 : s.atUs - probes[i - 1]!.atUs)).slice(2);
  for (let i = 1; i < gaps.length; i++) expect(gaps[i]! / gaps[i - 1]!).toBeCloseTo(2, 1);
  expect(start).toBeLessThan(kit.nowMs);
  // As soon as somebody reads, the window is told and the rest comes.
  const room = 10_000_000;
  const into = new Uint8Array(room);
  const first = server.receive(into, 0, room, 0, null);
  expect(first).toBeGreaterThan(50_000);
  kit.advance(200);
  expect(server.receive(into, 0, room, 0, null)).toBeGreaterThan(0);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(kit.end()).toBe(0);
});

test('a peer that keeps its window shut but answers keeps the connection', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  fill(kit, client);
  kit.advance(3 * 3600 * 1000);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(kit.end()).toBe(0);
});

test('a peer that answers no probe is given up after tcp_retries2', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  fill(kit, client);
  kit.link.drop = () => true;
  expect(kit.until(() => client.state === TCP_CLOSE, 4 * 3600 * 1000)).toBe(true);
  expect(client.takeError()).toBe(ETIMEDOUT);
  expect(kit.end()).toBe(0);
});

test('the right edge of the window never moves back', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  let edge = 0;
  let first = -1;
  kit.link.drop = (s) => {
    if (s.from !== 'b' || s.flags.includes('S')) return false;
    if (first < 0) first = s.ack;
    const end = ((s.ack - first) >>> 0) + (s.window << 7);
    expect(end).toBeGreaterThanOrEqual(edge);
    edge = end;
    return false;
  };
  transfer(kit, client, server, pattern(500_000));
  fill(kit, client);
  readText(server);
  kit.advance(1000);
  expect(edge).toBeGreaterThan(500_000);
  expect(kit.end()).toBe(0);
});

test('the receive buffer grows with what the reader takes, up to tcp_rmem', () => {
  const kit = new Kit({ delayMs: 20 });
  const { client, server } = kit.connected();
  expect(server.receiveBuffer).toBe(131_072);
  transfer(kit, client, server, pattern(8_000_000));
  expect(server.receiveBuffer).toBeGreaterThan(500_000);
  expect(server.receiveBuffer).toBeLessThanOrEqual(6_291_456);
  expect(kit.end()).toBe(0);
});

test('a buffer that the user set does not grow', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  server.setOption(1, 8, new Uint8Array([0, 0x40, 0, 0]));
  transfer(kit, client, server, pattern(1_000_000));
  expect(server.receiveBuffer).toBe(32_768);
  expect(kit.end()).toBe(0);
});

test('Nagle: a small segment waits for the ACK of the small one before it, TCP_NODELAY does not', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  let from = kit.link.seen.length;
  send(client, text('a'));
  send(client, text('b'));
  send(client, text('c'));
  kit.advance(5);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([1]);
  kit.advance(100);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([1, 2]);
  client.setOption(6, 1, on);
  from = kit.link.seen.length;
  send(client, text('a'));
  send(client, text('b'));
  kit.advance(1);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([1, 1]);
  expect(kit.end()).toBe(0);
});

test('TCP_CORK holds back all but full segments until it is taken out', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  const from = kit.link.seen.length;
  client.setOption(6, 3, on);
  send(client, pattern(2000));
  kit.advance(50);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([1448]);
  client.setOption(6, 3, off);
  kit.advance(1);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([1448, 552]);
  expect(kit.end()).toBe(0);
});

test('corked data leaves after 200 ms at the latest', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  const from = kit.link.seen.length;
  client.setOption(6, 3, on);
  send(client, pattern(100));
  kit.advance(150);
  expect(dataFrom(kit, from).length).toBe(0);
  kit.advance(150);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([100]);
  expect(kit.end()).toBe(0);
});

test('MSG_MORE joins what follows', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  const from = kit.link.seen.length;
  send(client, text('head '), MSG_MORE);
  kit.advance(5);
  send(client, text('body'));
  kit.advance(5);
  expect(dataFrom(kit, from).map((s) => s.bytes)).toEqual([9]);
  expect(kit.end()).toBe(0);
});

test('the first data of a connection is acknowledged at once, later small data after 40 ms', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  const acks = (from: number) => kit.link.seen.slice(from).filter((s) => s.from === 'b');
  let from = kit.link.seen.length;
  send(client, text('x'));
  kit.advance(11);
  expect(acks(from).length).toBe(1);
  // Quick ACKs run out; then the answers of a conversation make it delay.
  for (let i = 0; i < 40; i++) {
    send(client, text('y'));
    kit.advance(30);
    readText(server);
    send(server, text('z'));
    kit.advance(30);
    readText(client);
  }
  from = kit.link.seen.length;
  send(client, text('x'));
  kit.advance(30);
  expect(acks(from).length).toBe(0);
  kit.advance(40);
  expect(acks(from).length).toBe(1);
  expect(kit.end()).toBe(0);
});

test('every second full segment is acknowledged (RFC 5681 4.2), a batch that came at once by one ACK', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(100_000));
  kit.advance(50);
  client.setOption(6, 1, on);
  // A window that still grows is told at once.
  server.rcvSsthresh = server.windowClamp;
  server.onReady = () => readText(server);
  const acks = (from: number) => kit.link.seen.slice(from).filter((s) => s.from === 'b').length;
  let from = kit.link.seen.length;
  server.quick = 0;
  for (let i = 0; i < 8; i++) {
    send(client, pattern(1448));
    kit.advance(2);
  }
  kit.advance(9);
  expect(acks(from)).toBe(4);
  kit.advance(100);
  from = kit.link.seen.length;
  server.quick = 0;
  send(client, pattern(8 * 1448));
  kit.advance(11);
  expect(acks(from)).toBe(1);
  expect(kit.end()).toBe(0);
});

test('a full send buffer says EAGAIN and becomes writable when a third of it is free', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  client.setOption(1, 7, new Uint8Array([0, 0x40, 0, 0]));
  expect(client.sendBuffer).toBe(32_768);
  // What is begun is filled: a segment of half of the peer's window, and what leaves meanwhile makes room in it.
  const taken = send(client, pattern(100_000));
  expect(taken).toBeGreaterThan(32_768 - 896);
  expect(taken).toBeLessThan(2 * 32_768);
  expect(client.sendMemory).toBeGreaterThanOrEqual(32_768);
  expect(send(client, pattern(1))).toBe(-EAGAIN);
  expect(client.poll() & POLLOUT).toBe(0);
  let woken = 0;
  client.onReady = () => {
    if (client.poll() & POLLOUT) woken++;
  };
  kit.advance(100);
  readText(server);
  expect(woken).toBeGreaterThan(0);
  expect(kit.end()).toBe(0);
});
