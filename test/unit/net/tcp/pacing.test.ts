import { ENOENT, EPERM } from '../../../../src/base/errno.js';
import { Bbr, PROBE_BW, PROBE_RTT, STARTUP } from '../../../../src/net/tcp/congestion/bbr.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { equal, Kit, pattern, send, transfer } from './kit.js';

const MSS = 1448;
const int = (value: number) => new Uint8Array([value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);
const name = (text: string) => new TextEncoder().encode(text);

/** A wire of `rate` bytes a second with a queue of `queue` packets: packets leave one after the other. */
function bottleneck(kit: Kit, rate: number, queue: number): void {
  let freeUs = 0;
  const base = kit.link.delayUs;
  kit.link.drop = (s) => {
    if (s.from !== 'a') {
      kit.link.delayUs = base;
      return false;
    }
    const nowUs = kit.clock.monotonicUs();
    const waitUs = Math.max(0, freeUs - nowUs);
    if (waitUs > (queue * 1500 * 1e6) / rate) return true;
    freeUs = nowUs + waitUs + ((s.bytes + 52) * 1e6) / rate;
    kit.link.delayUs = base + freeUs - nowUs;
    return false;
  };
}

function withBbr(kit: Kit) {
  kit.a.findCongestion('bbr', true);
  kit.a.settings.congestionControl = 'bbr';
  const ends = kit.connected();
  const state = ends.client.congestionObject;
  if (!(state instanceof Bbr)) throw new Error('no BBR');
  return { ...ends, state };
}

test('the pacing rate is twice the window a round trip in slow start, 1.2 times after it', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(40 * MSS));
  const window = (client.cwnd * MSS * 1e6) / (client.srtt8 / 8);
  expect(client.pacingRate / window).toBeCloseTo(2, 1);
  client.ssthresh = client.cwnd;
  transfer(kit, client, server, pattern(4 * MSS));
  expect(client.pacingRate / ((client.cwnd * MSS * 1e6) / (client.srtt8 / 8))).toBeCloseTo(1.2, 1);
  expect(kit.end()).toBe(0);
});

test('SO_MAX_PACING_RATE is kept to, and no packets leave in a clump', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  expect(client.getOption(1, 47)).toEqual(new Uint8Array(8).fill(255));
  expect(client.setOption(1, 47, int(1_000_000))).toBe(0);
  expect(client.getOption(1, 47)).toEqual(Uint8Array.of(...int(1_000_000), 0, 0, 0, 0));
  transfer(kit, client, server, pattern(60_000));
  const start = kit.nowMs;
  const from = kit.link.seen.length;
  transfer(kit, client, server, pattern(1_000_000));
  expect(kit.nowMs - start).toBeGreaterThan(980);
  expect(kit.nowMs - start).toBeLessThan(1150);
  const times = new Map<number, number>();
  for (const s of kit.link.seen.slice(from)) if (s.from === 'a' && s.bytes > 0) times.set(s.atUs, (times.get(s.atUs) ?? 0) + 1);
  expect(Math.max(...times.values())).toBeLessThanOrEqual(4);
  expect(kit.end()).toBe(0);
});

test('super-packets hold a millisecond of data on a long path, all they can on a short one (TSO auto-sizing)', () => {
  for (const [delayMs, least, most] of [
    [20, MSS, 3 * MSS],
    [0, 20 * MSS, 46 * MSS],
  ] as const) {
    const kit = new Kit({ delayMs, offload: true });
    const { client, server } = kit.connected();
    kit.advance(100);
    transfer(kit, client, server, pattern(300_000));
    const largest = Math.max(...kit.link.seen.map((s) => s.bytes));
    expect(largest).toBeGreaterThanOrEqual(least);
    if (delayMs > 0) expect(kit.link.seen.find((s) => s.bytes > 0)!.bytes).toBeLessThanOrEqual(most);
    expect(kit.end()).toBe(0);
  }
});

test('BBR comes with its module: whoever may configure loads it by asking for it', () => {
  const kit = new Kit();
  const names = () => kit.a.availableCongestion().map((control) => control.name);
  expect(names()).toEqual(['reno', 'cubic']);
  const other = new TcpSocket(kit.a, 2, 1000, false);
  expect(other.setOption(6, 13, name('bbr'))).toBe(-ENOENT);
  expect(kit.socket(kit.a).setOption(6, 13, name('bbr'))).toBe(0);
  expect(names()).toEqual(['reno', 'cubic', 'bbr']);
  expect(other.setOption(6, 13, name('bbr'))).toBe(0);
  kit.a.settings.allowedCongestionControl = ['reno'];
  expect(other.setOption(6, 13, name('cubic'))).toBe(-EPERM);
  expect(kit.end()).toBe(0);
});

test('BBR finds the bandwidth of a bottleneck, drains the queue it made, and keeps the round trip short', () => {
  const kit = new Kit({ delayMs: 20 });
  const { client, server, state } = withBbr(kit);
  expect(state.mode).toBe(STARTUP);
  bottleneck(kit, 1_250_000, 200);
  const bytes = pattern(4_000_000);
  const start = kit.nowMs;
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  const seconds = (kit.nowMs - start) / 1000;
  expect(4_000_000 / seconds / 1_250_000).toBeGreaterThan(0.85);
  expect(state.mode).toBe(PROBE_BW);
  expect((state.bandwidth * client.mssCache * 1e6) / 1_250_000).toBeGreaterThan(0.85);
  expect((state.bandwidth * client.mssCache * 1e6) / 1_250_000).toBeLessThan(1.1);
  expect(client.srtt8 / 8).toBeLessThan(80_000);
  expect(kit.end()).toBe(0);
});

test('BBR takes random loss for what it is: one per cent does not slow it down', () => {
  const rates = ['cubic', 'bbr'].map((which) => {
    const kit = new Kit({ delayMs: 20 });
    kit.a.findCongestion('bbr', true);
    kit.a.settings.congestionControl = which;
    const { client, server } = kit.connected();
    bottleneck(kit, 1_250_000, 200);
    kit.link.faults = { loss: 0.01 };
    const start = kit.nowMs;
    const bytes = pattern(3_000_000);
    expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
    const rate = 3_000_000 / ((kit.nowMs - start) / 1000);
    expect(kit.end()).toBe(0);
    return rate;
  });
  expect(rates[1]! / 1_250_000).toBeGreaterThan(0.8);
  expect(rates[1]!).toBeGreaterThan(rates[0]!);
});

test('BBR asks every ten seconds how short the path is, with four packets under way', () => {
  const kit = new Kit({ delayMs: 5 });
  const { client, server, state } = withBbr(kit);
  bottleneck(kit, 250_000, 100);
  const into = new Uint8Array(65_536);
  const seen = new Set<number>();
  for (let i = 0; i < 1500; i++) {
    send(client, pattern(20_000));
    kit.advance(10);
    while (server.receive(into, 0, into.length, 0, null) > 0);
    if (state.mode === PROBE_RTT) seen.add(client.cwnd);
  }
  expect(seen.size).toBeGreaterThan(0);
  expect(Math.min(...seen)).toBe(4);
  expect(state.mode).toBe(PROBE_BW);
  expect(kit.end()).toBe(0);
});

test('TCP_CC_INFO tells of BBR: bandwidth, least round trip, gains', () => {
  const kit = new Kit();
  const { client, server } = withBbr(kit);
  transfer(kit, client, server, pattern(100_000));
  const info = client.getOption(6, 26) as Uint8Array;
  const view = new DataView(info.buffer);
  expect(info.length).toBe(20);
  expect(view.getUint32(0, true)).toBeGreaterThan(100_000);
  expect(view.getUint32(8, true)).toBe(20_000);
  expect(view.getUint32(12, true)).toBe(739);
  expect(kit.end()).toBe(0);
});
