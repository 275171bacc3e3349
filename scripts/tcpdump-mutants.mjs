// Mutated packets through the tcpdump of this machine and through tcpdump-lite, in this process: which texts differ.
// `node scripts/tcpdump-mutants.mjs [options] CAPTURE...`; the real tool is the judge of malformed packets too.
//   --each N     mutants made of each capture (200)
//   --seed N     of the mutations (1)
//   --options W  what both are given beside -n -r (-vvv)
//   --diff N     differing packets shown of each capture (1)
//   --keep DIR   leave the mutated captures there
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

process.env.TZ = 'GMT0';
const words = process.argv.slice(2);
const takeValue = (name, otherwise) => (words.includes(name) ? words.splice(words.indexOf(name), 2)[1] : otherwise);
const each = Number(takeValue('--each', 200));
const seed = Number(takeValue('--seed', 1));
const options = takeValue('--options', '-vvv').split(' ');
const shown = Number(takeValue('--diff', 1));
const keep = takeValue('--keep', '');

const temporary = mkdtempSync(join(tmpdir(), 'mutants-'));
const outfile = join(temporary, 'run.mjs');
await build({
  stdin: {
    contents:
      "export { tcpdump } from './test/support/tcpdump-files.js'; export { Random, mutate, packetsOf } from './test/support/mutate-packets.js';",
    resolveDir: process.cwd(),
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile,
  logLevel: 'error',
});
const { tcpdump, Random, mutate, packetsOf } = await import(outfile);

/** A savefile of `count` mutants of `given`, of one link type. */
function mutants(given, count, random) {
  const chunks = [Buffer.alloc(24)];
  chunks[0].writeUInt32LE(0xa1b2c3d4, 0);
  chunks[0].writeUInt16LE(2, 4);
  chunks[0].writeUInt16LE(4, 6);
  chunks[0].writeUInt32LE(65535, 16);
  chunks[0].writeUInt32LE(given[0].linkType, 20);
  const bytes = new Uint8Array(2048);
  for (let i = 0; i < count; i++) {
    const one = random.of(given).bytes;
    const captured = mutate(random, one, bytes);
    const length = random.below(2) === 0 ? captured : Math.max(captured, Math.min(one.length, 1600));
    const header = Buffer.alloc(16);
    header.writeUInt32LE(i, 0);
    header.writeUInt32LE(captured, 8);
    header.writeUInt32LE(length, 12);
    chunks.push(header, Buffer.from(bytes.subarray(0, captured)));
  }
  return Buffer.concat(chunks);
}

/** The text of each packet: the lines from the one that begins with its number. */
function byPacket(text) {
  const found = [];
  for (const line of text.split('\n')) {
    const number = /^ *(\d+) {2}/.exec(line);
    if (number !== null && Number(number[1]) === found.length + 1) found.push([line]);
    else found.at(-1)?.push(line);
  }
  return found;
}

const differing = new Map();
let packets = 0;
let different = 0;
for (const path of words) {
  const given = (await packetsOf(readFileSync(path))).filter(({ bytes }) => bytes.length > 0);
  const alike = given.filter(({ linkType }) => linkType === given[0].linkType);
  if (alike.length === 0) continue;
  const file = keep === '' ? join(temporary, 'mutants.pcap') : join(keep, basename(path));
  writeFileSync(file, mutants(alike, each, new Random(seed)));
  const argv = ['-#', '-n', '-t', ...options, '-r', file];
  const real = spawnSync('tcpdump', argv, { encoding: 'latin1', maxBuffer: 1 << 28, timeout: 60_000 });
  const [theirs, ours] = [byPacket(real.stdout), byPacket((await tcpdump(argv)).stdout)];
  if (real.status !== 0) console.log(`${path}: tcpdump ended with ${real.status ?? real.signal}`);
  const bad = [];
  for (let i = 0; i < each; i++) if (theirs[i]?.join('\n') !== ours[i]?.join('\n')) bad.push(i);
  packets += each;
  different += bad.length;
  if (bad.length === 0) continue;
  differing.set(basename(path), bad.length);
  for (const i of bad.slice(0, shown)) {
    const [want, have] = [theirs[i] ?? [], ours[i] ?? []];
    const at = want.findIndex((line, j) => line !== have[j]);
    const line = at < 0 ? want.length : at;
    console.log(`## ${path} packet ${i + 1} line ${line + 1}\n  want ${want[line]}\n  have ${have[line]}`);
  }
}
rmSync(temporary, { recursive: true });
for (const [name, count] of [...differing].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(6)} ${name}`);
console.log(`${packets - different} of ${packets} mutants alike`);
