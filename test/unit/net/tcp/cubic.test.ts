import { ENOENT, EPERM } from '../../../../src/base/errno.js';
import { cubic } from '../../../../src/net/tcp/congestion/cubic.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { equal, Kit, pattern, transfer } from './kit.js';

const TCP_CONGESTION = 13;
const name = (value: string) => new TextEncoder().encode(value);

/** An established connection in congestion avoidance at `window`, whose window counts as used up. */
function avoiding(window: number): { kit: Kit; client: TcpSocket; acknowledge: (rounds: number) => void } {
  const kit = new Kit({ delayMs: 50 });
  const { client } = kit.connected();
  client.cwnd = window;
  client.cwndLimited = true;
  client.congestion.packetsAcked?.(client, 1, 100_000);
  const acknowledge = (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      kit.advance(100);
      // A window of packets, two an ACK, as a receiver with delayed ACKs does it.
      for (let left = client.cwnd; left > 0; left -= 2) cubic.congestionAvoidance(client, client.sndUna, 2);
    }
  };
  return { kit, client, acknowledge };
}

test('new connections use cubic, and a user may choose reno', () => {
  const kit = new Kit();
  const { client } = kit.connected();
  expect(client.congestion.name).toBe('cubic');
  expect(client.setOption(6, TCP_CONGESTION, name('reno'))).toBe(0);
  expect(client.congestion.name).toBe('reno');
  expect(client.congestionState).toBe(null);
  expect(client.setOption(6, TCP_CONGESTION, name('cubic\0'))).toBe(0);
  expect(client.congestionState).not.toBe(null);
  expect(client.setOption(6, TCP_CONGESTION, name('vegas'))).toBe(-ENOENT);
  expect(kit.end()).toBe(0);
});

test('a user without CAP_NET_ADMIN chooses among tcp_allowed_congestion_control', () => {
  const kit = new Kit();
  kit.a.settings.allowedCongestionControl = ['cubic'];
  const sk = new TcpSocket(kit.a, 2, 1000, false);
  expect(sk.setOption(6, TCP_CONGESTION, name('reno'))).toBe(-EPERM);
  kit.a.settings.allowedCongestionControl = ['reno', 'cubic'];
  expect(sk.setOption(6, TCP_CONGESTION, name('reno'))).toBe(0);
  sk.close();
  expect(kit.end()).toBe(0);
});

test('a loss reduces the window to 717/1024, and to no less than two packets', () => {
  const { kit, client } = avoiding(1000);
  expect(cubic.slowStartThreshold(client)).toBe(700);
  client.cwnd = 2;
  expect(cubic.slowStartThreshold(client)).toBe(2);
  expect(kit.end()).toBe(0);
});

test('growth is fast far below the last maximum, slow at it and fast again beyond (RFC 9438 4.2)', () => {
  const { kit, client, acknowledge } = avoiding(1000);
  client.cwnd = client.ssthresh = cubic.slowStartThreshold(client);
  // K = cbrt(300 / 0.4) = 9.1 s: ninety round trips.
  const at: number[] = [client.cwnd];
  for (let i = 0; i < 5; i++) {
    acknowledge(30);
    at.push(client.cwnd);
  }
  const grown = at.slice(1).map((value, i) => value - at[i]!);
  expect(grown[0]).toBeGreaterThan(3 * grown[2]!);
  expect(at[3]).toBeGreaterThan(950);
  expect(at[3]).toBeLessThan(1010);
  expect(grown[4]).toBeGreaterThan(3 * grown[2]!);
  expect(kit.end()).toBe(0);
});

test('fast convergence: a window that did not reach the last maximum aims lower (RFC 9438 4.7)', () => {
  const windowsAfter = (second: number) => {
    const { kit, client, acknowledge } = avoiding(1000);
    client.ssthresh = cubic.slowStartThreshold(client);
    client.cwnd = second;
    client.ssthresh = cubic.slowStartThreshold(client);
    client.cwnd = 600;
    acknowledge(60);
    expect(kit.end()).toBe(0);
    return client.cwnd;
  };
  expect(windowsAfter(900)).toBeLessThan(windowsAfter(1000));
});

test('a small window grows at least as fast as Reno with this reduction would (RFC 9438 4.3)', () => {
  const { kit, client, acknowledge } = avoiding(20);
  client.cwnd = client.ssthresh = cubic.slowStartThreshold(client);
  acknowledge(20);
  // alpha = 3 (1 - 0.7) / (1 + 0.7): half a packet a round trip.
  expect(client.cwnd).toBeGreaterThanOrEqual(14 + 8);
  expect(kit.end()).toBe(0);
});

test('HyStart leaves slow start when the round trip grows by an eighth, before anything is lost', () => {
  const kit = new Kit({ delayMs: 50 });
  const { client } = kit.connected();
  client.cwnd = 40;
  client.sndUna = client.sndNxt;
  for (let i = 0; i < 9; i++) cubic.packetsAcked!(client, 1, 100_000);
  expect(kit.a.stats.TCPHystartDelayDetect).toBe(0);
  // The next round: the pipe is full and a queue builds up.
  kit.advance(100);
  client.congestionState![11] = client.sndUna - 1;
  for (let i = 0; i < 9; i++) {
    kit.advance(3);
    cubic.packetsAcked!(client, 1, 120_000);
  }
  expect(kit.a.stats.TCPHystartDelayDetect).toBe(1);
  expect(kit.a.stats.TCPHystartDelayCwnd).toBe(40);
  expect(client.ssthresh).toBe(40);
  expect(kit.end()).toBe(0);
});

test('HyStart leaves slow start when a train of ACKs fills half the round trip', () => {
  const kit = new Kit({ delayMs: 50 });
  const { client } = kit.connected();
  client.cwnd = 40;
  client.congestionState![11] = client.sndUna - 1;
  for (let ms = 0; ms <= 52; ms++) {
    cubic.packetsAcked!(client, 1, 100_000);
    kit.advance(1);
  }
  expect(kit.a.stats.TCPHystartTrainDetect).toBe(1);
  expect(client.ssthresh).toBe(40);
  expect(kit.end()).toBe(0);
});

test('a bulk transfer that loses packets arrives whole with either algorithm', () => {
  for (const algorithm of ['reno', 'cubic']) {
    const kit = new Kit({ seed: 5 });
    kit.link.record = false;
    kit.a.settings.congestionControl = algorithm;
    const { client, server } = kit.connected();
    kit.link.faults = { loss: 0.01 };
    const bytes = pattern(1_000_000);
    expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
    expect(client.congestion.name).toBe(algorithm);
    expect(kit.end()).toBe(0);
  }
});
