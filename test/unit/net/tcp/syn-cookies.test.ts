import { TCP_ESTABLISHED, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, equal, inject, Kit, pattern, transfer } from './kit.js';

/** A listener in `b` whose queue of handshakes is full of SYNs from nowhere. */
function flooded(kit: Kit) {
  const listener = kit.listener(kit.b, 80, 2);
  kit.link.drop = (s) => s.from === 'b';
  for (let port = 1; port <= 2; port++) inject(kit, kit.layerB, { sourcePort: port, destinationPort: 80, seq: 1, flags: 'S', mss: 1460 });
  kit.link.drop = null;
  expect(listener.listenQueue!.requestsFull).toBe(true);
  return listener;
}

test('a full queue of handshakes answers by cookies, and the connection has all that its SYN offered (RFC 4987 3.6)', () => {
  const kit = new Kit();
  const listener = flooded(kit);
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  kit.advance(100);
  expect(client.state).toBe(TCP_ESTABLISHED);
  const server = listener.accept() as TcpSocket;
  expect(server.state).toBe(TCP_ESTABLISHED);
  expect([server.sackOk, server.timestampsOk, server.wscaleOk, server.sndWscale, server.mssCache]).toEqual([true, true, true, 7, 1448]);
  const { SyncookiesSent, SyncookiesRecv, TCPReqQFullDoCookies } = kit.b.stats;
  expect([SyncookiesSent, SyncookiesRecv, TCPReqQFullDoCookies]).toEqual([1, 1, 1]);
  expect(equal(transfer(kit, client, server, pattern(50_000)), pattern(50_000))).toBe(true);
  expect(kit.end()).toBe(0);
});

test('without timestamps only the MSS comes back, rounded down to one of four', () => {
  const kit = new Kit();
  kit.a.settings.timestamps = 0;
  const listener = flooded(kit);
  const client = kit.socket(kit.a);
  client.setOption(6, 2, new Uint8Array([0x78, 5, 0, 0]));
  client.connect(address(B, 80));
  kit.advance(100);
  const server = listener.accept() as TcpSocket;
  expect([server.sackOk, server.wscaleOk, server.mssCache]).toEqual([false, false, 1300]);
  expect([client.sackOk, client.wscaleOk]).toEqual([false, false]);
  expect(kit.end()).toBe(0);
});

test('tcp_syncookies 2 keeps no handshake at all; 0 lets a full queue drop the SYN', () => {
  const always = new Kit();
  always.b.settings.syncookies = 2;
  always.b.settings.ecn = 1;
  always.a.settings.ecn = 1;
  const { client, server } = always.connected();
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect(server.ecnOk).toBe(true);
  expect(always.b.stats.SyncookiesSent).toBe(1);
  expect(always.end()).toBe(0);
  const never = new Kit();
  never.b.settings.syncookies = 0;
  flooded(never);
  const other = never.socket(never.a);
  other.connect(address(B, 80));
  never.advance(100);
  expect(other.state).toBe(TCP_SYN_SENT);
  expect(never.b.stats.TCPReqQFullDrop).toBe(1);
  expect(never.end()).toBe(0);
});

test('an ACK that brings no cookie of ours is reset and counted; where none was sent lately it is only reset', () => {
  const kit = new Kit();
  const listener = kit.listener(kit.b, 80);
  const ack = { sourcePort: 9, destinationPort: 80, seq: 100, ack: 5000, flags: '.' };
  inject(kit, kit.layerB, ack);
  expect(kit.b.stats.SyncookiesFailed).toBe(0);
  kit.b.settings.syncookies = 2;
  inject(kit, kit.layerB, { sourcePort: 8, destinationPort: 80, seq: 1, flags: 'S', mss: 1460 });
  const from = kit.link.seen.length;
  inject(kit, kit.layerB, ack);
  expect(kit.b.stats.SyncookiesFailed).toBe(1);
  expect(kit.link.seen.slice(from).map((s) => s.flags)).toEqual(['R']);
  expect(listener.listenQueue!.length).toBe(0);
  expect(kit.end()).toBe(0);
});

test('a cookie is good for one to two minutes', () => {
  const cases: [number, boolean][] = [
    [50_000, true],
    [119_000, false],
  ];
  for (const [waitMs, good] of cases) {
    const kit = new Kit();
    kit.b.settings.syncookies = 2;
    const listener = kit.listener(kit.b, 80);
    kit.link.drop = (s) => s.from === 'b' && s.flags === 'S.';
    inject(kit, kit.layerB, { sourcePort: 8, destinationPort: 80, seq: 1, flags: 'S', mss: 1460 });
    const isn = kit.link.seen.at(-1)!.seq;
    kit.advance(waitMs);
    inject(kit, kit.layerB, { sourcePort: 8, destinationPort: 80, seq: 2, ack: isn + 1, flags: '.' });
    expect(listener.listenQueue!.length === 1).toBe(good);
    expect(kit.end()).toBe(0);
  }
});
