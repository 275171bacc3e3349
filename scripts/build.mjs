// Bundles src/ into dist/: one entry a command, verb parts split so that a sub-command loads only what it needs.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = (...path) => join(root, 'src', ...path);

/** Every file that is started or imported from outside; commands are the folders of src/commands with an index.ts that exports `command`. */
const commandMains = readdirSync(src('commands'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(src('commands', entry.name, 'index.ts')))
  .map(({ name }) => ({ in: src('commands', name, 'index.ts'), out: `commands/${name}/index` }));
const others = [
  'client/launch.ts',
  'daemon/main.ts',
  'daemon/stack-thread.ts',
  'library/index.ts',
  'library/net.ts',
  'commands/reference.ts',
]
  .filter((path) => existsSync(src(path)))
  .map((path) => ({ in: src(path), out: path.replace(/\.ts$/, '') }));

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [...commandMains, ...others],
  outdir: join(root, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi', 'netlink', 'chalk', 'cli-table3', 'commander'],
  chunkNames: 'chunks/[name]-[hash]',
  minifyWhitespace: false,
  minifySyntax: true,
  keepNames: false,
  logLevel: 'warning',
  metafile: true,
});
// Which sources each bundle holds, for bench/startup.
writeFileSync(
  join(root, 'dist', 'contents.json'),
  JSON.stringify(Object.fromEntries(Object.entries(metafile.outputs).map(([file, { inputs }]) => [file, Object.keys(inputs)]))),
);
