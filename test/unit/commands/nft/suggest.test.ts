import { misspellDistance, nearest } from '../../../../src/commands/nft/suggest.js';

const near = (given: string, ...known: string[]) => nearest(given, known, (name) => name);

test('a name with one wrong letter is taken for the known one', () => {
  expect(near('set1', 'other', 'sett')).toBe('sett');
  expect(near('bce', 'bcd', 'in')).toBe('bcd');
  expect(near('fooo', 'foo')).toBe('foo');
});

test('as nft reckons it, a name of one letter is near to all short ones, but never to another letter', () => {
  expect(near('c', 'in', 'c')).toBe('in');
  expect(near('xyz', 't')).toBe('t');
  expect(near('wxyz', 'c')).toBeUndefined();
  expect(near('x', 'a')).toBeUndefined();
});

test('of equally near names the first counts, and far ones do not', () => {
  expect(near('other', 'filter', 'fw', 'f6', 'br')).toBe('br');
  expect(near('nosuch', 'filter', 'fw')).toBeUndefined();
  expect(near('30s', 'c', 'd', 'pre')).toBe('c');
});

test('letters are compared one later than they stand, the end included', () => {
  expect(misspellDistance('abc', 'xbc')).toBe(0);
  expect(misspellDistance('in', 'c')).toBe(1);
});
