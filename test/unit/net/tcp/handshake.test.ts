import { EAGAIN, ECONNREFUSED, EINPROGRESS, EISCONN, ETIMEDOUT } from '../../../../src/base/errno.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_RECV } from '../../../../src/net/tcp/constants.js';
import { POLLIN, POLLOUT } from '../../../../src/net/core/socket.js';
import { A, address, B, Kit, readText, send, text } from './kit.js';

test('a connection takes SYN, SYN-ACK and ACK, and both ends are established', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  expect(kit.link.seen.map((s) => `${s.from}${s.flags}`)).toEqual(['aS', 'bS.', 'a.']);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(client.poll()).toBe(POLLOUT);
  expect(server.remote.words[3]).toBe(A);
  expect(server.local.port).toBe(80);
  // The success is told once.
  expect(client.connect(address(B, 80))).toBe(0);
  expect(client.connect(address(B, 80))).toBe(-EISCONN);
  expect(kit.end()).toBe(0);
});

test('bytes go both ways', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  expect(send(client, text('hello'))).toBe(5);
  kit.advance(20);
  expect(server.poll() & POLLIN).toBe(POLLIN);
  expect(readText(server)).toBe('hello');
  expect(send(server, text('good day'))).toBe(8);
  kit.advance(20);
  expect(readText(client)).toBe('good day');
  expect(client.receive(new Uint8Array(1), 0, 1, 0, null)).toBe(-EAGAIN);
  expect(kit.end()).toBe(0);
});

test('a port without a listener answers with a reset: ECONNREFUSED', () => {
  const kit = new Kit();
  const client = kit.socket(kit.a);
  expect(client.connect(address(B, 81))).toBe(-EINPROGRESS);
  kit.advance(30);
  expect(client.state).toBe(TCP_CLOSE);
  expect(client.connect(address(B, 81))).toBe(-ECONNREFUSED);
  expect(kit.end()).toBe(0);
});

test('the SYN is sent seven times, after 1, 2, 4, ... seconds, and then the connection has timed out', () => {
  const kit = new Kit();
  kit.link.drop = () => true;
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  const start = kit.nowMs;
  expect(kit.until(() => client.state === TCP_CLOSE)).toBe(true);
  const times = kit.link.seen.map((s) => Math.round((s.atUs / 1000 - start) / 1000));
  expect(times).toEqual([0, 1, 3, 7, 15, 31, 63]);
  expect(Math.round((kit.nowMs - start) / 1000)).toBe(127);
  expect(client.takeError()).toBe(ETIMEDOUT);
  expect(kit.end()).toBe(0);
});

test('a lost SYN-ACK is repeated, and the connection comes about', () => {
  const kit = new Kit();
  let lost = 0;
  kit.link.drop = (s) => s.flags === 'S.' && lost++ === 0;
  const { client, server } = kit.connected();
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(kit.end()).toBe(0);
});

test('a lost last ACK of the handshake: data completes it', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const client = kit.socket(kit.a);
  let lost = 0;
  kit.link.drop = (s) => s.from === 'a' && s.flags === '.' && lost++ === 0;
  client.connect(address(B, 80));
  kit.advance(25);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(listener.poll()).toBe(0);
  send(client, text('x'));
  kit.advance(15);
  expect(listener.poll()).toBe(POLLIN);
  const server = listener.accept();
  if (typeof server === 'number') throw new Error('nothing to accept');
  const into = new Uint8Array(4);
  expect(server.receive(into, 0, 4, 0, null)).toBe(1);
  expect(kit.end()).toBe(0);
});

test('both ends open at once and get one connection (RFC 9293 figure 8)', () => {
  const kit = new Kit();
  const a = kit.socket(kit.a);
  const b = kit.socket(kit.b);
  a.bind(address(A, 1000));
  b.bind(address(B, 2000));
  a.connect(address(B, 2000));
  b.connect(address(A, 1000));
  kit.advance(15);
  expect(a.state).toBe(TCP_SYN_RECV);
  kit.advance(50);
  expect(a.state).toBe(TCP_ESTABLISHED);
  expect(b.state).toBe(TCP_ESTABLISHED);
  send(a, text('from a'));
  send(b, text('from b'));
  kit.advance(60);
  expect(readText(a)).toBe('from b');
  expect(readText(b)).toBe('from a');
  expect(kit.end()).toBe(0);
});

test('a socket connects to itself', () => {
  const kit = new Kit();
  const a = kit.socket(kit.a);
  a.bind(address(A, 1000));
  a.connect(address(A, 1000));
  kit.advance(100);
  expect(a.state).toBe(TCP_ESTABLISHED);
  send(a, text('echo'));
  kit.advance(30);
  expect(readText(a)).toBe('echo');
  expect(kit.end()).toBe(0);
});

test('MSS, window scale and timestamps are offered in Linux order and taken', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  const [syn, synAck] = kit.link.seen;
  expect(syn!.window).toBe(64_240);
  expect(synAck!.window).toBe(65_160);
  expect(client.mssCache).toBe(1448);
  expect(server.mssCache).toBe(1448);
  expect(client.rcvWscale).toBe(7);
  expect(client.sndWscale).toBe(7);
  expect(client.timestampsOk && server.timestampsOk).toBe(true);
  expect(kit.end()).toBe(0);
});

test('without the options of the peer there is no scaling and no timestamp', () => {
  const kit = new Kit();
  kit.b.settings.timestamps = 0;
  kit.b.settings.windowScaling = 0;
  const { client } = kit.connected();
  expect(client.timestampsOk).toBe(false);
  expect(client.rcvWscale).toBe(0);
  expect(client.mssCache).toBe(1460);
  expect(kit.end()).toBe(0);
});
