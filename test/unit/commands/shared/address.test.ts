import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../../src/netlink/constants.js';
import { parseAddress, parsePrefix, readPrefix, sameBits } from '../../../../src/commands/shared/address.js';

test('octets left out at the end are zero', () => {
  expect([...parsePrefix('10.0.0/24', AF_UNSPEC).bytes]).toEqual([10, 0, 0, 0]);
  expect([...parsePrefix('10', AF_UNSPEC).bytes]).toEqual([10, 0, 0, 0]);
});

test('a netmask may stand for a prefix length', () => {
  expect(parsePrefix('10.0.0.9/255.255.255.0', AF_UNSPEC).length).toBe(24);
  expect(readPrefix('10.0.0.9/255.0.255.0', AF_UNSPEC)).toBeNull();
});

test('the family follows from the text unless it is given', () => {
  expect(parseAddress('::1', AF_UNSPEC).family).toBe(AF_INET6);
  expect(parseAddress('10.0.0.1', AF_UNSPEC).family).toBe(AF_INET);
  expect(() => parseAddress('2001:db8::1', AF_INET)).toThrow('Error: inet address is expected rather than "2001:db8::1".');
});

test('wrong prefixes are refused with their own text', () => {
  for (const text of ['10.0.0.300/24', '10.0.0.1/33', '10.0.0.1/-1', '10.0.0.1/abc', 'foo', '10.0.0.1/'])
    expect(() => parsePrefix(text, AF_UNSPEC)).toThrow(`Error: any valid prefix is expected rather than "${text}".`);
});

test('bits are compared up to the prefix length', () => {
  const a = Uint8Array.of(10, 0, 0x80, 1);
  const b = Uint8Array.of(10, 0, 0xff, 2);
  expect(sameBits(a, b, 17)).toBe(true);
  expect(sameBits(a, b, 18)).toBe(false);
});
