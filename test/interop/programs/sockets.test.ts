import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { asRoot } from '../daemon-support.js';

const tapstack = join(__dirname, '..', '..', '..', 'bin', 'tapstack');

const output = (...words: readonly string[]) =>
  new Promise<string[]>((resolve, reject) => {
    execFile(words[0]!, words.slice(1), { encoding: 'utf8', timeout: 90_000 }, (error, stdout, stderr) =>
      error === null && stderr === '' ? resolve(stdout.trim().split('\n')) : reject(error ?? new Error(stderr)),
    );
  });

const scripts = [
  ['sockets of a program do on the stack what they do on the host', 'battery.py', 80],
  ['a program holds the other end of tun and tap devices', 'tun.py', 20],
  ['network namespaces of a program are on the stack what they are on the host', 'namespaces.py', 20],
] as const;

for (const [what, script, lines] of scripts)
  asRoot(
    what,
    async () => {
      const run = `exec python3 ${join(__dirname, script)}`;
      const host = await output(
        'unshare',
        '-n',
        '-m',
        'sh',
        '-c',
        `/usr/sbin/ip link set lo up; mount -t sysfs x /sys; mkdir -p /run/netns; mount -t tmpfs x /run/netns; ${run}`,
      );
      const stack = await output(tapstack, 'run', '--', 'sh', '-c', `ip link set lo up; ${run}`);
      expect(host.length).toBeGreaterThan(lines);
      expect(stack).toEqual(host);
    },
    180_000,
  );
