import { EINVAL, ENOENT } from '../../../../src/base/errno.js';
import { TCP_ESTABLISHED, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import { md5KeyFor } from '../../../../src/net/tcp/md5.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { A, address, B, equal, inject, Kit, pattern, send, text, transfer } from './kit.js';

const MD5SIG = 14;
const MD5SIG_EXT = 32;

/** struct tcp_md5sig for `peer`. */
function md5sig(peer: number, key: string, prefix = -1, family = 2): Uint8Array {
  const bytes = new Uint8Array(216);
  const v = new DataView(bytes.buffer);
  v.setUint16(0, family, true);
  v.setUint32(4, peer);
  if (prefix >= 0) {
    v.setUint8(128, 1);
    v.setUint8(129, prefix);
  }
  v.setUint16(130, key.length, true);
  bytes.set(text(key), 136);
  return bytes;
}

function ends(kit: Kit, clientKey: string | null, serverKey: string | null) {
  const listener = kit.listener(kit.b, 80);
  if (serverKey !== null) expect(listener.setOption(6, MD5SIG, md5sig(A, serverKey))).toBe(0);
  const client = kit.socket(kit.a);
  if (clientKey !== null) expect(client.setOption(6, MD5SIG, md5sig(B, clientKey))).toBe(0);
  client.connect(address(B, 80));
  kit.advance(500);
  return { client, listener };
}

test('both ends know the key: the session is made, signed throughout, and closes (RFC 2385)', () => {
  const kit = new Kit();
  const { client, listener } = ends(kit, 'secret', 'secret');
  expect(client.state).toBe(TCP_ESTABLISHED);
  const server = listener.accept() as TcpSocket;
  expect([client.sackOk, client.timestampsOk, client.mssCache]).toEqual([true, false, 1440]);
  const bytes = pattern(60_000);
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  client.close();
  kit.advance(100);
  server.close();
  kit.advance(100);
  expect(kit.a.stats.TCPMD5Failure + kit.b.stats.TCPMD5Failure + kit.a.stats.TCPMD5NotFound + kit.b.stats.TCPMD5NotFound).toBe(0);
  expect(kit.end()).toBe(0);
});

test('the wrong key, none, or one that nobody asked for: the SYN is dropped in silence and counted', () => {
  for (const [mine, theirs, counter] of [
    ['secret', 'Secret', 'TCPMD5Failure'],
    [null, 'secret', 'TCPMD5NotFound'],
    ['secret', null, 'TCPMD5Unexpected'],
  ] as const) {
    const kit = new Kit();
    const { client } = ends(kit, mine, theirs);
    expect(client.state).toBe(TCP_SYN_SENT);
    expect(kit.link.seen.some((s) => s.from === 'b')).toBe(false);
    expect(kit.b.stats[counter]).toBe(1);
    expect(kit.end()).toBe(0);
  }
});

test('a forged reset without signature does not end the session', () => {
  const kit = new Kit();
  const { client, listener } = ends(kit, 'secret', 'secret');
  const server = listener.accept() as TcpSocket;
  inject(kit, kit.layerB, { sourcePort: client.local.port, destinationPort: 80, seq: server.rcvNxt, flags: 'R' });
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect(kit.b.stats.TCPMD5NotFound).toBe(1);
  expect(kit.end()).toBe(0);
});

test('losses are repaired by segments that are signed anew, super-packets are not made', () => {
  const kit = new Kit({ offload: true });
  const { client, listener } = ends(kit, 'k', 'k');
  const server = listener.accept() as TcpSocket;
  kit.link.faults = { loss: 0.05 };
  const bytes = pattern(100_000);
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  expect(Math.max(...kit.link.seen.map((s) => s.bytes))).toBeLessThanOrEqual(1460);
  expect(kit.b.stats.TCPMD5Failure).toBe(0);
  expect(kit.end()).toBe(0);
});

test('TCP_MD5SIG_EXT gives a key to a prefix, the longest counts; lengths and families are checked as in Linux', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  expect(listener.setOption(6, MD5SIG_EXT, md5sig(0x0a00_0000, 'net', 8))).toBe(0);
  expect(listener.setOption(6, MD5SIG_EXT, md5sig(0x0a00_0000, 'closer', 24))).toBe(0);
  const client = kit.socket(kit.a);
  client.setOption(6, MD5SIG, md5sig(B, 'closer'));
  client.connect(address(B, 80));
  kit.advance(100);
  expect(client.state).toBe(TCP_ESTABLISHED);
  send(client, text('hello'));
  kit.advance(50);
  const sk = kit.socket(kit.a);
  expect(sk.setOption(6, MD5SIG, md5sig(B, ''))).toBe(-ENOENT);
  expect(sk.setOption(6, MD5SIG, md5sig(B, 'abc'))).toBe(0);
  expect(sk.setOption(6, MD5SIG, md5sig(B, ''))).toBe(0);
  expect(sk.setOption(6, MD5SIG, md5sig(B, 'abc').subarray(0, 215))).toBe(-EINVAL);
  expect(sk.setOption(6, MD5SIG_EXT, md5sig(B, 'abc', 33))).toBe(-EINVAL);
  expect(sk.setOption(6, MD5SIG, md5sig(B, 'abc', -1, 10))).toBe(-EINVAL);
  expect(kit.end()).toBe(0);
});

test('a key may be of one VRF alone: it goes before those of all, and is no other one’s', () => {
  const words = new Uint32Array([0, 0, 0xffff, A]);
  const key = (domain: number, prefix: number) => ({ address: words, prefix: 96 + prefix, domain, bytes: text('secret') });
  const [any, none, ofSeven] = [key(-1, 32), key(0, 32), key(7, 8)];
  expect(md5KeyFor([any, ofSeven], words, 7)).toBe(ofSeven);
  expect(md5KeyFor([any, ofSeven], words, 8)).toBe(any);
  expect(md5KeyFor([none, ofSeven], words, 8)).toBe(null);
  expect(md5KeyFor([none, ofSeven], words, 0)).toBe(none);
});

test('TCP_MD5SIG_FLAG_IFINDEX names a VRF, or by 0 what is in none; another device is refused', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const named = (ifindex: number): Uint8Array => {
    const bytes = md5sig(A, 'secret');
    const v = new DataView(bytes.buffer);
    v.setUint8(128, 2);
    v.setUint32(132, ifindex, true);
    return bytes;
  };
  expect(listener.setOption(6, MD5SIG_EXT, named(1))).toBe(-EINVAL);
  expect(listener.setOption(6, MD5SIG_EXT, named(0))).toBe(0);
  const client = kit.socket(kit.a);
  client.setOption(6, MD5SIG, md5sig(B, 'secret'));
  client.connect(address(B, 80));
  kit.advance(500);
  expect(client.state).toBe(TCP_ESTABLISHED);
});
