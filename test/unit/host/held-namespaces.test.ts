import { readlinkSync } from 'node:fs';
import { HeldNamespaces } from '../../../src/host/held-namespaces.js';

test('a namespace is held by an open file, which another process can open in turn', () => {
  const held = new HeldNamespaces();
  const link = readlinkSync('/proc/self/ns/net');
  expect(held.hold('/proc/self/ns/net')).toBe(true);
  expect(held.links).toEqual([link]);
  const again = new HeldNamespaces();
  expect(again.hold(held.paths[0]!)).toBe(true);
  expect(again.links).toEqual([link]);
  again.close();
  held.close();
  expect(held.links).toEqual([]);
});

test('what is excepted, has gone, or is no namespace is not held', () => {
  const held = new HeldNamespaces();
  expect(held.hold('/proc/self/ns/net', [readlinkSync('/proc/self/ns/net')])).toBe(false);
  expect(held.hold('/proc/0/ns/net')).toBe(false);
  expect(held.hold('/dev/null')).toBe(false);
  expect(held.links).toEqual([]);
});
