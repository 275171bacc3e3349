import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

// Each example proves with traffic that what it builds works, and fails where it does not. They wait more than they work: several at a time.
test.concurrent.each(readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.sh')))(
  'examples/%s works on a private instance',
  async (name) => {
    const child = spawn(join(root, 'bin', 'tapstack'), ['run', '--', 'bash', join(root, 'examples', name)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const [status] = await once(child, 'close');
    expect(status === 0 ? '' : output).toBe('');
  },
  180_000,
);
