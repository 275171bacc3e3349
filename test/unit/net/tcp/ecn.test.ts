import { CA_CWR, CA_OPEN } from '../../../../src/net/tcp/constants.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, inject, Kit, pattern, send, text, transfer } from './kit.js';

const MSS = 1448;
const flagsOf = (kit: Kit, from: 'a' | 'b') => kit.link.seen.filter((s) => s.from === from).map((s) => s.flags);

/** Two ends that agreed on ECN. */
function marked() {
  const kit = new Kit();
  kit.a.settings.ecn = 1;
  return { kit, ...kit.connected() };
}

test('tcp_ecn 1 asks, 2 agrees, 0 does neither (RFC 3168 6.1.1)', () => {
  for (const [a, b, syn, synAck, agreed] of [
    [1, 2, 'SEW', 'SE.', true],
    [1, 1, 'SEW', 'SE.', true],
    [2, 2, 'S', 'S.', false],
    [1, 0, 'SEW', 'S.', false],
    [0, 1, 'S', 'S.', false],
  ] as const) {
    const kit = new Kit();
    kit.a.settings.ecn = a;
    kit.b.settings.ecn = b;
    const { client, server } = kit.connected();
    expect([flagsOf(kit, 'a')[0], flagsOf(kit, 'b')[0]]).toEqual([syn, synAck]);
    expect([client.ecnOk, server.ecnOk]).toEqual([agreed, agreed]);
    expect(kit.end()).toBe(0);
  }
});

test('a SYN that got lost is repeated without asking (tcp_ecn_fallback)', () => {
  for (const [fallback, second] of [
    [1, 'S'],
    [0, 'SEW'],
  ] as const) {
    const kit = new Kit();
    kit.a.settings.ecn = 1;
    kit.a.settings.ecnFallback = fallback;
    let count = 0;
    kit.link.drop = (s) => s.from === 'a' && count++ === 0;
    const { client } = kit.connected();
    expect(flagsOf(kit, 'a').slice(0, 2)).toEqual(['SEW', second]);
    expect(client.ecnOk).toBe(fallback === 0);
    expect(kit.end()).toBe(0);
  }
});

test('a SYN-ACK that reflects both bits agrees to nothing', () => {
  const kit = new Kit();
  kit.a.settings.ecn = 1;
  kit.link.drop = (s) => s.from === 'a';
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  inject(kit, kit.layerA, { sourcePort: 80, destinationPort: client.local.port, seq: 1, ack: client.sndNxt, flags: 'SEW.', mss: 1460 });
  expect(client.ecnOk).toBe(false);
  expect(kit.end()).toBe(0);
});

test('new data is ECN-capable; ACKs and repetitions are not (RFC 3168 6.1.4, 6.1.5)', () => {
  const { kit, client, server } = marked();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++count === 2;
  const from = kit.link.seen.length;
  transfer(kit, client, server, pattern(8 * MSS));
  const seen = kit.link.seen.slice(from);
  const data = seen.filter((s) => s.bytes > 0);
  expect(new Set(data.slice(0, 8).map((s) => s.tos & 3))).toEqual(new Set([2]));
  expect(data.at(-1)!.tos & 3).toBe(0);
  expect(seen.filter((s) => s.bytes === 0).every((s) => (s.tos & 3) === 0)).toBe(true);
  expect(kit.end()).toBe(0);
});

test('a mark is echoed until the sender says that it reduced its window, once a round trip (RFC 3168 6.1.2, 6.1.3)', () => {
  const { kit, client, server } = marked();
  kit.a.settings.congestionControl = 'reno';
  transfer(kit, client, server, pattern(30 * MSS));
  kit.advance(100);
  const { cwnd } = client;
  let left = 1;
  kit.link.mark = (s) => s.from === 'a' && left-- > 0;
  const from = kit.link.seen.length;
  send(client, pattern(20 * MSS));
  kit.advance(25);
  expect(client.caState).toBe(CA_CWR);
  expect(server.ecnSeen).toBe(true);
  send(client, pattern(20 * MSS));
  kit.advance(200);
  const seen = kit.link.seen.slice(from);
  expect(seen.some((s) => s.from === 'b' && s.flags.includes('E'))).toBe(true);
  expect(seen.filter((s) => s.from === 'a' && s.flags.includes('W')).length).toBe(1);
  expect(server.ecnDemandCwr).toBe(false);
  expect(client.caState).toBe(CA_OPEN);
  expect(client.ssthresh).toBeLessThan(cwnd);
  expect(client.totalRetrans).toBe(0);
  expect(client.deliveredCe).toBeGreaterThan(0);
  expect(kit.a.stats.TCPDeliveredCE).toBe(client.deliveredCe);
  expect(kit.end()).toBe(0);
});

test('an echo that was not agreed on changes nothing', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  send(client, text('x'));
  inject(kit, kit.layerA, { sourcePort: 80, destinationPort: client.local.port, seq: server.sndNxt, ack: client.sndNxt, flags: 'E.' });
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('tcp_reflect_tos answers a SYN with its DSCP, and the connection keeps it', () => {
  const kit = new Kit();
  kit.b.settings.reflectTos = 1;
  const listener = kit.listener(kit.b, 80);
  const client = kit.socket(kit.a);
  client.setOption(0, 1, new Uint8Array([0x48, 0, 0, 0]));
  client.connect(address(B, 80));
  kit.advance(100);
  expect(kit.link.seen.find((s) => s.flags === 'S.')!.tos).toBe(0x48);
  const server = listener.accept();
  expect((server as TcpSocket).tos).toBe(0x48);
  expect(kit.end()).toBe(0);
});
