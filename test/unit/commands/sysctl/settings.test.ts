import { parseSysctlOptions } from '../../../../src/commands/sysctl/options.js';
import { settingsOf, systemFiles } from '../../../../src/commands/sysctl/settings.js';
import { keyOf, pathOf } from '../../../../src/commands/sysctl/store.js';

test('lines of a file are settings, comments or complaints', () => {
  const { settings, complaints } = settingsOf('f', 'net.a = 1\n# no\n; no\n-net.b=2 3\nbad line\n', 1);
  expect(settings).toEqual([
    { key: 'net.a', value: '1', ignored: false },
    { key: 'net.b', value: '2 3', ignored: true },
  ]);
  expect(complaints).toEqual(['sysctl: f(5): invalid syntax, continuing...']);
});

test('a dot inside a part of a key is written as a slash', () => {
  expect(pathOf('net.ipv4.conf.eth0/5.rp_filter')).toBe('net/ipv4/conf/eth0.5/rp_filter');
  expect(pathOf('net/ipv4/conf/eth0.5/rp_filter')).toBe('net/ipv4/conf/eth0.5/rp_filter');
  expect(keyOf('net/ipv4/conf/eth0.5/rp_filter')).toBe('net.ipv4.conf.eth0/5.rp_filter');
});

test('of two files of one name the first folder counts, and sysctl.conf comes last', async () => {
  const folders: Record<string, string[]> = { '/etc/sysctl.d': ['20-a.conf'], '/usr/lib/sysctl.d': ['10-b.conf', '20-a.conf', 'readme'] };
  expect(await systemFiles(async (folder) => folders[folder] ?? [])).toEqual([
    '/usr/lib/sysctl.d/10-b.conf',
    '/etc/sysctl.d/20-a.conf',
    '/etc/sysctl.conf',
  ]);
});

test('options are read as getopt_long() reads them', () => {
  expect(parseSysctlOptions(['-qw', 'a=1', '--pattern', 'x']).flags).toMatchObject({ quiet: true, write: true, pattern: 'x' });
  expect(parseSysctlOptions(['-p', 'f', '--load=g']).words).toEqual(['f', 'g']);
  expect(parseSysctlOptions(['--bogus']).complaint).toBe("sysctl: unrecognized option '--bogus'");
});
