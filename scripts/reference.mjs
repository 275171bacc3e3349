// Writes man pages and completions from the grammar tables of the commands: node scripts/reference.mjs (after a build).
// With --check it writes nothing, names the files that are not up to date, and exits 1 if there are any.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceFiles } from './reference/files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { ipReference, plainReferences, programReferences } = await import('../dist/commands/reference.js');
const check = process.argv.includes('--check');
for (const [path, text] of referenceFiles(await ipReference(), plainReferences, programReferences)) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (check) {
    console.log(`${path} is not what the grammar tables say: run node scripts/reference.mjs`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
