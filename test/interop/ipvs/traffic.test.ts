import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { asRoot, BIN } from '../daemon-support.js';

asRoot(
  'web servers behind a director are asked by each way of forwarding, as their scheduler says',
  async () => {
    const words = ['run', '--', 'bash', join(__dirname, 'traffic.sh'), '18'];
    const output = await new Promise<string>((resolve) => {
      execFile(join(BIN, 'tapstack'), words, { encoding: 'utf8', timeout: 100_000 }, (_error, stdout, stderr) =>
        resolve(`${stdout}${stderr}`),
      );
    });
    const equal = 'web1 6 web2 6 web3 6';
    expect(output.trim().split('\n')).toEqual([
      `masquerading, rr: ${equal}`,
      `direct routing, rr: ${equal}`,
      `ipip, rr: ${equal}`,
      `gre, rr: ${equal}`,
      'local node: director 18',
      'masquerading, wrr 1 2 3: web1 3 web2 6 web3 9',
      'sh: one client, one server',
      'persistence: one client, one server',
      'stats: the sums of the servers',
      'quiesced: new ones web2 10, the old one web1 web1',
    ]);
  },
  120_000,
);
