// tcpdump's own regression suite against tcpdump-lite, in this process: `node scripts/tcpdump-suite.mjs FOLDER [options] [PATTERN]`.
// FOLDER holds TESTLIST with its captures and expected outputs. By capture: how many lines of the list hold.
//   --real       compare with what the tcpdump of this machine prints, not with the files
//   --cache DIR  keep what that tcpdump printed there, for the next run
//   --diff N     show the first N lines that differ of each failed one
//   --list       name the failed ones
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

process.env.TZ = 'GMT0';
const words = process.argv.slice(2);
const takeFlag = (name) => words.includes(name) && words.splice(words.indexOf(name), 1).length > 0;
const takeValue = (name) => (words.includes(name) ? words.splice(words.indexOf(name), 2)[1] : undefined);
const real = takeFlag('--real');
const cache = takeValue('--cache') ?? '';
const list = takeFlag('--list');
const shown = Number(takeValue('--diff') ?? 0);
const [folder, pattern = ''] = words;

const temporary = mkdtempSync(join(tmpdir(), 'suite-'));
const outfile = join(temporary, 'run.mjs');
await build({
  stdin: { contents: "export { tcpdump } from './test/support/tcpdump-files.js';", resolveDir: process.cwd() },
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile,
  logLevel: 'error',
});
const { tcpdump } = await import(outfile);
rmSync(temporary, { recursive: true });

/** What TESTrun makes of a line: name, capture, expected output, options. */
function tests() {
  return readFileSync(join(folder, 'TESTLIST'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, input, output, ...options] = line.trim().split(/\s+/);
      return { name, input, output, options: options.map((word) => word.replace('@TESTDIR@', folder)) };
    });
}

const argumentsOf = ({ input, options }) => {
  const special = options.includes('SPECIAL_t');
  return ['-#', '-n', '-r', join(folder, input), ...options.filter((word) => word !== 'SPECIAL_t'), ...(special ? [] : ['-tttt'])];
};

function expected(test) {
  if (!real) return readFileSync(join(folder, test.output), 'latin1');
  const key = createHash('sha1')
    .update(JSON.stringify(argumentsOf(test)))
    .digest('hex');
  const kept = join(cache, key);
  if (cache !== '' && existsSync(kept)) return readFileSync(kept, 'latin1');
  const { stdout } = spawnSync('tcpdump', argumentsOf(test), { encoding: 'latin1', maxBuffer: 1 << 28 });
  if (cache !== '') writeFileSync(kept, stdout, 'latin1');
  return stdout;
}

const groups = new Map();
let held = 0;
let total = 0;
for (const test of tests()) {
  if (pattern !== '' && !new RegExp(pattern).test(`${test.name} ${test.input}`)) continue;
  if (!existsSync(join(folder, test.output))) continue;
  total++;
  const { stdout, status, stderr } = await tcpdump(argumentsOf(test));
  let text = stdout;
  if (status !== 0 && !real) text += `EXIT CODE ${(status << 8).toString(16).padStart(8, '0')}: dump:0 code: ${status}\n`;
  const want = expected(test);
  const group = /^[a-zA-Z]+[0-9]?/.exec(test.input)?.[0].toLowerCase() ?? test.input;
  const entry = groups.get(group) ?? { held: 0, total: 0, failed: [] };
  groups.set(group, entry);
  entry.total++;
  if (text === want) {
    held++;
    entry.held++;
    continue;
  }
  entry.failed.push(test.name);
  if (shown === 0) continue;
  const [ours, theirs] = [text.split('\n'), want.split('\n')];
  console.log(
    `## ${test.name} ${test.input} ${test.options.join(' ')}${stderr.includes('\n', stderr.indexOf('\n') + 1) ? `\n${stderr}` : ''}`,
  );
  let differing = 0;
  for (let i = 0; i < Math.max(ours.length, theirs.length) && differing < shown; i++) {
    if (ours[i] === theirs[i]) continue;
    differing++;
    console.log(`  ${i + 1} want ${theirs[i]}\n  ${i + 1} have ${ours[i]}`);
  }
}
for (const [name, { held: good, total: all, failed }] of [...groups].sort())
  if (!list || failed.length > 0) console.log(`${name.padEnd(16)} ${good}/${all}${list ? `  ${failed.join(' ')}` : ''}`);
console.log(`${held} of ${total} lines hold`);
