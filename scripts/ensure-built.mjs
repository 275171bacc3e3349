// What `npm test` and `npm start` need on a fresh clone: the packages and a build.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

// Not `npm ci`: it wants every platform's optional packages to be in the registry, which mirrors do not hold to.
if (!existsSync(join(root, 'node_modules', '.package-lock.json')))
  run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
run(process.execPath, [join(root, 'scripts', 'native.mjs')]);
