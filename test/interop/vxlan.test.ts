import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { BIN, Lab, type Result } from './daemon-support.js';

// VXLAN with the host's own kernel as the peer: a TAP leads from the stack into a network namespace of the host that this file makes.

const TAP = 'tap0';

/** Why the host's kernel cannot be the peer here; empty: it can. */
function obstacle(): string {
  if (process.geteuid!() !== 0) return 'it wants root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is not there or may not be opened';
  }
  return '';
}

const missing = obstacle();
// In CI nothing is left out: what is missing there makes the tests fail.
const describeTap = missing === '' || process.env['CI'] ? describe : describe.skip;
if (missing !== '' && !process.env['CI']) process.stderr.write(`Left out: VXLAN with the host's kernel over a TAP, ${missing}.\n`);

describeTap("vxlan with the host's kernel", () => {
  const lab = new Lab();
  const namespace = `tsvx${process.pid}`;
  const real = (...words: readonly string[]) =>
    execFileSync(words[0]!, words.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const ours = (command: string, ...words: readonly string[]): Promise<Result> => lab.start([join(BIN, command), ...words]).done;
  const inside = (...argv: readonly string[]): Promise<Result> => lab.start(['ip', 'netns', 'exec', namespace, ...argv]).done;

  async function must(result: Promise<Result>): Promise<string> {
    const { status, stdout, stderr } = await result;
    expect(`${stderr}${status === 0 ? '' : stdout}`).toBe('');
    return stdout;
  }

  beforeAll(async () => {
    real('ip', 'netns', 'add', namespace);
    await must(lab.tapstack('up', '--name', 'vx', '--nic', `eth0,tap=${TAP},netns=/run/netns/${namespace}`));
    lab.variables['TAPSTACK_INSTANCE'] = 'vx';
    await must(ours('ip', 'address', 'add', '10.99.0.2/24', 'dev', 'eth0'));
    await must(ours('ip', 'link', 'set', 'eth0', 'up'));
    real('ip', '-n', namespace, 'address', 'add', '10.99.0.1/24', 'dev', TAP);
    real('ip', '-n', namespace, 'link', 'set', TAP, 'up');
  }, 30_000);

  afterAll(async () => {
    delete lab.variables['TAPSTACK_INSTANCE'];
    try {
      await lab.close();
    } finally {
      real('ip', 'netns', 'del', namespace);
    }
  });

  test.each([
    ['with UDP checksums', '42', ['udpcsum']],
    ['without UDP checksums', '43', ['noudpcsum']],
  ])(
    'pings go both ways, long ones too, %s',
    async (_how, id, options) => {
      const words = (remote: string) => [
        'link',
        'add',
        `vx${id}`,
        'type',
        'vxlan',
        'id',
        id,
        'dstport',
        '4789',
        'remote',
        remote,
        ...options,
      ];
      await must(ours('ip', ...words('10.99.0.1')));
      real('ip', '-n', namespace, ...words('10.99.0.2'));
      await must(ours('ip', 'address', 'add', `10.${id}.0.2/24`, 'dev', `vx${id}`));
      await must(ours('ip', 'link', 'set', `vx${id}`, 'up'));
      real('ip', '-n', namespace, 'address', 'add', `10.${id}.0.1/24`, 'dev', `vx${id}`);
      real('ip', '-n', namespace, 'link', 'set', `vx${id}`, 'up');
      expect(await must(ours('ping', '-c', '2', '-i', '0.2', `10.${id}.0.1`))).toContain('2 received');
      expect(await must(inside('ping', '-c', '2', '-i', '0.2', `10.${id}.0.2`))).toContain('2 received');
      expect(await must(inside('ping', '-c', '1', '-s', '4000', `10.${id}.0.2`))).toContain('1 received');
      // The kernel has learned where our device is.
      expect(real('bridge', '-n', namespace, 'fdb', 'show', 'dev', `vx${id}`)).toMatch(/dst 10\.99\.0\.2 self/);
    },
    30_000,
  );
});
