import { PacketPool } from '../../../../src/net/core/packet-pool.js';

const fill = (pool: PacketPool, text: string) => {
  const skb = pool.allocate(1500)!;
  const at = skb.put(text.length);
  for (let i = 0; i < text.length; i++) skb.bytes[at + i] = text.charCodeAt(i);
  return skb;
};
const text = (skb: { bytes: Uint8Array; data: number; tail: number }) => String.fromCharCode(...skb.bytes.subarray(skb.data, skb.tail));

test('a buffer comes empty, with headroom for headers and room for what was asked', () => {
  const pool = new PacketPool();
  for (const size of [0, 60, 1514, 9014, 65_549]) {
    const skb = pool.allocate(size)!;
    expect(skb.length).toBe(0);
    expect(skb.headroom).toBeGreaterThanOrEqual(128);
    expect(skb.tailroom).toBeGreaterThanOrEqual(size);
    pool.release(skb);
  }
  expect(pool.inUse).toBe(0);
});

test('headers are pushed before and pulled off the data', () => {
  const pool = new PacketPool();
  const skb = fill(pool, 'payload');
  const at = skb.push(3);
  skb.bytes.set([72, 68, 82], at);
  expect(text(skb)).toBe('HDRpayload');
  skb.pull(3);
  skb.trim(3);
  expect(text(skb)).toBe('pay');
});

test('a clone shares bytes until one of the two wants to write', () => {
  const pool = new PacketPool();
  const original = fill(pool, 'abc');
  const clone = pool.clone(original);
  expect(clone.bytes).toBe(original.bytes);
  expect(clone.shared).toBe(true);
  expect(pool.makeWritable(clone)).toBe(true);
  clone.bytes[clone.data] = 0x7a;
  expect(text(original)).toBe('abc');
  expect(text(clone)).toBe('zbc');
  expect(original.shared).toBe(false);
});

test('bytes go back to the pool with the last buffer that shows them', () => {
  const pool = new PacketPool();
  const original = fill(pool, 'abc');
  const clone = pool.clone(original);
  pool.release(original);
  expect(text(clone)).toBe('abc');
  pool.release(clone);
  expect(pool.inUse).toBe(0);
  const slabs = pool.slabs.length;
  pool.release(pool.allocate(1500)!);
  expect(pool.slabs.length).toBe(slabs);
});

test('a second free throws in a debug pool, and elsewhere harms no other packet', () => {
  const debug = new PacketPool({ debug: true });
  const skb = debug.allocate(100)!;
  debug.release(skb);
  expect(() => debug.release(skb)).toThrow('freed twice');

  const pool = new PacketPool();
  const stale = pool.allocate(100)!;
  pool.release(stale);
  pool.release(stale);
  const one = fill(pool, 'one');
  const two = fill(pool, 'two');
  expect([text(one), text(two)]).toEqual(['one', 'two']);
});

test('at its limit the pool refuses instead of growing', () => {
  const pool = new PacketPool({ limitBytes: 1 << 20 });
  const taken = [];
  for (let skb = pool.allocate(1500); skb !== null; skb = pool.allocate(1500)) taken.push(skb);
  expect(taken.length).toBe(512);
  pool.release(taken.pop()!);
  expect(pool.allocate(1500)).not.toBeNull();
});

describe('a payload that lies elsewhere than its packet', () => {
  /** A source whose byte at sequence number n is n. */
  const source = {
    copyTo: (seq: number, into: Uint8Array, at: number, count: number) => {
      for (let i = 0; i < count; i++) into[at + i] = seq + i;
    },
    gather: () => undefined,
  };
  const packet = (pool: PacketPool) => {
    const skb = fill(pool, 'HDR');
    skb.put(20_000);
    skb.payload = source;
    skb.payloadSeq = 7;
    skb.payloadBytes = 20_000;
    return skb;
  };

  test('counts as part of it, and is copied in by whoever keeps the packet', () => {
    const pool = new PacketPool({ debug: true });
    const skb = packet(pool);
    expect(skb.length).toBe(20_003);
    expect(pool.bringIn(skb)).toBe(true);
    expect(skb.payload).toBeNull();
    expect(skb.length).toBe(20_003);
    expect(text({ ...skb, bytes: skb.bytes, data: skb.data, tail: skb.data + 3 })).toBe('HDR');
    expect([...skb.bytes.subarray(skb.data + 3, skb.data + 6)]).toEqual([7, 8, 9]);
    expect(skb.bytes[skb.tail - 1]).toBe((7 + 19_999) & 0xff);
    pool.release(skb);
    expect(pool.inUse).toBe(0);
  });

  test('comes along with a clone and with a copy', () => {
    const pool = new PacketPool();
    const cloned = packet(pool);
    const clone = pool.clone(cloned);
    const copied = packet(pool);
    const copy = pool.copy(copied)!;
    for (const skb of [clone, copy]) expect([skb.length, skb.payload, skb.bytes[skb.data + 3]]).toEqual([20_003, null, 7]);
    for (const skb of [cloned, clone, copied, copy]) pool.release(skb);
    expect(pool.inUse).toBe(0);
  });
});
