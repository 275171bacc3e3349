import {
  EALREADY,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EINVAL,
  ENETUNREACH,
  ENOENT,
  ENOPROTOOPT,
  EPERM,
} from '../../../../src/base/errno.js';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../../../src/net/tcp/constants.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { A, address, B, Kit, pattern, send, transfer } from './kit.js';

const int = (value: number) => new Uint8Array([value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);
const get = (sk: TcpSocket, option: number): number => {
  const value = sk.getOption(6, option);
  if (typeof value === 'number') return value;
  return new DataView(value.buffer).getInt32(0, true);
};

test('defaults and limits of the numeric options are those of Linux', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  const table: [number, number, number[], number[]][] = [
    // option, default, accepted, EINVAL
    [1, 0, [1, 0], []],
    [2, 536, [88, 1460, 32_767], [87, 32_768, -1]],
    [3, 0, [1, 0], []],
    [4, 7200, [1, 32_767], [0, 32_768]],
    [5, 75, [1, 32_767], [0, 32_768]],
    [6, 9, [1, 127], [0, 128]],
    [7, 6, [1, 127], [0, 128]],
    [8, 60, [30, 120], []],
    [18, 0, [5000, 0], [-1]],
    [25, 0, [4096], []],
  ];
  for (const [option, initial, good, bad] of table) {
    expect([option, get(sk, option)]).toEqual([option, initial]);
    for (const value of good) {
      expect([option, value, sk.setOption(6, option, int(value))]).toEqual([option, value, 0]);
      expect([option, get(sk, option)]).toEqual([option, value]);
    }
    for (const value of bad) expect([option, value, sk.setOption(6, option, int(value))]).toEqual([option, value, -EINVAL]);
    expect(sk.setOption(6, option, new Uint8Array(2))).toBe(-EINVAL);
  }
  expect(sk.setOption(6, 9999, int(1))).toBe(-ENOPROTOOPT);
  expect(sk.getOption(6, 9999)).toBe(-ENOPROTOOPT);
  expect(sk.setOption(17, 1, int(1))).toBe(-ENOPROTOOPT);
  expect(kit.end()).toBe(0);
});

test('TCP_DEFER_ACCEPT rounds up to what repeated SYN-ACKs take', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  for (const [given, shown] of [
    [1, 1],
    [2, 3],
    [5, 7],
    [10, 15],
    [0, 0],
  ] as const) {
    sk.setOption(6, 9, int(given));
    expect(get(sk, 9)).toBe(shown);
  }
  expect(kit.end()).toBe(0);
});

test('TCP_CONGESTION names the algorithm; an unknown one is ENOENT', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  const name = sk.getOption(6, 13);
  expect(new TextDecoder().decode(name as Uint8Array).replace(/\0+$/, '')).toBe('cubic');
  expect((name as Uint8Array).length).toBe(16);
  expect(sk.setOption(6, 13, new TextEncoder().encode('reno'))).toBe(0);
  expect(sk.setOption(6, 13, new TextEncoder().encode('nosuch'))).toBe(-ENOENT);
  expect(kit.end()).toBe(0);
});

test('TCP_MAXSEG bounds what both ends send', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const client = kit.socket(kit.a);
  client.setOption(6, 2, int(1000));
  client.connect(address(B, 80));
  kit.advance(100);
  const server = listener.accept() as TcpSocket;
  expect(client.mssCache).toBe(988);
  expect(server.mssCache).toBe(988);
  expect(kit.end()).toBe(0);
});

test('thin streams, saved SYNs and timestamps by option are those of Linux', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  for (const value of [0, 1]) expect([sk.setOption(6, 16, int(value)), get(sk, 16)]).toEqual([0, value]);
  expect(sk.setOption(6, 16, int(2))).toBe(-EINVAL);
  expect([sk.setOption(6, 17, int(1)), get(sk, 17)]).toEqual([0, 0]);
  expect(sk.setOption(6, 27, int(3))).toBe(-EINVAL);
  expect(sk.setOption(6, 24, int(1))).toBe(-EPERM);
  expect(sk.setOption(6, 31, new TextEncoder().encode('nope'))).toBe(-ENOENT);
  expect(sk.setOption(6, 38, new Uint8Array(1))).toBe(-EINVAL);
  expect(sk.setOption(6, 38, int(1))).toBe(-ENOPROTOOPT);
  expect(sk.setOption(6, 28, int(1))).toBe(-ENOPROTOOPT);
  expect(sk.getOption(6, 28)).toEqual(new Uint8Array(0));
  expect(kit.end()).toBe(0);
});

test('TCP_SAVE_SYN keeps the headers of the SYN for one look', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  listener.setOption(6, 27, int(1));
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(100);
  const server = listener.accept() as TcpSocket;
  const saved = server.getOption(6, 28) as Uint8Array;
  expect(saved.length).toBe(60);
  expect(saved[33]! & 2).toBe(2);
  expect((server.getOption(6, 28) as Uint8Array).length).toBe(0);
  expect(kit.end()).toBe(0);
});

test('TCP_INFO of a socket that was never connected shows what Linux starts with', () => {
  const kit = new Kit();
  const info = kit.socket(kit.a).getOption(6, 11) as Uint8Array;
  const v = new DataView(info.buffer);
  const words = [8, 12, 16, 20, 60, 68, 72, 76, 80, 84, 88, 148, 228].map((at) => v.getUint32(at, true));
  expect(words).toEqual([1_000_000, 0, 536, 0, 0, 0, 250_000, 0x7fff_ffff, 10, 0, 3, 0xffff_ffff, 0]);
  expect(info.subarray(104, 120)).toEqual(new Uint8Array(16).fill(0xff));
  expect(kit.end()).toBe(0);
});

test('TCP_INFO says how long a sender was busy, and what of it the window of the peer or the own buffer held up', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(50_000));
  kit.advance(500);
  const u64 = (at: number) => Number(new DataView((client.getOption(6, 11) as Uint8Array).buffer).getBigUint64(at, true));
  const busy = u64(168);
  expect(busy).toBeGreaterThan(20_000);
  expect(busy).toBeLessThan(150_000);
  expect(u64(160)).toBeGreaterThan(100_000);
  kit.advance(500);
  expect(u64(168)).toBe(busy);
  // Nobody reads: the window closes.
  for (let i = 0; i < 30; i++) {
    send(client, pattern(50_000));
    kit.advance(100);
  }
  expect(u64(176)).toBeGreaterThan(1_000_000);
  expect(kit.end()).toBe(0);
});

test('TCP_INFO tells of state, round trip, windows and counts', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  let lost = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++lost === 5;
  transfer(kit, client, server, pattern(100_000));
  kit.advance(100);
  const info = client.getOption(6, 11) as Uint8Array;
  const v = new DataView(info.buffer);
  expect(info.length).toBe(232);
  expect(info[0]).toBe(TCP_ESTABLISHED);
  expect(info[5]).toBe(1 | 2 | 4);
  expect(info[6]).toBe(0x77);
  expect(v.getUint32(16, true)).toBe(1448);
  expect(v.getUint32(68, true)).toBeGreaterThanOrEqual(20_000);
  expect(v.getUint32(100, true)).toBe(1);
  expect(v.getUint32(120, true)).toBe(100_001);
  expect(v.getUint32(200, true)).toBeGreaterThan(100_000);
  const listening = kit.listener(kit.b, 81, 7).getOption(6, 11) as Uint8Array;
  expect(listening[0]).toBe(10);
  expect(new DataView(listening.buffer).getUint32(28, true)).toBe(7);
  expect(kit.end()).toBe(0);
});

test('bind: a taken port is EADDRINUSE, an address of somebody else EADDRNOTAVAIL', () => {
  const kit = new Kit();
  kit.listener(kit.b, 80);
  const other = kit.socket(kit.b);
  expect(other.bind(address(0, 80))).toBe(-EADDRINUSE);
  expect(other.bind(address(A, 81))).toBe(-EADDRNOTAVAIL);
  expect(other.bind(address(B, 81))).toBe(0);
  expect(other.bind(address(B, 82))).toBe(-EINVAL);
  expect(other.listen(5)).toBe(0);
  expect(other.listen(9)).toBe(0);
  expect(other.listenQueue!.maxBacklog).toBe(9);
  expect(kit.end()).toBe(0);
});

test('SO_REUSEADDR lets a port be bound again while connections of it live on, but not two listeners', () => {
  const kit = new Kit();
  const { listener } = kit.connected();
  listener.close();
  kit.advance(10);
  const plain = kit.socket(kit.b);
  expect(plain.bind(address(0, 80))).toBe(-EADDRINUSE);
  const kit2 = new Kit();
  const first = kit2.socket(kit2.b);
  first.setOption(1, 2, int(1));
  first.bind(address(0, 80));
  first.listen(1);
  const client = kit2.socket(kit2.a);
  client.connect(address(B, 80));
  kit2.advance(100);
  const accepted = first.accept() as TcpSocket;
  first.close();
  const again = kit2.socket(kit2.b);
  again.setOption(1, 2, int(1));
  expect(again.bind(address(0, 80))).toBe(0);
  expect(again.listen(1)).toBe(0);
  const third = kit2.socket(kit2.b);
  third.setOption(1, 2, int(1));
  expect(third.bind(address(0, 80))).toBe(-EADDRINUSE);
  accepted.close();
  expect(kit.end()).toBe(0);
  expect(kit2.end()).toBe(0);
});

test('SO_REUSEPORT spreads connections over the listeners of a group', () => {
  const kit = new Kit();
  const group = [0, 1, 2].map(() => {
    const sk = kit.socket(kit.b);
    sk.setOption(1, 15, int(1));
    expect(sk.bind(address(0, 80))).toBe(0);
    expect(sk.listen(100)).toBe(0);
    return sk;
  });
  for (let i = 0; i < 90; i++) kit.socket(kit.a).connect(address(B, 80));
  kit.advance(100);
  const counts = group.map((sk) => sk.listenQueue!.length);
  expect(counts.reduce((a, b) => a + b)).toBe(90);
  for (const count of counts) expect(count).toBeGreaterThan(10);
  expect(kit.end()).toBe(0);
});

test('connect: its errors', () => {
  const kit = new Kit();
  const sk = kit.socket(kit.a);
  const v6 = address(B, 80);
  v6.family = 10;
  expect(sk.connect(v6)).toBe(-EAFNOSUPPORT);
  kit.layerA.error = ENETUNREACH;
  expect(sk.connect(address(B, 80))).toBe(-ENETUNREACH);
  expect(sk.state).toBe(TCP_CLOSE);
  expect(sk.local.port).toBe(0);
  kit.layerA.error = 0;
  sk.connect(address(B, 80));
  expect(sk.connect(address(B, 80))).toBe(-EALREADY);
  expect(kit.a.stats.ActiveOpens).toBe(1);
  expect(kit.end()).toBe(0);
});

test('when no port of the range is left, connect() says EADDRNOTAVAIL', () => {
  const kit = new Kit();
  const { settings } = kit.stack.initial.ipv4;
  settings.localPortFirst = 40_000;
  settings.localPortLast = 40_003;
  kit.listener(kit.b, 80);
  const results = [0, 1, 2, 3, 4].map(() => kit.socket(kit.a).connect(address(B, 80)));
  expect(results).toEqual([-115, -115, -115, -115, -EADDRNOTAVAIL]);
  // To another port of the peer the same ports serve again.
  expect(kit.socket(kit.a).connect(address(B, 81))).toBe(-115);
  expect(kit.end()).toBe(0);
});

test('an idle time makes the sender start slowly again (RFC 2861), unless tcp_slow_start_after_idle is 0', () => {
  for (const after of [1, 0]) {
    const kit = new Kit();
    kit.a.settings.slowStartAfterIdle = after;
    const { client, server } = kit.connected();
    transfer(kit, client, server, pattern(200_000));
    kit.advance(100);
    const before = client.cwnd;
    expect(before).toBeGreaterThan(20);
    kit.advance(60_000);
    send(client, pattern(10));
    expect(client.cwnd).toBe(after === 1 ? 10 : before);
    expect(kit.end()).toBe(0);
  }
});
