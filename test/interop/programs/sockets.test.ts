import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { asRoot } from '../daemon-support.js';

const battery = join(__dirname, 'battery.py');
const tapstack = join(__dirname, '..', '..', '..', 'bin', 'tapstack');

const output = (...words: readonly string[]) =>
  new Promise<string[]>((resolve, reject) => {
    execFile(words[0]!, words.slice(1), { encoding: 'utf8', timeout: 90_000 }, (error, stdout, stderr) =>
      error === null && stderr === '' ? resolve(stdout.trim().split('\n')) : reject(error ?? new Error(stderr)),
    );
  });

asRoot(
  'sockets of a program do on the stack what they do on the host',
  async () => {
    const host = await output('unshare', '-n', 'sh', '-c', `/usr/sbin/ip link set lo up; exec python3 ${battery}`);
    const stack = await output(tapstack, 'run', '--', 'sh', '-c', `ip link set lo up; exec python3 ${battery}`);
    expect(host.length).toBeGreaterThan(80);
    expect(stack).toEqual(host);
  },
  180_000,
);
