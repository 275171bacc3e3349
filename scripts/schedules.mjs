// Tries many schedules of loss, reordering, duplication, corruption and delay on TCP (test/unit/net/tcp/schedule.ts), on all processors, and
// says how many there were and how long they took. One that fails is printed with the seed that brings it back.
//   node scripts/schedules.mjs [schedules] [seed]
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(root, 'node_modules', '.cache', 'tapstack-schedules', 'schedule.mjs');

async function main() {
  const { build } = await import('esbuild');
  const total = Number(process.argv[2] ?? 10_000);
  const seed = Number(process.argv[3] ?? Date.now() & 0x7fff_ffff);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(root, 'test', 'unit', 'net', 'tcp', 'schedule.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  const workers = availableParallelism();
  const start = performance.now();
  console.log(`${total} schedules, seed ${seed}, ${workers} at a time`);
  const failures = await Promise.all(Array.from({ length: workers }, (_, i) => share(total, seed, i, workers)));
  const seconds = (performance.now() - start) / 1000;
  const failed = failures.flat();
  for (const { number, schedule, error } of failed)
    console.log(`schedule ${number} of seed ${seed}: ${error}\n${JSON.stringify(schedule)}`);
  console.log(`${total - failed.length} of ${total} hold, ${seconds.toFixed(1)} s`);
  process.exit(failed.length === 0 ? 0 : 1);
}

/** Every `of`th schedule from `first` on, in a thread of its own. */
function share(total, seed, first, of) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { total, seed, first, of } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function work({ total, seed, first, of }) {
  const { default: fc } = await import('fast-check');
  const { run, schedule } = await import(pathToFileURL(outfile).href);
  const failed = [];
  const all = fc.sample(schedule, { numRuns: total, seed });
  for (let number = first; number < total; number += of) {
    try {
      run(all[number]);
    } catch (error) {
      failed.push({ number, schedule: all[number], error: error.stack });
    }
  }
  parentPort.postMessage(failed);
}

if (isMainThread) await main();
else await work(workerData);
