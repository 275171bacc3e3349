import { EACCES, EINVAL, ENOENT } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { SysctlTree, sysctlKey, sysctlPath } from '../../../src/control/sysctl/sysctl.js';
import { integer, integers, parseIntegers, readOnly, setting } from '../../../src/control/sysctl/values.js';
import { bareServer } from './netlink-fixture.js';

const invalid = new NetError(EINVAL);

test('keys are paths with the separators that stand first, devices keep their dots', () => {
  expect(sysctlPath('net.ipv4.ip_forward')).toBe('net/ipv4/ip_forward');
  expect(sysctlPath('net/ipv4/ip_forward')).toBe('net/ipv4/ip_forward');
  expect(sysctlPath('net.ipv4.conf.eth0/100.forwarding')).toBe('net/ipv4/conf/eth0.100/forwarding');
  expect(sysctlPath('net/ipv4/conf/eth0.100/forwarding')).toBe('net/ipv4/conf/eth0.100/forwarding');
  expect(sysctlKey('net/ipv4/conf/eth0.100/forwarding')).toBe('net.ipv4.conf.eth0/100.forwarding');
});

test('integers are read as the kernel reads them', () => {
  expect(parseIntegers('  7\n', 1)).toEqual([7]);
  expect(parseIntegers('-1', 1)).toEqual([-1]);
  expect(parseIntegers('0x10 010', 2)).toEqual([16, 8]);
  expect(parseIntegers('1 rest', 1)).toEqual([1]);
  for (const text of ['', '\n', 'abc', '1x', '+1', '--1', '1,2', '9'.repeat(30)]) expect(() => parseIntegers(text, 1)).toThrow(invalid);
});

test('limits are those of proc_dointvec_minmax, and of an int', () => {
  const state = { ttl: 64, on: false, ms: 20 };
  const ttl = setting('net/ttl', state, 'ttl', { min: 1, max: 255 });
  for (const text of ['0', '256', '2147483648']) expect(() => ttl.write!(text)).toThrow(invalid);
  ttl.write!('128\n');
  expect([state.ttl, ttl.read()]).toEqual([128, '128']);
  const on = setting('net/on', state, 'on');
  on.write!('7');
  expect([state.on, on.read()]).toEqual([true, '1']);
  const load = setting('net/load', state, 'ms', { unit: 4 });
  expect(load.read()).toBe('5');
  load.write!('10');
  expect(state.ms).toBe(40);
  expect(() =>
    integer(
      'x',
      () => 0,
      () => undefined,
    ).write!('-2147483649'),
  ).toThrow(invalid);
});

test('of several numbers the first ones may be written alone, and all are judged together', () => {
  let range: readonly number[] = [32768, 60999];
  const sysctl = integers(
    'net/range',
    () => range,
    (values) => {
      range = values;
    },
    { min: 1, max: 65535, check: ([first = 0, last = 0]) => first <= last },
  );
  expect(sysctl.read()).toBe('32768\t60999');
  sysctl.write!('5000');
  expect(range).toEqual([5000, 60999]);
  expect(() => sysctl.write!('5000 4000')).toThrow(invalid);
  expect(range).toEqual([5000, 60999]);
});

test('the tree lists by name, directory by directory, and refuses what is not there or not to be written', () => {
  const namespace = bareServer().stack.initial;
  const tree = new SysctlTree([() => [readOnly('net/b', () => '1'), readOnly('net/a/z', () => '2'), readOnly('net/a/y', () => '3')]]);
  expect(tree.list(namespace).map(({ path }) => path)).toEqual(['net/a/y', 'net/a/z', 'net/b']);
  expect(tree.list(namespace, 'net/a').map(({ path }) => path)).toEqual(['net/a/y', 'net/a/z']);
  expect(() => tree.find(namespace, 'net/c')).toThrow(new NetError(ENOENT));
  expect(() => tree.write(namespace, 'net/b', '1')).toThrow(new NetError(EACCES));
});
