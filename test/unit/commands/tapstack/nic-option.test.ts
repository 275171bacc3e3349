import { resolve } from 'node:path';
import { withWholePaths } from '../../../../src/client/nic-paths.js';
import { nicOption } from '../../../../src/commands/tapstack/nic-option.js';

test('a NIC is a name and what its wire is', () => {
  expect(nicOption('eth0')).toEqual({ name: 'eth0' });
  expect(nicOption('eth0,mac=52:54:00:00:00:01,tap=t0,netns=/run/netns/a')).toEqual({
    name: 'eth0',
    mac: '52:54:00:00:00:01',
    tap: 't0',
    netns: '/run/netns/a',
  });
});

test('a module is named by its whole path, for another process reads it', () => {
  expect(withWholePaths(nicOption('eth0,module=/tmp/sfp'))).toEqual({ name: 'eth0', module: '/tmp/sfp' });
  expect(withWholePaths(nicOption('eth0,module=sfp'))).toEqual({ name: 'eth0', module: resolve('sfp') });
});

test('a bad wire is what the words say of it', () => {
  expect(nicOption('eth0,loss=1%,tap=t0,delay=10ms')).toEqual({ name: 'eth0', tap: 't0', faults: 'loss=1%,delay=10ms' });
});

test.each([
  ['', 'is no device name'],
  ['sixteen-letters-', 'is no device name'],
  ['a/b', 'is no device name'],
  ['eth0,', 'is none of'],
  ['eth0,foo=1', 'is none of'],
  ['eth0,mac=', 'is none of'],
  ['eth0,tap', 'is none of'],
  ['eth0,tap=a,tap=b', 'given twice'],
  ['eth0,mac=zz', 'is not a MAC address'],
  ['eth0,netns=/x', 'there is none'],
])('"%s" is refused', (text, why) => {
  expect(() => nicOption(text)).toThrow(why);
});
