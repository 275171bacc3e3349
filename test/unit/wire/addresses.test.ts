import fc from 'fast-check';
import { formatIpv4, ipv4Bytes, ipv4Mask, ipv4PrefixLength, parseIpv4, readIpv4 } from '../../../src/wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../../../src/wire/ipv6-address.js';
import { formatMac, parseMac } from '../../../src/wire/mac-address.js';

describe('IPv4 addresses', () => {
  test('any address comes back from its text and from its bytes', () => {
    fc.assert(fc.property(fc.nat(0xffffffff), (a) => parseIpv4(formatIpv4(a)) === a && readIpv4(ipv4Bytes(a)) === a));
  });

  test('only four decimal octets are an address', () => {
    for (const text of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1..2.3', '1.2.3.4 ', 'a.b.c.d', '1.2.3.'])
      expect(parseIpv4(text)).toBeNull();
  });

  test('prefix lengths and masks', () => {
    for (let length = 0; length <= 32; length++) expect(ipv4PrefixLength(ipv4Mask(length))).toBe(length);
    expect(ipv4PrefixLength(0xff00ff00)).toBe(-1);
  });
});

describe('IPv6 addresses', () => {
  test('any address comes back from its text', () => {
    const bytes = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list));
    fc.assert(fc.property(bytes, (address) => formatMac(parseIpv6(formatIpv6(address))!) === formatMac(address)));
  });

  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
  ])('%s is written %s', (text, written) => {
    expect(formatIpv6(parseIpv6(text)!)).toBe(written);
  });

  test('what is no address is refused', () => {
    for (const text of [
      '',
      ':',
      ':::',
      '1::2::3',
      '1:2:3',
      '12345::',
      '1:2:3:4:5:6:7:8:9',
      '::1.2.3',
      '1.2.3.4::',
      'g::',
      '1:2:3:4:5:6:7::8',
    ])
      expect(parseIpv6(text)).toBeNull();
  });
});

test('MAC addresses', () => {
  expect(formatMac(parseMac('2:0:00:00:00:AB')!)).toBe('02:00:00:00:00:ab');
  for (const text of ['', '02:00:00:00:00', '02:00:00:00:00:0g', '020000000001', '02:00:00:00:00:001']) expect(parseMac(text)).toBeNull();
});
