import { Lab } from './daemon-support.js';

// The kernel gives the number of a namespace that has gone to the next one: what ends a run's programs must not take another's for them.
test('runs that come and go side by side do not end each other', async () => {
  const lab = new Lab();
  const one = async () => {
    const outputs: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { stdout, status } = await lab.tapstack('run', '--', 'sh', '-c', 'ip link >/dev/null; ip link >/dev/null; echo done');
      outputs.push(`${stdout}${status}`);
    }
    return outputs;
  };
  const all = await Promise.all([one(), one(), one()]);
  await lab.close();
  expect(new Set(all.flat())).toEqual(new Set(['done\n0']));
}, 120_000);
