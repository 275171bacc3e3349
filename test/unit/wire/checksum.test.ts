import fc from 'fast-check';
import { checksum, fold, sum, update16, update32, verify } from '../../../src/wire/checksum.js';

/** RFC 1071, as written there. */
function plain(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test('sums are those of the definition, at any place and of any length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(7), (bytes, at) => {
      const placed = new Uint8Array(bytes.length + at);
      placed.set(bytes, at);
      expect(fold(sum(viewOf(placed), at, bytes.length, 0))).toBe(plain(bytes));
    }),
  );
});

test('64 KB of ones do not overflow', () => {
  const bytes = new Uint8Array(65_535).fill(0xff);
  expect(fold(sum(viewOf(bytes), 0, bytes.length, 0xffff_ffff))).toBe(plain(new Uint8Array([...bytes.slice(0, 65_534), 0xff, 0])));
});

test('what has its checksum in it verifies, and a changed bit is seen', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 100 }), fc.nat(), (data, bit) => {
      const bytes = data.length % 2 === 0 ? data : data.slice(1);
      if (bytes.length < 4) return;
      const view = viewOf(bytes);
      view.setUint16(2, 0);
      view.setUint16(2, checksum(view, 0, bytes.length, 0));
      expect(verify(view, 0, bytes.length, 0)).toBe(true);
      const at = bit % (bytes.length * 8);
      bytes[at >> 3]! ^= 1 << (at & 7);
      expect(verify(view, 0, bytes.length, 0)).toBe(false);
    }),
  );
});

test('an update in place gives what computing anew gives (RFC 1624)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(0xffff), fc.nat(0xffff_ffff), (bytes, word, long) => {
      const view = viewOf(bytes);
      view.setUint16(10, 0);
      const before = checksum(view, 0, 20, 0);
      const half = update16(before, view.getUint16(4), word);
      view.setUint16(4, word);
      expect(verifyWith(bytes, half)).toBe(true);
      const full = update32(half, view.getUint32(12), long);
      view.setUint32(12, long);
      expect(verifyWith(bytes, full)).toBe(true);
    }),
  );
});

function verifyWith(bytes: Uint8Array, value: number): boolean {
  const copy = bytes.slice();
  viewOf(copy).setUint16(10, value);
  return verify(viewOf(copy), 0, copy.length, 0) || copy.every((byte) => byte === 0);
}
