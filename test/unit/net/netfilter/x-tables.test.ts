import type { ExtensionContext } from '../../../../src/net/netfilter/x_tables/extension.js';
import { Info } from '../../../../src/net/netfilter/x_tables/extension.js';
import { findMatch } from '../../../../src/net/netfilter/x_tables/registry.js';
import type { PacketInfo } from '../../../../src/net/netfilter/nf_tables/packet-info.js';

/** A packet of IP that is these letters; 14 bytes of the link lie before. */
const packet = (text: string): PacketInfo => {
  const bytes = new TextEncoder().encode(`..............${text}`);
  return { skb: { bytes, networkHeader: 14, tail: bytes.length } } as unknown as PacketInfo;
};

const context = (wallMs = 0) =>
  ({ namespace: { stack: { clock: { wallUs: () => wallMs * 1000 } } }, family: 2 }) as unknown as ExtensionContext;

function stringMatch(pattern: string, { from = 0, to = 0xffff, flags = 0, algorithm = 'bm' } = {}) {
  const info = new Info(new Uint8Array(160));
  info.view.setUint16(0, from, true);
  info.view.setUint16(2, to, true);
  info.bytes.set(new TextEncoder().encode(algorithm), 4);
  info.bytes.set(new TextEncoder().encode(pattern), 20);
  info.bytes[148] = pattern.length;
  info.bytes[149] = flags;
  return findMatch('string')!.make(info, 1, context());
}

test('string: a text is found wherever it lies, as a whole', () => {
  const match = stringMatch('abcab');
  expect(match(packet('abcab'))).toBe(true);
  expect(match(packet('xxabcabcab'))).toBe(true);
  expect(match(packet('ababcacabcaa'))).toBe(false);
  expect(match(packet('abca'))).toBe(false);
  expect(match(packet(''))).toBe(false);
});

test('string: it finds what a plain search finds', () => {
  let seed = 7;
  const letter = () => {
    seed = (seed * 1103515245 + 12345) % 0x8000_0000;
    return 'ab'[(seed >> 16) & 1]!;
  };
  const text = (length: number) => Array.from({ length }, letter).join('');
  for (let i = 0; i < 500; i++) {
    const [pattern, hay] = [text(1 + (i % 6)), text(i % 20)];
    expect(stringMatch(pattern)(packet(hay))).toBe(hay.includes(pattern));
  }
});

test('string: between two offsets, in letters of either size, inverted', () => {
  expect(stringMatch('bc', { from: 1 })(packet('abc'))).toBe(true);
  expect(stringMatch('bc', { from: 2 })(packet('abc'))).toBe(false);
  expect(stringMatch('bc', { to: 3 })(packet('abc'))).toBe(true);
  expect(stringMatch('bc', { to: 2 })(packet('abc'))).toBe(false);
  expect(stringMatch('GeT', { flags: 2, algorithm: 'kmp' })(packet('..get..'))).toBe(true);
  expect(stringMatch('GeT')(packet('..get..'))).toBe(false);
  expect(stringMatch('bc', { flags: 1 })(packet('abc'))).toBe(false);
  expect(stringMatch('bd', { flags: 1 })(packet('abc'))).toBe(true);
});

test('string: what cannot be searched for is refused', () => {
  expect(() => stringMatch('a', { algorithm: 'fast' })).toThrow();
  expect(() => stringMatch('')).toThrow();
  expect(() => stringMatch('a', { from: 5, to: 4 })).toThrow();
});

function timeMatches(at: string, { from = '00:00', to = '23:59:59', weekdays = 0xfe, monthdays = 0xffff_fffe, flags = 0 } = {}) {
  const seconds = (text: string) => text.split(':').reduce((sum, part, index) => sum + Number(part) * 60 ** (2 - index), 0);
  const info = new Info(new Uint8Array(24));
  for (const [index, value] of [0, 0xffff_ffff, seconds(from), seconds(to), monthdays].entries())
    info.view.setUint32(index * 4, value, true);
  info.bytes[20] = weekdays;
  info.bytes[21] = flags;
  return findMatch('time')!.make(info, 0, context(Date.parse(`${at}Z`)))(packet(''));
}

test('time: hours of the day, over midnight too', () => {
  expect(timeMatches('2024-01-01T12:00:00', { from: '08:00', to: '17:00' })).toBe(true);
  expect(timeMatches('2024-01-01T18:00:00', { from: '08:00', to: '17:00' })).toBe(false);
  expect(timeMatches('2024-01-01T23:30:00', { from: '23:00', to: '01:00' })).toBe(true);
  expect(timeMatches('2024-01-01T00:30:00', { from: '23:00', to: '01:00' })).toBe(true);
  expect(timeMatches('2024-01-01T12:00:00', { from: '23:00', to: '01:00' })).toBe(false);
});

test('time: days of the week and of the month; a contiguous night belongs to the day on which it began', () => {
  const [monday, tuesday] = [1 << 1, 1 << 2];
  expect(timeMatches('2024-01-01T12:00:00', { weekdays: monday })).toBe(true);
  expect(timeMatches('2024-01-01T12:00:00', { weekdays: tuesday })).toBe(false);
  expect(timeMatches('2024-01-07T12:00:00', { weekdays: 1 << 7 })).toBe(true);
  expect(timeMatches('2024-01-31T12:00:00', { monthdays: (1 << 31) >>> 0 })).toBe(true);
  expect(timeMatches('2024-01-30T12:00:00', { monthdays: (1 << 31) >>> 0 })).toBe(false);
  const night = { from: '23:00', to: '01:00', weekdays: monday };
  expect(timeMatches('2024-01-02T00:30:00', night)).toBe(false);
  expect(timeMatches('2024-01-02T00:30:00', { ...night, flags: 2 })).toBe(true);
});
