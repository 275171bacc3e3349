import { pointerQuery, readPointerAnswer } from '../../../src/wire/dns.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const address = Uint8Array.of(10, 0, 0, 2);
const query = pointerQuery(0x1234, address);
const question = Buffer.from(query.subarray(12)).toString('hex');

/** An answer with `records`, hex, behind the question. */
const answer = (flags: string, count: number, records = '', id = '1234') =>
  hex(`${id} ${flags} 0001 ${count.toString(16).padStart(4, '0')} 0000 0000 ${question} ${records}`);
const label = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]).toString('hex');
/** A PTR record of the question's name; `name` in hex. */
const pointer = (name: string) => `c00c 000c 0001 0000003c ${(name.replaceAll(' ', '').length / 2).toString(16).padStart(4, '0')} ${name}`;

test('a question asks for an address backwards', () => {
  expect(Buffer.from(query).toString('latin1', 12)).toBe('\x012\x010\x010\x0210\x07in-addr\x04arpa\0\0\x0c\0\x01');
  expect(Buffer.from(query).toString('hex', 0, 12)).toBe('123401000001000000000000');
  const six = Buffer.from(pointerQuery(1, hex('20010db8000000000000000000000012'))).toString('latin1', 12);
  expect(six).toBe(
    `${[...('21000000000000000000000' + '08bd01002')].map((digit) => `\x01${digit}`).join('')}\x03ip6\x04arpa\0\0\x0c\0\x01`,
  );
});

test('an answer holds the name, its end perhaps elsewhere in the message', () => {
  expect(readPointerAnswer(answer('8180', 1, pointer(`${label('right')}${label('lab')}00`)), query)).toBe('right.lab');
  // "right" and then the question's "arpa", at 12 + 2 + 2 + 2 + 3 + 8.
  expect(readPointerAnswer(answer('8180', 1, pointer(`${label('right')} c01d`)), query)).toBe('right.arpa');
  // RFC 2317: an alias comes first.
  const alias = `c00c 0005 0001 0000003c 0006 ${label('zone')}00`;
  expect(readPointerAnswer(answer('8180', 2, alias + pointer(`${label('right')}00`)), query)).toBe('right');
});

test('no name, and a server that cannot tell, are told apart', () => {
  expect(readPointerAnswer(answer('8183', 0), query)).toBe('');
  expect(readPointerAnswer(answer('8180', 0), query)).toBe('');
  expect(readPointerAnswer(answer('8182', 0), query)).toBeNull();
  expect(readPointerAnswer(answer('8185', 0), query)).toBeNull();
});

test('what answers another question is no answer', () => {
  expect(readPointerAnswer(answer('8183', 0, '', '1235'), query)).toBeUndefined();
  expect(readPointerAnswer(query, query)).toBeUndefined();
  expect(readPointerAnswer(answer('8183', 0).subarray(0, 20), query)).toBeUndefined();
  const other = answer('8183', 0);
  other[13] = 0x33;
  expect(readPointerAnswer(other, query)).toBeUndefined();
});

test('names that are none are not taken: control characters, circles, ends that are missing', () => {
  expect(readPointerAnswer(answer('8180', 1, pointer(`${label('a\x1b[2J')}00`)), query)).toBe('');
  const circle = answer('8180', 1, pointer('c000'));
  // The pointer points at itself.
  circle[circle.length - 1] = circle.length - 2;
  expect(readPointerAnswer(circle, query)).toBe('');
  const whole = answer('8180', 1, pointer(`${label('right')}${label('lab')}00`));
  for (let length = query.length; length < whole.length; length++) expect(readPointerAnswer(whole.subarray(0, length), query)).toBe('');
});
