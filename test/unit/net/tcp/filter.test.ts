import { EAGAIN } from '../../../../src/base/errno.js';
import { TCP_ESTABLISHED, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import { address, B, Kit, pattern, send } from './kit.js';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;

/** Instructions of struct sock_filter: code, jt, jf, k. */
function program(...instructions: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const v = new DataView(new ArrayBuffer(8 * instructions.length));
  for (const [i, [code, jt, jf, k]] of instructions.entries()) {
    v.setUint16(8 * i, code, true);
    v.setUint8(8 * i + 2, jt);
    v.setUint8(8 * i + 3, jf);
    v.setUint32(8 * i + 4, k, true);
  }
  return new Uint8Array(v.buffer);
}

const LDH = 0x28;
const JEQ = 0x15;
const RET = 0x06;
const keep = (bytes: number) => program([RET, 0, 0, bytes]);
/** What comes from the port passes, else nothing. A filter of a TCP socket sees packets from their TCP header on. */
const fromPort = (port: number) => program([LDH, 0, 0, 0], [JEQ, 0, 1, port], [RET, 0, 0, 0xffff], [RET, 0, 0, 0]);
const into = new Uint8Array(10_000);

test('the filter of a listener decides whose SYN is answered (tcp_filter())', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  expect(listener.setOption(SOL_SOCKET, SO_ATTACH_FILTER, fromPort(5000))).toBe(0);
  const stranger = kit.socket(kit.a);
  expect(stranger.bind(address(0, 5001))).toBe(0);
  stranger.connect(address(B, 80));
  const friend = kit.socket(kit.a);
  expect(friend.bind(address(0, 5000))).toBe(0);
  friend.connect(address(B, 80));
  kit.advance(100);
  expect([stranger.state, friend.state]).toEqual([TCP_SYN_SENT, TCP_ESTABLISHED]);
  // Once it is gone the SYN that comes again is answered.
  expect(listener.setOption(SOL_SOCKET, SO_DETACH_FILTER, new Uint8Array(4))).toBe(0);
  kit.advance(2000);
  expect(stranger.state).toBe(TCP_ESTABLISHED);
  expect(kit.end()).toBe(0);
});

test('a connection has the filter of its listener, and one of its own from then on', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  listener.setOption(SOL_SOCKET, SO_ATTACH_FILTER, keep(0xffff));
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(100);
  const server = listener.accept();
  if (typeof server === 'number') throw new Error(`accept: ${server}`);
  expect(server.getOption(SOL_SOCKET, SO_ATTACH_FILTER)).toEqual(keep(0xffff));
  server.setOption(SOL_SOCKET, SO_ATTACH_FILTER, keep(0));
  send(client, pattern(100));
  kit.advance(100);
  expect(server.receive(into, 0, into.length, 0, null)).toBe(-EAGAIN);
  expect(client.sndUna).not.toBe(client.sndNxt);
  server.setOption(SOL_SOCKET, SO_DETACH_FILTER, new Uint8Array(4));
  kit.advance(2000);
  expect(server.receive(into, 0, into.length, 0, null)).toBe(100);
  expect(client.sndUna).toBe(client.sndNxt);
  expect(kit.end()).toBe(0);
});

test('what a filter wants less of is cut behind its header, and comes again (sk_filter_trim_cap())', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  // Timestamps make the header 32 bytes; a filter that wants less keeps it all the same.
  server.setOption(SOL_SOCKET, SO_ATTACH_FILTER, keep(32 + 40));
  send(client, pattern(100));
  kit.advance(20);
  expect(server.receive(into, 0, into.length, 0, null)).toBe(40);
  server.setOption(SOL_SOCKET, SO_ATTACH_FILTER, keep(1));
  kit.advance(1000);
  expect(server.receive(into, 0, into.length, 0, null)).toBe(-EAGAIN);
  server.setOption(SOL_SOCKET, SO_DETACH_FILTER, new Uint8Array(4));
  kit.advance(10_000);
  expect(server.receive(into, 40, into.length - 40, 0, null)).toBe(60);
  expect(into.subarray(0, 100)).toEqual(pattern(100));
  expect(kit.end()).toBe(0);
});
