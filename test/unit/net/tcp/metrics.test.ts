import { Dst } from '../../../../src/net/core/dst.js';
import { MetricsCache } from '../../../../src/net/tcp/metrics.js';
import { A, B, Kit, pattern, send } from './kit.js';

const words = (ipv4: number) => Uint32Array.of(0, 0, 0xffff, ipv4);
const known = (kit: Kit) => kit.a.metrics.find(words(A), words(B));

/** A connection from a to b that sends `bytes`, ends in order, and has left what it learnt. */
function connection(kit: Kit, port: number, bytes = 1000): void {
  const { client, server, listener } = kit.connected(port);
  send(client, pattern(bytes));
  kit.until(() => server.bytesReceived >= bytes);
  client.close();
  kit.advance(1000);
  server.close();
  listener.close();
  kit.advance(1000);
}

test('a connection that ends leaves its round trip time, and the next counts its first time-out from there', () => {
  const kit = new Kit({ delayMs: 300 });
  connection(kit, 80);
  expect(known(kit)!.rtt8 / 8).toBeGreaterThanOrEqual(600_000);
  kit.link.delayUs = 1000;
  const { client } = kit.connected(81);
  // Three round trips of the past, not the 200 ms of the SYN that was answered at once.
  expect(client.rtoUs).toBeGreaterThanOrEqual(1_800_000);
});

test('a quicker way counts by an eighth, a slower one at once', () => {
  const kit = new Kit({ delayMs: 50 });
  connection(kit, 80);
  const slow = known(kit)!.rtt8;
  kit.link.delayUs = 5000;
  connection(kit, 81);
  const less = known(kit)!.rtt8;
  expect(less).toBeLessThan(slow);
  expect(less).toBeGreaterThan(slow * 0.8);
  kit.link.delayUs = 80_000;
  connection(kit, 82);
  expect(known(kit)!.rtt8).toBeGreaterThanOrEqual(8 * 160_000);
});

test('the slow start threshold is kept only where tcp_no_ssthresh_metrics_save is 0', () => {
  for (const keeps of [false, true]) {
    const kit = new Kit();
    kit.a.settings.noSsthreshMetricsSave = keeps ? 0 : 1;
    const { client, server } = kit.connected();
    send(client, pattern(2000));
    kit.advance(150);
    client.ssthresh = 20;
    client.cwnd = 30;
    client.close();
    kit.advance(100);
    server.close();
    kit.advance(100);
    expect(known(kit)).toMatchObject({ cwnd: 15, ssthresh: keeps ? 20 : 0 });
    expect(kit.connected(81).client.ssthresh).toBe(keeps ? 20 : 0x7fff_ffff);
  }
});

test('a connection that is reset, and one where nothing may be kept, leave nothing', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  client.linger = 0;
  client.close();
  kit.advance(100);
  expect(known(kit)).toBeNull();
  kit.a.settings.noMetricsSave = 1;
  connection(kit, 81);
  expect(known(kit)).toBeNull();
});

test('a locked window bounds the one that a connection starts with', () => {
  const kit = new Kit();
  connection(kit, 80);
  const entry = known(kit)!;
  entry.locks = 1 << 7;
  entry.cwnd = 4;
  const { client } = kit.connected(81);
  expect(client.cwnd).toBe(4);
});

test('the oldest of a chain makes room, so that memory stays bounded', () => {
  const cache = new MetricsCache(1);
  const dst = new Dst();
  for (let i = 0; i < 100_000; i++) cache.obtain(words(A), words(i), dst, i);
  const kept = [...cache.all()];
  expect(kept.length).toBeLessThanOrEqual(2048 * 5);
  expect(cache.find(words(A), words(99_999))).not.toBeNull();
  cache.delete(cache.find(words(A), words(99_999))!);
  expect(cache.find(words(A), words(99_999))).toBeNull();
  cache.clear();
  expect([...cache.all()]).toEqual([]);
});

test('what was not used for an hour is forgotten', () => {
  const kit = new Kit({ delayMs: 300 });
  connection(kit, 80);
  kit.advance(3_600_001);
  kit.link.delayUs = 1000;
  expect(kit.connected(81).client.rtoUs).toBeLessThan(300_000);
});
