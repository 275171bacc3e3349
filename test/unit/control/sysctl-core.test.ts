import { createInstance } from '../../../src/library/index.js';

test('net.core limits what sockets ask for and how much waits, in the initial namespace alone', async () => {
  const instance = await createInstance({ debugPool: true });
  const set = await instance.sh('sysctl -w net.core.rmem_default=4096 net.core.netdev_max_backlog=2 net.core.netdev_budget=0');
  expect(set.status).toBe(0);
  expect((await instance.sh('sysctl -w net.core.rmem_max=100')).status).not.toBe(0);
  const family = instance.namespace().sockets.families.find(({ type }) => type === 2)!;
  const socket = family.create(instance.namespace(), family.protocol, 0, true);
  expect(typeof socket === 'number' ? socket : socket.receiveBuffer).toBe(4096);
  // Rounds that may take nothing take one packet: a ping still comes back.
  expect((await instance.sh('ping -c 1 127.0.0.1')).status).toBe(0);

  const lo = instance.device('lo');
  for (let frame = 0; frame < 5; frame++) instance.inject(lo, new Uint8Array(60));
  expect(instance.drops()).toMatchObject({ CPU_BACKLOG: 3 });

  await instance.sh('ip netns add inner');
  expect((await instance.sh('ip netns exec inner sysctl -n net.core.somaxconn')).stdout).toBe('4096\n');
  expect((await instance.sh('ip netns exec inner sysctl -n net.core.rmem_max')).status).not.toBe(0);
  instance.close();
});
