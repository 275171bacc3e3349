import { u32Array } from '../../../src/netlink/schema.js';

test('words that do not lie at a multiple of four are read from a Buffer of a larger pool, too', () => {
  const pool = Buffer.alloc(27);
  const bytes = pool.subarray(1, 14);
  bytes.set([7, 0, 0, 0, 8, 0, 0, 0], 5);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const start of [5, 4]) {
    bytes.copyWithin(start, 5, 13);
    expect([...u32Array(1).read({ bytes, view, base: 0, strict: false }, start, start + 8)]).toEqual([7, 8]);
    bytes.copyWithin(5, start, start + 8);
  }
});
