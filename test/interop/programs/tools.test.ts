import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { asRoot, Lab } from '../daemon-support.js';

const tapstack = join(__dirname, '..', '..', '..', 'bin', 'tapstack');

asRoot(
  "the distribution's tools drive the stack, and ours see what they did",
  async () => {
    const lines = await new Promise<string>((resolve, reject) => {
      execFile(
        tapstack,
        ['run', '--', 'bash', join(__dirname, 'tools.sh')],
        { encoding: 'utf8', timeout: 90_000 },
        (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`))),
      );
    });
    expect(lines.trim().split('\n')).toEqual([
      'ip netns: both see what each made',
      'ip route: the same text',
      'nsenter: the same namespace',
      'ours follows a namespace that the real ip entered',
      'curl: three megabytes through two namespaces',
      'ss -p: names the program',
      'ip netns pids: knows it',
      'ping: an answer',
      'tcpdump: request and reply, by its ring',
      'route: a default route',
      'arp: an entry',
      'traceroute: the last hop',
      'our ss -p: names the program too',
      'nft: a table',
      'brctl: bridges and ports, and why not',
      'ip vrf exec: a program is within the VRF',
      'ip netns del: gone',
      'a C program behind a tun: eleven answers',
    ]);
  },
  120_000,
);

asRoot(
  'so does an ordinary user who has no capability',
  async () => {
    const lab = new Lab();
    const { stdout, stderr } = await lab.asNobody('run', '--', 'bash', join(__dirname, 'tour.sh'));
    await lab.close();
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'no rights',
      "curl: a megabyte of python's http.server, port 80",
      'ping: an answer',
      'tcpdump: request and reply',
      'nft: refused',
      'nft: counted',
      'iperf3 : eight megabytes',
      'iperf3 -R: eight megabytes',
      'the real ip: an address',
      '0',
      '1',
    ]);
  },
  120_000,
);
