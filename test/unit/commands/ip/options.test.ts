import { AF_INET } from '../../../../src/netlink/constants.js';
import { parseOptions } from '../../../../src/commands/ip/options.js';

const parse = (...words: string[]) => parseOptions(words);

test('options may be abbreviated, of several that fit the first is meant', () => {
  expect(parse('-f', 'inet').options.family).toBe(AF_INET);
  expect(parse('-br').options.brief).toBe(true);
  expect(parse('-b', 'file').options.batch).toBe('file');
  expect(parse('-s', '-stat').options.stats).toBe(2);
  expect(parse('-ts').options).toMatchObject({ timestamp: true, timestampShort: true });
  expect(parse('--brief').options.brief).toBe(true);
  expect(parse('-c').options.color).toBe('always');
  expect(parse('-color=auto').options.color).toBe('auto');
});

test('what follows the options is left', () => {
  expect(parse('-4', 'a', 's').cursor.rest()).toEqual(['a', 's']);
});

test('unknown options and families are refused', () => {
  expect(() => parse('-x')).toThrow('Option "-x" is unknown, try "ip -help".');
  expect(() => parse('-f', 'nosuch')).toThrow('Error: argument "nosuch" is wrong: invalid protocol family');
  expect(() => parse('-b')).toThrow('Usage: ip [ OPTIONS ] OBJECT');
});
