import { GatherList, MOST_PIECES } from '../../../../src/net/core/payload.js';
import { ChunkPool, SendQueue } from '../../../../src/net/tcp/send-queue.js';

const numbers = (from: number, count: number) => Uint8Array.from({ length: count }, (_, i) => (from + i) & 0xff);

/** What the pieces of a list hold, one behind the other. */
function contents(list: GatherList): Uint8Array {
  const pieces = Array.from({ length: list.count }, (_, i) =>
    list.memories[i]!.bytes.subarray(list.offsets[i]!, list.offsets[i]! + list.lengths[i]!),
  );
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Puts `bytes` into the pieces of a list. */
function put(list: GatherList, bytes: Uint8Array): void {
  let at = 0;
  for (let i = 0; i < list.count; i++) {
    const piece = bytes.subarray(at, at + list.lengths[i]!);
    list.memories[i]!.bytes.set(piece, list.offsets[i]!);
    at += piece.length;
  }
}

test('bytes put into reserved memory follow those that were appended, and are read as if they had been appended too', () => {
  const queue = new SendQueue(new ChunkPool());
  queue.headSeq = 1000;
  queue.append(numbers(0, 10_000), 0, 10_000);
  const list = new GatherList(MOST_PIECES);
  expect(queue.reserve(50_000, list)).toBe(50_000);
  put(list, numbers(10_000, 40_000));
  queue.take(40_000);
  queue.release();
  queue.append(numbers(50_000, 100), 0, 100);
  const all = new Uint8Array(50_100);
  queue.copyTo(1000, all, 0, all.length);
  expect(all).toEqual(numbers(0, 50_100));
});

test('a run of the queue is gathered from any sequence number on, also behind what was acknowledged', () => {
  const queue = new SendQueue(new ChunkPool());
  queue.headSeq = -5;
  queue.append(numbers(0, 100_000), 0, 100_000);
  queue.acknowledge(20_000 - 5);
  const list = new GatherList(MOST_PIECES);
  queue.gather(23_000 - 5, 65_160, list);
  expect(list.count).toBeLessThanOrEqual(MOST_PIECES);
  expect(contents(list)).toEqual(numbers(23_000, 65_160));
});

test('memory that was reserved and not used goes back to the pool', () => {
  const pool = new ChunkPool();
  const queue = new SendQueue(pool);
  const list = new GatherList(MOST_PIECES);
  queue.reserve(65_536, list);
  const reserved = new Set(list.memories);
  queue.release();
  expect(queue.length).toBe(0);
  for (let i = 0; i < 4; i++) expect(reserved.has(pool.take())).toBe(true);
});

test('no more is reserved than the list has room for', () => {
  const queue = new SendQueue(new ChunkPool());
  const list = new GatherList(2);
  expect(queue.reserve(100_000, list)).toBe(32_768);
});
