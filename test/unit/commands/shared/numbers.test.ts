import fc from 'fast-check';
import { parseInteger, parseSigned, parseUnsigned } from '../../../../src/commands/shared/numbers.js';

test('numbers are read as strtol() reads them: decimal, 0x, leading zero', () => {
  expect(parseUnsigned('10')).toBe(10);
  expect(parseUnsigned('0x10')).toBe(16);
  expect(parseUnsigned('010')).toBe(8);
  expect(parseUnsigned('+5')).toBe(5);
  expect(parseUnsigned('10', 255, 16)).toBe(16);
});

test('what is no number, or too large, is refused', () => {
  for (const text of ['', 'abc', '10x', '0x', '08', '1 ', '99999999999', '-1', '--1']) expect(parseUnsigned(text)).toBeNull();
  expect(parseSigned('-1')).toBe(-1);
  expect(parseSigned('2147483648')).toBeNull();
});

test('any number that is written comes back', () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 70n), 2n ** 70n), (number) => parseInteger(String(number)) === number));
});

test('no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => parseUnsigned(text) === null || parseUnsigned(text)! >= 0));
});
