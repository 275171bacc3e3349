import { lab, say, serve, ask } from './lab.js';

test('an automatic strategy is on as long as memory is short, and drops one new connection of so many', async () => {
  const instance = await lab();
  const { stack } = instance.namespace();
  await serve(instance, 8080, '0.0.0.0', ['rs1']);
  await say(instance, 'ipvsadm -A -t 10.9.0.1:80 -s rr; ipvsadm -a -t 10.9.0.1:80 -r 10.0.0.11:8080 -m');
  const mode = async () => (await say(instance, 'sysctl -n net.ipv4.vs.drop_packet')).trim();
  stack.availableBytes = () => 4096 * 4096;
  await say(instance, 'sysctl -qw net.ipv4.vs.drop_packet=2');
  expect(await mode()).toBe('1');
  // Of 1024 pages that are to be there 512 are: one packet of two is dropped.
  stack.availableBytes = () => 512 * 4096;
  await say(instance, 'sysctl -qw net.ipv4.vs.drop_packet=1');
  expect(await mode()).toBe('2');
  const started = stack.nowUs;
  const slow: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    const before = stack.nowUs;
    expect(await ask(instance, '10.9.0.1', 80)).toBe('rs1');
    slow.push(stack.nowUs - before > 900_000);
  }
  // Whose SYN is dropped tries once more after a second.
  expect(slow.filter(Boolean).length).toBeGreaterThanOrEqual(2);
  expect(stack.nowUs - started).toBeGreaterThan(1_900_000);
  stack.availableBytes = () => 2 ** 30;
  await say(instance, 'sysctl -qw net.ipv4.vs.drop_packet=2');
  expect(await mode()).toBe('1');
  instance.close();
});
