import { Md5 } from '../../../src/base/md5.js';

test('MD5 gives the digests of RFC 1321', () => {
  const md5 = new Md5();
  const digest = new DataView(new ArrayBuffer(16));
  const of = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    md5.begin();
    // In two pieces: where it is cut does not matter.
    md5.update(bytes, 0, bytes.length >> 1);
    md5.update(bytes, bytes.length >> 1, bytes.length - (bytes.length >> 1));
    md5.end(digest, 0);
    return Buffer.from(digest.buffer).toString('hex');
  };
  expect(of('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  expect(of('abc')).toBe('900150983cd24fb0d6963f7d28e17f72');
  expect(of('abcdefghijklmnopqrstuvwxyz')).toBe('c3fcd3d76192e4007dfb496cca67e13b');
  expect(of('1234567890'.repeat(8))).toBe('57edf4a22be3c955ac49da2e2107b67a');
  expect(of('1234567890'.repeat(8).slice(0, 56))).toBe('49f193adce178490e34d1b3a4ec0064c');
});
