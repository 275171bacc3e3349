import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipReference, programReferences } from '../../../src/commands/reference.js';
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

test('every command of tapstack has a man page entry and completions with its options', () => {
  const [tapstack] = programReferences;
  expect(tapstack?.verbs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['run', 'shell', 'up', 'down', 'status', 'list', 'exec', 'nic list', 'nic add', 'nic del']),
  );
  const page = readFileSync(join(root, 'man', 'tapstack.8'), 'utf8');
  const bash = readFileSync(join(root, 'completions', 'bash', 'tapstack.bash'), 'utf8');
  for (const { name, summary, options, operandTexts } of tapstack?.verbs ?? []) {
    expect(summary).toBeTruthy();
    for (const [, text] of operandTexts) expect(text).toBeTruthy();
    expect(page).toContain(summary.replace(/-/g, '\\-'));
    expect(bash).toContain(`['tapstack ${name}']='${options.flatMap(({ names }) => names).join(' ')}'`);
  }
});

test.each([
  ['tapstack n', 'nic'],
  ['tapstack nic ', 'list add del'],
  ['tapstack --version run --n', '--nic --no-capture'],
  ['tapstack exec --name x -', '--name -n --netns --no-capture -h --help'],
])('bash completes "%s"', (line, offered) => {
  const script =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash
    '. completions/bash/tapstack.bash; read -ra COMP_WORDS <<<"$1"; [[ $1 == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _tapstack_tapstack; echo "${COMPREPLY[*]}"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', line], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(offered);
});
