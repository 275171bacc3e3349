// Bundles src/ into dist/. A command is an index.ts in a folder of src/commands that exports `command`.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = (...path) => join(root, 'src', ...path);

const common = {
  absWorkingDir: root,
  outdir: join(root, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi', 'netlink', 'chalk', 'cli-table3', 'commander'],
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  logLevel: 'warning',
  metafile: true,
};

const contents = {};
async function bundle(options) {
  const { metafile } = await build({ ...common, ...options });
  for (const [file, { inputs }] of Object.entries(metafile.outputs))
    contents[file] = Object.keys(inputs).filter((path) => !path.includes(':'));
}

/**
 * A command is one CommonJS file: Node starts it in less time than modules of its own kind, and V8 keeps what it compiled of it
 * (src/client/start-bundle.ts). What is loaded by import() runs when it is asked for.
 */
const bundleCommand = (name) =>
  bundle({
    stdin: {
      contents: `import { launch } from './src/client/launch.ts';\nimport { command } from './src/commands/${name}/index.ts';\nvoid launch(command);`,
      resolveDir: root,
      loader: 'ts',
    },
    outdir: undefined,
    outfile: join(root, 'dist', 'commands', name, 'main.cjs'),
    splitting: false,
    format: 'cjs',
    // A script that V8 keeps the code of has no import() of its own; chalk has no other form.
    supported: { 'dynamic-import': false },
    external: common.external.filter((name) => name !== 'chalk'),
    minifyWhitespace: true,
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });

rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const entry of readdirSync(src('commands'), { withFileTypes: true }))
  if (entry.isDirectory() && existsSync(src('commands', entry.name, 'index.ts'))) await bundleCommand(entry.name);
await bundle({
  entryPoints: { 'client/start-bundle': src('client', 'start-bundle.ts') },
  splitting: false,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
// Groups that share nothing, each with chunks of its own.
await bundle({ entryPoints: { 'daemon/main': src('daemon', 'main.ts'), 'daemon/stack-thread': src('daemon', 'stack-thread.ts') } });
await bundle({
  entryPoints: Object.fromEntries(['index', 'net', 'dgram'].map((name) => [`library/${name}`, src('library', `${name}.ts`)])),
});
// Started by `tapstack packetdrill` as a program of its own.
await bundle({ entryPoints: { 'packetdrill/main': src('packetdrill', 'main.ts') }, chunkNames: 'packetdrill/[name]-[hash]' });
await bundle({ entryPoints: { 'daemon/worker/main': src('daemon', 'worker', 'main.ts') } });
await bundle({ entryPoints: { 'client/spawn-program': src('client', 'spawn-program.ts') } });
await bundle({ entryPoints: { 'commands/reference': src('commands', 'reference.ts') } });
// Which sources each bundle holds, for bench/startup.
writeFileSync(join(root, 'dist', 'contents.json'), JSON.stringify(contents));
