import { CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY } from '../../../../src/net/tcp/constants.js';
import { blocksHold } from '../../../../src/net/tcp/sack-blocks.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { equal, inject, Kit, pattern, send, text, transfer } from './kit.js';

const MSS = 1448;
const answers = (kit: Kit, from = 0) => kit.link.seen.slice(from).filter((s) => s.from === 'b');

/** Blocks of the last answer, relative to `base`. */
const lastBlocks = (kit: Kit, base: number) => (answers(kit).at(-1)?.sack ?? []).map((edge) => (edge - base) | 0);

/** Hands `server` bytes [start, end) of a stream that begins at `base`, as if they came from its peer. */
function arrives(kit: Kit, client: TcpSocket, server: TcpSocket, base: number, start: number, end: number): void {
  const bytes = pattern(end - start, start);
  inject(kit, kit.layerB, {
    sourcePort: client.local.port,
    destinationPort: 80,
    seq: base + start,
    ack: server.sndNxt,
    flags: '.',
    data: bytes,
  });
}

/** Tells `client` what arrived, with numbers relative to `base`. */
function acknowledges(kit: Kit, client: TcpSocket, base: number, ack: number, sack: readonly number[]): void {
  inject(kit, kit.layerA, {
    sourcePort: 80,
    destinationPort: client.local.port,
    seq: client.rcvNxt,
    ack: base + ack,
    flags: '.',
    sack: sack.map((edge) => base + edge),
  });
}

/** A connection that has nothing under way and whose wire swallows all that the client sends from now on. */
function deaf(options: { timestamps?: boolean } = {}) {
  const kit = new Kit();
  if (options.timestamps === false) kit.a.settings.timestamps = 0;
  const { client, server } = kit.connected();
  kit.advance(100);
  kit.link.drop = (s) => s.from === 'a';
  return { kit, client, server, base: client.sndNxt };
}

test('SACK is agreed on in the handshake, and not where either end has tcp_sack 0 (RFC 2018 2)', () => {
  for (const [a, b] of [
    [1, 1],
    [0, 1],
    [1, 0],
  ] as const) {
    const kit = new Kit();
    kit.a.settings.sack = a;
    kit.b.settings.sack = b;
    const { client, server } = kit.connected();
    expect([client.sackOk, server.sackOk]).toEqual([a + b === 2, a + b === 2]);
    expect(kit.end()).toBe(0);
  }
});

test('blocks come newest first, adjoining ones become one, at most three stand beside timestamps (RFC 2018 4)', () => {
  const kit = new Kit();
  kit.b.settings.compSackNr = 0;
  const { client, server } = kit.connected();
  kit.advance(100);
  const base = server.rcvNxt;
  arrives(kit, client, server, base, 200, 300);
  expect(lastBlocks(kit, base)).toEqual([200, 300]);
  arrives(kit, client, server, base, 400, 500);
  expect(lastBlocks(kit, base)).toEqual([400, 500, 200, 300]);
  arrives(kit, client, server, base, 600, 700);
  arrives(kit, client, server, base, 800, 900);
  expect(lastBlocks(kit, base)).toEqual([800, 900, 600, 700, 400, 500]);
  arrives(kit, client, server, base, 700, 800);
  expect(lastBlocks(kit, base)).toEqual([600, 900, 400, 500, 200, 300]);
  expect(blocksHold(server)).toBe(true);
  // The first hole is filled: blocks that the ACK number reached go.
  arrives(kit, client, server, base, 0, 200);
  expect(server.rcvNxt).toBe((base + 300) | 0);
  expect(lastBlocks(kit, base)).toEqual([600, 900, 400, 500]);
  arrives(kit, client, server, base, 300, 600);
  expect(server.rcvNxt).toBe((base + 900) | 0);
  expect(server.sackBlockCount).toBe(0);
  expect(kit.end()).toBe(0);
});

test('what came twice is told in a first block, once (RFC 2883 4)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  const base = server.rcvNxt;
  arrives(kit, client, server, base, 0, 100);
  arrives(kit, client, server, base, 0, 100);
  expect(lastBlocks(kit, base)).toEqual([0, 100]);
  arrives(kit, client, server, base, 300, 500);
  expect(lastBlocks(kit, base)).toEqual([300, 500]);
  // A duplicate beyond the hole: its own block, then the one it lies in.
  arrives(kit, client, server, base, 350, 400);
  expect(lastBlocks(kit, base)).toEqual([350, 400, 300, 500]);
  // Partly new.
  arrives(kit, client, server, base, 50, 200);
  expect(lastBlocks(kit, base).slice(0, 2)).toEqual([50, 100]);
  expect(kit.b.stats.TCPDSACKOldSent).toBe(2);
  expect(kit.b.stats.TCPDSACKOfoSent).toBe(1);
  expect(kit.end()).toBe(0);
});

test('tcp_dsack 0 tells nothing of duplicates', () => {
  const kit = new Kit();
  kit.b.settings.dsack = 0;
  const { client, server } = kit.connected();
  const base = server.rcvNxt;
  arrives(kit, client, server, base, 0, 100);
  arrives(kit, client, server, base, 0, 100);
  expect(lastBlocks(kit, base)).toEqual([]);
  expect(kit.end()).toBe(0);
});

test('blocks ride on data, whose segments are smaller by them', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  arrives(kit, client, server, server.rcvNxt, 1000, 2000);
  const from = kit.link.seen.length;
  send(server, pattern(3 * MSS));
  const sent = answers(kit, from).filter((s) => s.bytes > 0);
  expect(sent[0]!.bytes).toBe(MSS - 12);
  expect(sent[0]!.sack.length).toBe(2);
  kit.advance(1000);
  expect(kit.end()).toBe(0);
});

test('holes in one window are all repeated within one round trip (RFC 6675)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && [2, 4, 6].includes(++count);
  const start = kit.nowMs;
  expect(equal(transfer(kit, client, server, pattern(10 * MSS)), pattern(10 * MSS))).toBe(true);
  expect(kit.nowMs - start).toBeLessThan(55);
  expect(client.totalRetrans).toBe(3);
  expect(kit.a.stats.TCPSackRecovery).toBe(1);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(kit.end()).toBe(0);
});

test('three packets beyond a hole begin recovery; two are reordering, for which RACK waits a quarter of the round trip (RFC 8985)', () => {
  const { kit, client, base } = deaf();
  send(client, pattern(8 * MSS));
  kit.advance(20);
  acknowledges(kit, client, base, 0, [MSS, 3 * MSS]);
  expect(client.caState).toBe(CA_DISORDER);
  expect(client.sackedOut).toBe(2);
  expect(client.totalRetrans).toBe(0);
  acknowledges(kit, client, base, 0, [MSS, 4 * MSS]);
  expect(client.caState).toBe(CA_RECOVERY);
  expect(client.totalRetrans).toBe(1);
  expect(kit.end()).toBe(0);
});

test("RACK's timer repeats what two packets overtook once the reordering window has passed (RFC 8985 6.3)", () => {
  const { kit, client, base } = deaf();
  send(client, pattern(3 * MSS));
  kit.advance(20);
  const start = kit.nowMs;
  acknowledges(kit, client, base, 0, [MSS, 3 * MSS]);
  expect(client.totalRetrans).toBe(0);
  kit.until(() => client.totalRetrans > 0, 1000);
  // A quarter of the least round trip (5 ms) and the timer's margin of 2 ms.
  expect(kit.nowMs - start).toBeGreaterThanOrEqual(5);
  expect(kit.nowMs - start).toBeLessThanOrEqual(9);
  expect(client.caState).toBe(CA_RECOVERY);
  expect(kit.end()).toBe(0);
});

test('reordering that was seen widens what is waited for: a late packet is not repeated', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  kit.link.faults = { reorder: 0.1, jitterUs: 4000 };
  const bytes = pattern(400 * MSS);
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  expect(client.reordSeen).toBeGreaterThan(0);
  expect(client.totalRetrans).toBeLessThan(6);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(kit.end()).toBe(0);
});

test('how far the network reorders is measured in packets (tcpi_reordering)', () => {
  const { kit, client, base } = deaf();
  send(client, pattern(10 * MSS));
  kit.advance(20);
  acknowledges(kit, client, base, 0, [7 * MSS, 8 * MSS]);
  acknowledges(kit, client, base, MSS, [7 * MSS, 8 * MSS]);
  expect(client.reordering).toBe(8);
  expect(client.reordSeen).toBe(1);
  expect(kit.a.stats.TCPSACKReorder).toBe(1);
  expect(kit.end()).toBe(0);
});

test('a repetition that gets lost is repeated again, without a time-out (RFC 8985)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(100 * MSS));
  kit.advance(100);
  const hole = client.sndNxt + 2 * MSS;
  let drops = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ((s.seq - hole) | 0) === 0 && drops++ < 2;
  const bytes = pattern(200 * MSS);
  expect(equal(transfer(kit, client, server, bytes), bytes)).toBe(true);
  expect(drops).toBe(3);
  expect(kit.a.stats.TCPLostRetransmit).toBe(1);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(kit.end()).toBe(0);
});

test('the end of a flight is lost: a probe after two round trips finds it, no time-out is needed (RFC 8985 7)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && (++count === 4 || count === 5);
  const start = kit.nowMs;
  expect(transfer(kit, client, server, pattern(5 * MSS)).length).toBe(5 * MSS);
  // ACKs at 20 ms, the probe at 62, its ACK shows the hole at 82, which is filled at 92.
  expect(kit.nowMs - start).toBeLessThan(100);
  kit.advance(100);
  expect(kit.a.stats.TCPLossProbes).toBe(1);
  expect(kit.a.stats.TCPSackRecovery).toBe(1);
  expect(kit.a.stats.TCPTimeouts).toBe(0);
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('a probe that repaired a loss is paid for by the window like any loss', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  kit.advance(100);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++count === 5;
  transfer(kit, client, server, pattern(5 * MSS));
  kit.advance(100);
  send(client, text('the ACK of this is the first beyond the probe'));
  kit.advance(100);
  expect(kit.a.stats.TCPLossProbeRecovery).toBe(1);
  expect(client.ssthresh).toBeLessThan(10);
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('a probe whose original had arrived costs nothing: the D-SACK says so (RFC 8985 7.4.2)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(20 * MSS));
  kit.advance(1000);
  const { cwnd } = client;
  let swallow = true;
  kit.link.drop = (s) => s.from === 'b' && swallow;
  send(client, pattern(2 * MSS));
  kit.advance(40);
  swallow = false;
  kit.advance(100);
  expect(kit.a.stats.TCPLossProbes).toBe(1);
  expect(kit.a.stats.TCPDSACKRecv).toBe(1);
  expect(client.caState).toBe(CA_OPEN);
  expect(client.cwnd).toBeGreaterThanOrEqual(Math.min(cwnd, 10));
  expect(client.ssthresh).toBe(0x7fff_ffff);
  expect(kit.end()).toBe(0);
});

test('D-SACKs for all that was repeated undo the reduction (RFC 3708)', () => {
  const { kit, client, base } = deaf({ timestamps: false });
  send(client, pattern(10 * MSS));
  kit.advance(20);
  const { cwnd } = client;
  acknowledges(kit, client, base, 0, [1460, 5 * 1460]);
  expect(client.caState).toBe(CA_RECOVERY);
  expect(client.totalRetrans).toBe(1);
  acknowledges(kit, client, base, 5 * 1460, []);
  expect(client.caState).toBe(CA_RECOVERY);
  acknowledges(kit, client, base, 5 * 1460, [0, 1460]);
  expect(kit.a.stats.TCPDSACKUndo).toBe(1);
  expect(client.cwnd).toBeGreaterThanOrEqual(cwnd);
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('a D-SACK of what was never repeated is not believed', () => {
  const { kit, client, base } = deaf();
  send(client, pattern(10 * MSS));
  kit.advance(20);
  acknowledges(kit, client, base, MSS, [0, MSS]);
  expect(kit.a.stats.TCPDSACKIgnoredDubious).toBe(1);
  expect(client.duplicateSacks).toBe(0);
  expect(kit.end()).toBe(0);
});

test('F-RTO: after a needless time-out the ACK of an original undoes it (RFC 5682, without timestamps)', () => {
  const kit = new Kit();
  kit.a.settings.timestamps = 0;
  kit.a.settings.earlyRetrans = 0;
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(40 * 1460));
  kit.advance(100);
  kit.link.delayUs = 350_000;
  send(client, pattern(5 * 1460));
  kit.advance(300);
  expect(client.caState).toBe(CA_LOSS);
  expect(client.frto).toBe(true);
  send(client, pattern(5 * 1460));
  kit.advance(2000);
  expect(kit.a.stats.TCPSpuriousRTOs).toBe(1);
  expect(client.caState).toBe(CA_OPEN);
  expect(kit.end()).toBe(0);
});

test('tcp_frto 0 looks for nothing of the kind', () => {
  const { kit, client } = deaf();
  kit.a.settings.frto = 0;
  send(client, text('x'));
  kit.advance(700);
  expect(client.caState).toBe(CA_LOSS);
  expect(client.frto).toBe(false);
  expect(kit.end()).toBe(0);
});

test('a peer that takes back what it acknowledged gets half a round trip, then everything again (RFC 2018 8)', () => {
  const { kit, client, base } = deaf();
  send(client, pattern(10 * MSS));
  kit.advance(20);
  acknowledges(kit, client, base, 0, [MSS, 5 * MSS]);
  acknowledges(kit, client, base, MSS, []);
  const repeated = client.totalRetrans;
  kit.advance(60);
  expect(kit.a.stats.TCPSACKReneging).toBe(1);
  expect(client.sackedOut).toBe(0);
  expect(client.totalRetrans).toBeGreaterThan(repeated);
  expect(kit.end()).toBe(0);
});

test('tcp_recovery 0 counts packets beyond the hole instead (RFC 6675)', () => {
  const { kit, client, base } = deaf();
  kit.a.settings.recovery = 0;
  send(client, pattern(8 * MSS));
  kit.advance(20);
  acknowledges(kit, client, base, 0, [MSS, 3 * MSS]);
  expect(client.totalRetrans).toBe(0);
  acknowledges(kit, client, base, 0, [MSS, 4 * MSS]);
  expect(client.caState).toBe(CA_RECOVERY);
  expect(client.totalRetrans).toBe(1);
  expect(kit.end()).toBe(0);
});

test('during recovery the window follows what arrives: proportional rate reduction (RFC 6937)', () => {
  const kit = new Kit();
  kit.a.settings.congestionControl = 'reno';
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(200 * MSS));
  kit.advance(50);
  let count = 0;
  kit.link.drop = (s) => s.from === 'a' && s.bytes > 0 && ++count === 3;
  transfer(kit, client, server, pattern(900 * MSS));
  expect(client.prrDelivered).toBeGreaterThan(0);
  // For each two packets that arrived one left; of the many that a held back ACK tells of, no more than the window has room for.
  expect(client.prrOut / client.prrDelivered).toBeGreaterThan(0.45);
  expect(client.prrOut / client.prrDelivered).toBeLessThan(0.8);
  expect(kit.end()).toBe(0);
});

test('beyond a hole the fourth ACK and those after it are sent as one (tcp_comp_sack_nr, tcp_comp_sack_delay_ns)', () => {
  const kit = new Kit({ delayMs: 100 });
  const { client, server } = kit.connected();
  transfer(kit, client, server, pattern(50 * MSS));
  kit.advance(500);
  const base = server.rcvNxt;
  const from = kit.link.seen.length;
  server.quick = 0;
  server.pingpong = true;
  for (let i = 1; i <= 10; i++) arrives(kit, client, server, base, i * 100, (i + 1) * 100);
  expect(answers(kit, from).length).toBe(3);
  kit.advance(3);
  expect(answers(kit, from).length).toBe(4);
  expect(lastBlocks(kit, base)).toEqual([100, 1100]);
  expect(kit.b.stats.TCPAckCompressed).toBe(6);
  expect(kit.end()).toBe(0);
});

test('many tiny pieces beyond a hole are copied together, then the furthest go; the stream stays whole (CVE-2018-5390)', () => {
  const kit = new Kit();
  const { client, server } = kit.connected();
  server.receiveBuffer = 64 * 1024;
  server.receiveBufferLocked = true;
  const base = server.rcvNxt;
  for (let i = 0; i < 400; i++) arrives(kit, client, server, base, 10 + i * 20, 20 + i * 20);
  expect(server.receiveMemory).toBeLessThanOrEqual(64 * 1024 + 2304);
  expect(kit.b.stats.PruneCalled).toBeGreaterThan(0);
  expect(kit.b.stats.OfoPruned).toBeGreaterThan(0);
  for (let i = 0; i < 400; i++) arrives(kit, client, server, base, i * 20, 10 + i * 20);
  for (let i = 0; i < 400; i++) arrives(kit, client, server, base, 10 + i * 20, 20 + i * 20);
  const got = new Uint8Array(8000);
  const into = new Uint8Array(8000);
  let count = 0;
  for (let n = server.receive(into, 0, 8000, 0, null); n > 0; n = server.receive(into, 0, 8000, 0, null)) {
    got.set(into.subarray(0, n), count);
    count += n;
  }
  expect(equal(got.subarray(0, count), pattern(count))).toBe(true);
  expect(count).toBeGreaterThan(1000);
  expect(kit.end()).toBe(0);
});

test('SACKs that ask for ever smaller cuts are refused at some point (CVE-2019-11478)', () => {
  const kit = new Kit({ offload: true });
  const { client } = kit.connected();
  client.sendBuffer = 4_000_000;
  client.sendBufferLocked = true;
  kit.advance(100);
  kit.link.drop = (s) => s.from === 'a';
  client.cwnd = 4000;
  client.sndWnd = 6_000_000;
  send(client, pattern(3_000_000));
  client.sendBuffer = 100_000;
  const base = client.sndUna;
  for (let i = 1; i < 800; i += 2) acknowledges(kit, client, base, 0, [i * MSS, (i + 1) * MSS]);
  expect(kit.a.stats.TCPWqueueTooBig).toBeGreaterThan(0);
  expect(client.sent.count).toBeLessThan(1200);
  expect(client.sent.contiguous()).toBe(true);
  expect(kit.end()).toBe(0);
});
