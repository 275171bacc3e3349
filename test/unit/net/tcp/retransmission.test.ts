import { ETIMEDOUT } from '../../../../src/base/errno.js';
import { CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY, TCP_CLOSE } from '../../../../src/net/tcp/constants.js';
import { sampleRtt } from '../../../../src/net/tcp/rtt.js';
import { equal, Kit, pattern, readText, send, text, transfer } from './kit.js';

const data = (kit: Kit) => kit.link.seen.filter((s) => s.from === 'a' && s.bytes > 0);

test('a lost segment is sent again after the time-out, which doubles each time', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0;
  const start = kit.nowMs;
  const rtoMs = client.rtoUs / 1000;
  expect(rtoMs).toBeCloseTo(20 + 200, 0);
  send(client, text('x'));
  kit.advance(8000);
  const times = data(kit).map((s) => Math.round(s.atUs / 1000 - start));
  // The first repetition is a tail loss probe (RFC 8985 7), which would have come after two round trips and 200 ms.
  expect(times.slice(0, 6)).toEqual([0, 220, 440, 880, 1760, 3520]);
  expect(kit.end()).toBe(0);
});

test('without SACK there is no probe: the time-out doubles from the first', () => {
  const kit = new Kit();
  kit.a.settings.sack = 0;
  const { client } = kit.connected();
  kit.advance(100);
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0;
  const start = kit.nowMs;
  send(client, text('x'));
  kit.advance(8000);
  const times = data(kit).map((s) => Math.round(s.atUs / 1000 - start));
  expect(times.slice(0, 6)).toEqual([0, 220, 660, 1540, 3300, 6820]);
  expect(kit.end()).toBe(0);
});

test('after tcp_retries2 the connection has timed out: about fifteen minutes at the least time-out', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.link.drop = () => true;
  const start = kit.nowMs;
  send(client, text('x'));
  expect(kit.until(() => client.state === TCP_CLOSE)).toBe(true);
  expect(client.takeError()).toBe(ETIMEDOUT);
  const seconds = (kit.nowMs - start) / 1000;
  expect(seconds).toBeGreaterThan(924.6);
  expect(seconds).toBeLessThan(1100);
  expect(kit.end()).toBe(0);
});

test('TCP_USER_TIMEOUT ends it when the user wants', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  client.setOption(6, 18, new Uint8Array([0x88, 0x13, 0, 0]));
  kit.link.drop = () => true;
  const start = kit.nowMs;
  send(client, text('x'));
  expect(kit.until(() => client.state === TCP_CLOSE)).toBe(true);
  expect((kit.nowMs - start) / 1000).toBeCloseTo(5, 0);
  expect(kit.end()).toBe(0);
});

test('three duplicate ACKs repeat the segment within a round trip, without the timer (RFC 5681 3.2)', () => {
  const kit = new Kit();
  kit.b.settings.sack = 0;
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++count === 3;
  const start = kit.nowMs;
  const got = transfer(kit, client, server, pattern(10 * 1448));
  expect(equal(got, pattern(10 * 1448))).toBe(true);
  expect(kit.nowMs - start).toBeLessThan(60);
  expect(client.totalRetrans).toBe(1);
  expect(kit.a.stats.TCPRenoRecovery).toBe(1);
  expect(kit.a.stats.TCPFastRetrans).toBe(1);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(kit.end()).toBe(0);
});

test('two duplicate ACKs are reordering, and nothing is repeated; each lets out a new segment (RFC 3042)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  client.cwnd = 3;
  send(client, pattern(5 * 1448));
  // The first segment is overtaken by the other two.
  const late = kit.link.seen.length - 3;
  expect(data(kit).length).toBe(3);
  expect(late).toBeGreaterThan(0);
  kit.advance(200);
  expect(client.caState === CA_OPEN || client.caState === CA_DISORDER).toBe(true);
  expect(client.totalRetrans).toBe(0);
  expect(readText(server).length).toBeGreaterThan(0);
  expect(kit.end()).toBe(0);
});

test('two holes in one window: a partial ACK repeats the second at once (RFC 6582)', () => {
  const kit = new Kit();
  kit.b.settings.sack = 0;
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && (++count === 2 || count === 5);
  const start = kit.nowMs;
  expect(equal(transfer(kit, client, server, pattern(10 * 1448)), pattern(10 * 1448))).toBe(true);
  expect(kit.nowMs - start).toBeLessThan(90);
  expect(client.totalRetrans).toBe(2);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(kit.end()).toBe(0);
});

test('fast recovery halves the window and returns to it', () => {
  const kit = new Kit();
  kit.a.settings.congestionControl = 'reno';
  kit.a.settings.sack = 0;
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++count === 30;
  transfer(kit, client, server, pattern(60 * 1448));
  // Without SACK recovery is held until something beyond its end is acknowledged (RFC 6582).
  transfer(kit, client, server, pattern(1448));
  kit.advance(100);
  expect(kit.a.stats.TCPRenoRecovery).toBe(1);
  expect(client.ssthresh).toBeLessThan(25);
  expect(client.ssthresh).toBeGreaterThanOrEqual(8);
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('a time-out goes back to one segment and slow start (RFC 5681 3.1)', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  kit.advance(100);
  send(client, pattern(10 * 1448));
  kit.link.drop = () => true;
  send(client, pattern(4 * 1448));
  kit.advance(300);
  expect(client.caState === CA_LOSS || client.caState === CA_RECOVERY).toBe(true);
  expect(client.ssthresh).toBeLessThan(10);
  expect(client.cwnd).toBeLessThan(4);
  kit.link.drop = null;
  kit.advance(3000);
  expect(client.packetsOut).toBe(0);
  expect(kit.end()).toBe(0);
});

test('an ACK for the original after a needless time-out undoes the reduction (RFC 3522, timestamps)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(40 * 1448));
  kit.advance(100);
  const before = client.cwnd;
  kit.link.delayUs = 400_000;
  send(client, pattern(5 * 1448));
  kit.advance(300);
  expect(client.caState).toBe(CA_LOSS);
  kit.advance(2000);
  expect(kit.a.stats.TCPLossUndo + kit.a.stats.TCPFullUndo).toBeGreaterThan(0);
  expect(client.cwnd).toBeGreaterThanOrEqual(Math.min(before, 10));
  expect(kit.end()).toBe(0);
});

test('no round trip time is taken from a segment sent twice (Karn), unless timestamps tell', () => {
  const kit = new Kit();
  kit.a.settings.sack = 0;
  kit.a.settings.timestamps = 0;
  const { client } = kit.connected();
  kit.advance(100);
  const srtt = client.srtt8;
  let lost = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && lost++ === 0;
  send(client, text('x'));
  kit.advance(1000);
  expect(client.packetsOut).toBe(0);
  expect(client.srtt8).toBe(srtt);
  expect(client.rtoUs).toBe(2 * (20_000 + 200_000));
  expect(kit.end()).toBe(0);
});

test('the estimator follows RFC 6298 with the floor of 200 ms under the variance', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  client.srtt8 = 0;
  sampleRtt(client, 100_000);
  expect(client.srtt8 / 8).toBe(100_000);
  expect(client.rtoUs).toBe(300_000);
  client.sndUna = client.rttSeq;
  sampleRtt(client, 200_000);
  expect(client.srtt8 / 8).toBe(112_500);
  expect(client.rtoUs).toBeGreaterThan(312_500);
  expect(kit.end()).toBe(0);
});

test('super-packets are lost, acknowledged in part and repeated in other cuts', () => {
  // A short path: super-packets are sized by the rate.
  const kit = new Kit({ offload: true, delayMs: 0 });
  const { client, server } = kit.connected();
  kit.link.faults = { loss: 0.1 };
  const bytes = pattern(2_000_000);
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  expect(kit.link.seen.some((s) => s.bytes > 20_000 && s.mss === 1448)).toBe(true);
  expect(client.sent.contiguous()).toBe(true);
  expect(kit.end()).toBe(0);
});
