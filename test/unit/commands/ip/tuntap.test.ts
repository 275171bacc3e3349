import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

const outcome = async (instance: TapstackInstance, script: string) => {
  const { stdout, stderr, status } = await instance.sh(script);
  return [stdout, stderr, status];
};

test('ip tuntap makes, shows and removes devices that wait for a program', async () => {
  const instance = await createInstance({ debugPool: true });
  expect(
    await outcome(instance, 'ip tuntap add tap1 mode tap user 1000 group 1000; ip tuntap add tun1 mode tun multi_queue pi vnet_hdr'),
  ).toEqual(['', '', 0]);
  expect(await outcome(instance, 'ip tuntap show')).toEqual([
    'tap1: tap persist user 1000 group 1000\ntun1: tun pi multi_queue vnet_hdr persist filter\n',
    '',
    0,
  ]);
  expect(await outcome(instance, 'ip tuntap add tap1 mode tap')).toEqual(['', 'ioctl(TUNSETIFF): Device or resource busy\n', 1]);
  expect(await outcome(instance, 'ip tuntap add lo mode tap')).toEqual(['', 'ioctl(TUNSETIFF): Invalid argument\n', 1]);
  expect(await outcome(instance, 'ip tuntap del tap1 mode tun')).toEqual(['', 'ioctl(TUNSETIFF): Invalid argument\n', 1]);
  expect(await outcome(instance, 'ip tuntap del tap1 mode tap; ip link del tun1; ip tuntap')).toEqual(['', '', 0]);
  expect(await outcome(instance, 'ip link add x type tun')).toEqual(['', 'Error: tun/tap creation via rtnetlink is not supported.\n', 2]);
  instance.close();
});

test('one that is to be removed and is not there is made first, and takes an index', async () => {
  const instance = await createInstance({ debugPool: true });
  const run = instance.start('ip -o monitor link');
  await instance.clock.advance(10);
  expect(await outcome(instance, 'ip tuntap del nosuch mode tap; ip tuntap del mode tun; ip link add d0 type dummy')).toEqual(['', '', 0]);
  await instance.clock.advance(10);
  run.kill('SIGINT');
  const told = (await run.done).stdout.split('\n').map((line) => /^(Deleted )?\d+: \w+/.exec(line)?.[0]);
  expect(told).toEqual(['2: nosuch', 'Deleted 2: nosuch', '3: tun0', 'Deleted 3: tun0', '4: d0', undefined]);
  expect(await outcome(instance, 'ip tuntap del /bad mode tun')).toEqual(['', 'ioctl(TUNSETIFF): Invalid argument\n', 1]);
  instance.close();
});

test('without a program such a device has no carrier, and what is routed there is lost', async () => {
  const instance = await createInstance({ debugPool: true });
  await instance.sh('ip tuntap add tun0 mode tun; ip address add 10.0.0.1/24 dev tun0; ip link set tun0 up');
  expect((await instance.sh('ip -br link show tun0')).stdout).toContain('<NO-CARRIER,POINTOPOINT,MULTICAST,NOARP,UP>');
  const { status } = await instance.sh('ping -c 1 -W 1 10.0.0.2');
  expect(status).toBe(1);
  await instance.clock.advance(1000);
  expect(instance.stack.pool.inUse).toBe(0);
  instance.close();
});
