import { result, siphash } from '../../../src/base/siphash.js';

test('SipHash-2-4 gives the numbers of its reference vectors', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  const key = new Int32Array(bytes.buffer);
  // vectors_sip64 of the reference implementation for 0, 8 and 16 bytes of input 00 01 02 ...
  const expected: [number, string][] = [
    [0, '726fdb47dd0e0e31'],
    [2, '93f5f5799a932462'],
    [4, '3f2acc7f57c29bdb'],
  ];
  for (const [words, hash] of expected) {
    siphash(key, key, words);
    const hex = (n: number) => (n >>> 0).toString(16).padStart(8, '0');
    expect(hex(result[1]!) + hex(result[0]!)).toBe(hash);
  }
});
