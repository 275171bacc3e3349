import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { asRoot, Lab, walled } from '../daemon-support.js';

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

/** It makes itself non-dumpable, gives up its rights and renames itself. */
const ofSshd = () => processes().match(/^(\S*sshd: |sleep 4245$).*$/gm) ?? [];

asRoot(
  'sshd in the background ends with its run, its sessions too',
  async () => {
    const before = ofSshd();
    const { stdout, stderr, status } = await lab.tapstack('run', '--', 'bash', join(__dirname, 'sshd.sh'));
    expect({ stdout, stderr, status }).toEqual({ stdout: 'a session\n', stderr: '', status: 0 });
    expect(ofSshd()).toEqual(before);
    expect(await lab.list()).toEqual([]);
  },
  60_000,
);

asRoot(
  'sshd in the background ends when its launcher is told to',
  async () => {
    const other = new Lab();
    const before = ofSshd();
    const { child, done } = other.start(['tapstack', 'run', '--', 'bash', join(__dirname, 'sshd.sh'), '60']);
    await new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()));
    expect(ofSshd().length).toBeGreaterThan(before.length + 2);
    child.kill('SIGTERM');
    await done;
    expect(ofSshd()).toEqual(before);
    expect(await other.list()).toEqual([]);
    await other.close();
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
