import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Lab, walled } from '../daemon-support.js';

const lab = new Lab();
afterAll(() => lab.close());

const processes = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });

walled(
  'what a program left running ends with the instance, however it hides',
  async () => {
    const { stdout, stderr, status } = await lab.tapstack('run', '--', 'sh', join(__dirname, 'leaves.sh'));
    expect({ stdout, stderr, status }).toEqual({ stdout: '3\n', stderr: '', status: 0 });
    expect(processes()).not.toMatch(/^sleep 4243$|^python3 -$/m);
    expect(await lab.list()).toEqual([]);
  },
  60_000,
);

walled(
  'programs one after another leave nothing in the daemon',
  async () => {
    const { stdout, stderr, status } = await lab.tapstack('run', '--', 'sh', join(__dirname, 'again.sh'), '25');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.trim().split('\n')).toEqual(['descriptors: 0 more; namespaces: 1,', 'memory: less than 64 MB more']);
  },
  60_000,
);

walled(
  'a program has a thousand sockets at once',
  async () => {
    const { stdout, stderr } = await lab.tapstack('run', '--', '/usr/bin/python3', join(__dirname, 'many.py'), '1000');
    expect({ stdout, stderr }).toEqual({ stdout: '1000 sockets\n', stderr: '' });
  },
  60_000,
);
