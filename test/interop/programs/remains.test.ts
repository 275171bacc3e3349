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
