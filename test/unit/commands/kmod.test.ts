import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

const run = async (instance: TapstackInstance, words: string) => {
  const { stdout, stderr, status } = await instance.sh(words);
  return [stdout, stderr, status] as const;
};

test('modprobe loads a module with what it needs; lsmod lists the last first with its users', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  expect(await run(instance, 'modprobe -a ip_vs_rr ip_vs_wrr')).toEqual(['', '', 0]);
  const [list] = await run(instance, 'lsmod');
  expect(list.split('\n')[0]).toBe('Module                  Size  Used by');
  expect(list).toContain('ip_vs                 188416  2 ip_vs_rr,ip_vs_wrr\n');
  expect(list).toMatch(/^nf_conntrack {10}188416 {2}1 ip_vs$/m);
  expect(await run(instance, 'modprobe -r ip_vs')).toEqual(['', 'modprobe: FATAL: Module ip_vs is in use.\n', 1]);
  expect(await run(instance, 'rmmod ip_vs')).toEqual(['', 'rmmod: ERROR: Module ip_vs is in use by: ip_vs_rr ip_vs_wrr\n', 1]);
  expect(await run(instance, 'rmmod ip_vs_rr')).toEqual(['', '', 0]);
  instance.close();
});

test('modules that are not there are the errors of kmod', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  const folder = '/lib/modules/6.1.0-56-amd64';
  expect(await run(instance, 'modprobe nosuchmod')).toEqual([
    '',
    `modprobe: FATAL: Module nosuchmod not found in directory ${folder}\n`,
    1,
  ]);
  expect(await run(instance, 'modprobe -q nosuchmod')).toEqual(['', '', 1]);
  expect(await run(instance, 'modprobe -a nosuchmod dummy')).toEqual([
    '',
    `modprobe: WARNING: Module nosuchmod not found in directory ${folder}\n`,
    1,
  ]);
  expect(await run(instance, 'modprobe -r nosuchmod')).toEqual(['', 'modprobe: FATAL: Module nosuchmod not found.\n', 1]);
  expect(await run(instance, 'modprobe')).toEqual(['', 'modprobe: ERROR: missing parameters. See -h.\n', 1]);
  expect(await run(instance, 'rmmod nosuchmod')).toEqual(['', 'rmmod: ERROR: Module nosuchmod is not currently loaded\n', 1]);
  expect(await run(instance, 'modinfo nosuchmod')).toEqual(['', 'modinfo: ERROR: Module nosuchmod not found.\n', 1]);
  expect(await run(instance, 'modinfo -n ip_vs')).toEqual([`${folder}/kernel/net/netfilter/ipvs/ip_vs.ko\n`, '', 0]);
  expect(await run(instance, 'modprobe -n -v ip_vs_mh')).toEqual([
    expect.stringContaining(`insmod ${folder}/kernel/net/netfilter/ipvs/ip_vs_mh.ko \n`),
    '',
    0,
  ]);
  for (const name of [
    '8021q',
    'bonding',
    'dummy',
    'nf_conntrack',
    'br_netfilter',
    'tun',
    'vxlan',
    'wireguard',
    'ipv6',
    'xt_MASQUERADE',
    'sch_netem',
  ])
    expect(await run(instance, `modprobe ${name}`)).toEqual(['', '', 0]);
  instance.close();
});

test('the scheduler that Debian has no module for is there once it was loaded by name', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  expect(await run(instance, 'ipvsadm -A -t 10.0.0.1:80 -s twos')).toEqual(['', 'Scheduler or persistence engine not found\n', 255]);
  expect(await run(instance, 'modprobe ip_vs_twos; ipvsadm -A -t 10.0.0.1:80 -s twos')).toEqual(['', '', 0]);
  instance.close();
});
