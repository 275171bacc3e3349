import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { asRoot, Lab, walled } from '../daemon-support.js';

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
  ['packet sockets of a program wait, send from rings and refuse as on the host', 'packets.py', 1],
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

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
const lab = new Lab();
afterAll(() => lab.close());

asRoot(
  'the same holds for who has no rights: a program that root let go, and an ordinary user whose instance it is',
  async () => {
    const battery = ['/usr/bin/python3', join(__dirname, 'battery.py')];
    const [host, letGo, own] = await Promise.all([
      output('unshare', '-n', 'sh', '-c', `/usr/sbin/ip link set lo up; exec ${[...NOBODY, ...battery].join(' ')}`),
      lab.tapstack('run', '--', ...NOBODY, ...battery),
      new Lab().asNobody('run', '--', ...battery),
    ]);
    expect(letGo.stdout.trim().split('\n')).toEqual(host);
    expect(own.stdout.trim().split('\n')).toEqual(host);
  },
  180_000,
);

walled(
  'no signal takes a socket away, of the program or of the daemon',
  async () => {
    const script = `ip link set lo up; exec /usr/bin/python3 ${join(__dirname, 'signals.py')}`;
    const { stdout, stderr } = await lab.tapstack('run', '--', 'sh', '-c', script);
    expect({ stdout, stderr }).toEqual({
      stdout: 'signals of the daemon: all connected\nsignals of the program: all connected\n',
      stderr: '',
    });
  },
  60_000,
);
