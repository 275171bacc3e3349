import { RoutedLab } from '../../../support/routed-lab.js';

let lab: RoutedLab;
beforeEach(async () => {
  lab = await RoutedLab.make();
});
afterEach(() => lab.close());

const FLOWTABLE = (more = '') => `table ip f {
  flowtable ft { hook ingress priority filter; devices = { ra, rb }; counter; }
  chain fw { type filter hook forward priority filter
    ct state established flow add @ft
    counter comment "seen"
  }
  ${more}
}`;

test('a connection of a flowtable goes past the rules, translated, and comes back to them when it ends', async () => {
  await lab.rules(FLOWTABLE('chain post { type nat hook postrouting priority srcnat; oifname "rb" masquerade; }'));
  const server = await lab.server('b', 80, (line) => line);
  const client = (await lab.connect('a', '10.0.2.2', 80))!;
  expect(await client.say('one')).toBe('one');
  expect(server.heard[0]).toBe('from 10.0.2.1');
  const before = await lab.packets('seen');
  expect(await lab.run('ip netns exec r conntrack -L')).toContain('[OFFLOAD]');
  for (let i = 0; i < 20; i++) expect(await client.say(`line ${i}`)).toBe(`line ${i}`);
  expect(await lab.packets('seen')).toBe(before);
  client.close();
  server.close();
  await lab.instance.clock.advance(1000);
  expect(await lab.packets('seen')).toBeGreaterThan(before);
  expect(await lab.run('ip netns exec r conntrack -L')).not.toContain('[OFFLOAD]');
});

test('a connection that is quiet leaves its flowtable, and goes on as one that is tracked', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(FLOWTABLE());
  const server = await lab.server('b', 80, (line) => line);
  const client = (await lab.connect('a', '10.0.2.2', 80))!;
  await client.say('one');
  const before = await lab.packets('seen');
  await lab.instance.clock.advance(32_000);
  expect(await lab.run('ip netns exec r conntrack -L')).toContain('ESTABLISHED');
  expect(await client.say('two')).toBe('two');
  expect(await lab.packets('seen')).toBeGreaterThan(before);
  client.close();
  server.close();
});

test('a flowtable that goes takes its connections back to the rules; a device is of one flowtable alone', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(FLOWTABLE());
  const { stderr } = await lab.instance.sh("ip netns exec r nft 'add flowtable ip f other { hook ingress priority 0; devices = { ra }; }'");
  expect(stderr).toContain('File exists');
  const server = await lab.server('b', 80, (line) => line);
  const client = (await lab.connect('a', '10.0.2.2', 80))!;
  await client.say('one');
  await lab.run('ip netns exec r nft flush ruleset');
  expect(await client.say('two')).toBe('two');
  expect(lab.instance.namespace('r').nfTables.flows.size).toBe(0);
  client.close();
  server.close();
});
