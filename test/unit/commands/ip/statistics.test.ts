import { humanCount } from '../../../../src/commands/ip/link/statistics.js';

test('counts with suffixes have three digits that matter', () => {
  expect(humanCount(999, false)).toBe('999');
  expect(humanCount(1460, false)).toBe('1.46k');
  expect(humanCount(12_345, false)).toBe('12.3k');
  expect(humanCount(123_456, false)).toBe('123k');
  expect(humanCount(1_234_567_890, false)).toBe('1.23G');
  expect(humanCount(1460, true)).toBe('1.43ki');
});
