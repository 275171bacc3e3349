// What the benches that run inside one process have in common.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Starts the bench again with a young generation so large that a run ends before it is collected: then the growth of the heap is what was allocated. */
export function withLargeHeap() {
  if (globalThis.gc !== undefined) return;
  const flags = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'];
  const { status } = spawnSync(process.execPath, [...flags, ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** The library as it is in src/, bundled for this run. */
export const loadLibrary = () => loadParts('library', "export * from './src/library/index.ts';");

/** Parts of src/ that a bench measures, bundled for this run: `contents` is a module that exports them, `name` that of the bench. */
export async function loadParts(name, contents) {
  const { build } = await import('esbuild');
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const outfile = join(root, 'node_modules', '.cache', 'tapstack-bench', `${name}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
