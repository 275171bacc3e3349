import type { TcpOption } from '../../../src/packetdrill/language/ast.js';
import { optionText, optionsBytes, readOptions, writeOptions } from '../../../src/packetdrill/packets/tcp-options.js';

test.each<readonly [string, TcpOption]>([
  ['ECN e0b 1 ceb 0 e1b 16777215', { kind: 'accurateEcn0', counters: [1, 0, 0xff_ffff] }],
  ['ECN e1b 66051 ceb 1000', { kind: 'accurateEcn1', counters: [0x01_0203, 1000] }],
  ['ECN', { kind: 'accurateEcn1', counters: [] }],
  ['TS val 7 ecr 9', { kind: 'timestamps', value: 7, echo: 9 }],
  ['FOEXP 0102', { kind: 'fastOpenExperimental', bytes: Uint8Array.of(1, 2) }],
])('"%s" is on the wire what it was', (text, option) => {
  expect(optionText(option)).toBe(text);
  const bytes = optionsBytes([option]);
  const v = new DataView(new ArrayBuffer(bytes));
  writeOptions(v, 0, [option]);
  expect(readOptions(v, 0, bytes)).toEqual([option]);
});

test('of accurate ECN 174 has ECT(1) first, in counters of three bytes (RFC 9768 3.2.3)', () => {
  const v = new DataView(new ArrayBuffer(8));
  writeOptions(v, 0, [{ kind: 'accurateEcn1', counters: [0x01_0203, 0x04_0506] }]);
  expect([...new Uint8Array(v.buffer)]).toEqual([174, 8, 1, 2, 3, 4, 5, 6]);
  v.setUint8(1, 7);
  expect(readOptions(v, 0, 7)).toBeNull();
});
