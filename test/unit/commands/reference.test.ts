import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipReference } from '../../../src/commands/reference.js';
import { TAPSTACK_VERSION } from '../../../src/commands/shared/version.js';

const root = join(__dirname, '..', '..', '..');

test('man pages and completions are what the grammar tables say', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/reference.mjs', '--check'], { cwd: root, encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
});

test("the version behind the real tools' is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(TAPSTACK_VERSION).toBe(version);
});

test('every documented word says what it means', async () => {
  const { objects } = await ipReference();
  expect(objects.map(({ name }) => name)).toEqual(expect.arrayContaining(['link', 'address', 'route', 'neighbour', 'netns', 'monitor']));
  for (const { verbs } of objects) for (const { keywords } of verbs) for (const { text } of keywords) expect(text).toBeTruthy();
});
