import { join } from 'node:path';
import { asRoot, Lab } from '../daemon-support.js';

const lab = new Lab();
afterAll(() => lab.close());

asRoot(
  'socat does in its modes what it says, and openvpn makes a tunnel',
  async () => {
    const { stdout, stderr } = await lab.tapstack('run', '--', 'bash', join(__dirname, 'socat-openvpn.sh'));
    expect({ lines: stdout.trim().split('\n'), stderr }).toEqual({
      lines: [
        'TCP4: its end comes back behind what was said',
        'TCP6: through a shell',
        'UDP4: a child for a datagram',
        'UDP6: a child for a datagram',
        'IP4: a protocol of its own',
        'UDP4 to a group: a member hears',
        'one way: a file',
        'UNIX to TCP4: one through the other',
        'TUN over UDP4: a ping',
        'openvpn: a ping and a connection',
      ],
      stderr: '',
    });
  },
  60_000,
);
