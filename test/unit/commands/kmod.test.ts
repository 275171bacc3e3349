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
  expect(list).toContain('ip_vs                 188416  4 ip_vs_rr,ip_vs_wrr\n');
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

test('what a module needs is shown in the order in which it is loaded, and parameters behind it', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  const [shown] = await run(instance, 'modprobe --show-depends ip_vs_ftp ports=21,2121');
  const names = shown
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^insmod .*\//, ''));
  expect(names).toEqual([
    'crc32c-intel.ko ',
    'crc32c_generic.ko ',
    'libcrc32c.ko ',
    'nf_defrag_ipv4.ko ',
    'nf_defrag_ipv6.ko ',
    'nf_conntrack.ko ',
    'nf_nat.ko ',
    'ip_vs.ko ',
    'ip_vs_ftp.ko ports=21,2121',
  ]);
  expect(await run(instance, 'lsmod')).toEqual(['Module                  Size  Used by\n', '', 0]);
  instance.close();
});

test('IPVS is in use by its parts, its services and its daemons, a scheduler by its services', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  await run(
    instance,
    'ipvsadm -A -t 10.0.0.1:80 -s rr; ipvsadm -A -t 10.0.0.1:81 -s rr; ipvsadm --start-daemon master --mcast-interface lo',
  );
  const [list] = await run(instance, 'lsmod');
  expect(list).toMatch(/^ip_vs_rr +16384 {2}2$/m);
  // Of its one scheduler twice, of two services, of one daemon.
  expect(list).toMatch(/^ip_vs +188416 {2}5 ip_vs_rr$/m);
  instance.close();
});

test('the size of the table of connections is what the module was told', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  await run(instance, 'modprobe ip_vs conn_tab_bits=20');
  expect((await run(instance, 'ipvsadm -Ln'))[0]).toContain('(size=1048576)');
  instance.close();
});

test('--first-time, -R, -d and -S, and the fields of modinfo', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  expect(await run(instance, 'modprobe --first-time ip_vs')).toEqual(['', '', 0]);
  expect((await run(instance, 'modprobe --first-time ip_vs'))[1]).toBe(
    "modprobe: ERROR: could not insert 'ip_vs': Module already in kernel\n",
  );
  expect((await run(instance, 'modprobe -r --first-time ip_vs_lc'))[1]).toBe('modprobe: FATAL: Module ip_vs_lc is not in kernel.\n');
  expect((await run(instance, 'modprobe -R ip-vs'))[0]).toBe('ip_vs\n');
  expect((await run(instance, 'modprobe -d /nonexistent ip_vs'))[1]).toBe(
    'modprobe: FATAL: Module ip_vs not found in directory /nonexistent/lib/modules/6.1.0-56-amd64\n',
  );
  expect((await run(instance, 'modprobe -S 6.1.0 ip_vs'))[1]).toBe(
    'modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1.0\n',
  );
  expect((await run(instance, 'modinfo -p ip_vs'))[0]).toBe("conn_tab_bits:Set connections' hash size (int)\n");
  expect((await run(instance, 'modinfo -0 -F alias ip_vs'))[0]).toBe('net-pf-16-proto-16-family-IPVS\0');
  expect((await run(instance, 'modinfo --nosuch'))[1]).toBe("modinfo: unrecognized option '--nosuch'\n");
  instance.close();
});
