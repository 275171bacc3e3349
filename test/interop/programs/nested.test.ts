import { join } from 'node:path';
import { Lab, walled } from '../daemon-support.js';

const lab = new Lab();
afterAll(() => lab.close());

walled(
  'a run inside a run is an instance of its own to every program, and ends whole',
  async () => {
    const { stdout, stderr, status } = await lab.tapstack('run', '--', 'sh', join(__dirname, 'nested.sh'));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.trim().split('\n')).toEqual([
      'the inner stack begins anew',
      'names of namespaces are its own',
      'both make the same there',
      'outer',
      'all default lo',
      'status 3',
      'etc: outer, namespaces: outer, devices: 1',
      "a killed launcher's program ends",
    ]);
    expect(await lab.list()).toEqual([]);
  },
  60_000,
);
