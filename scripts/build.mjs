// Bundles src/ into dist/. A command is an index.ts in a folder of src/commands that exports `command`; its lazy parts stay files of
// their own, so that a sub-command loads only what it needs.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

/** The sources that `path` imports, and those import; lazy parts are not among them. */
function closure(inputs, path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const { kind, path: next, external } of inputs[path].imports)
    if (kind === 'import-statement' && !external) closure(inputs, next, found);
  return found;
}

/** Modules made here: their names and their texts. */
const virtual = (texts) => ({
  name: 'virtual',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path: path.slice('virtual:'.length), namespace: 'virtual' }));
    onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({ contents: texts[path], resolveDir: root }));
  },
});

/**
 * A command is a core, one file with all that every call of it needs, and lazy parts, which take from the core what they share
 * with it. Left to itself, esbuild cuts a chunk for each set of parts that want the same sources: a start from forty small files
 * takes longer than one from ten.
 */
async function bundleCommand(name) {
  const wanted = [`src/commands/${name}/index.ts`, 'src/client/launch.ts', 'src/client/bus.ts'];
  const { metafile } = await build({ ...common, entryPoints: wanted, write: false });
  const core = [...wanted.reduce((found, path) => closure(metafile.inputs, path, found), new Set())];
  const { metafile: plain } = await build({
    ...common,
    entryPoints: core,
    bundle: false,
    splitting: false,
    external: undefined,
    write: false,
  });
  const exported = new Map(Object.values(plain.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]));
  /** Words that several sources export go by other names; of a source without such words, the core itself takes the place. */
  const times = new Map();
  for (const word of [...exported.values()].flat()) times.set(word, (times.get(word) ?? 0) + 1);
  const alias = (path, word) => (times.get(word) === 1 ? word : `${path.replace(/\W/g, '_')}$${word}`);
  const replaced = (path) => exported.get(path).every((word) => times.get(word) === 1);
  const words = (path, text) => exported.get(path).map((word) => text(word, alias(path, word)));
  const texts = {
    core: core.map((path) => `export { ${words(path, (word, other) => `${word} as ${other}`)} } from './${path}';`).join('\n'),
  };
  for (const path of core) texts[path] = `export { ${words(path, (word, other) => `${other} as ${word}`)} } from './core.js';`;
  texts.main = `import { ${alias(wanted[1], 'launch')} as launch, ${alias(wanted[0], 'command')} as command } from './core.js';\nawait launch(command);`;

  const lazy = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, path, external }) => kind === 'dynamic-import' && !external && !core.includes(path))
    .map(({ path }) => path);
  const output = (path) =>
    path
      .replace(/^src\/(commands\/)?/, '')
      .replace(/\.ts$/, '')
      .replace(/\//g, '-');
  const folder = `commands/${name}`;
  await bundle({
    entryPoints: { [`${folder}/core`]: 'virtual:core' },
    splitting: false,
    plugins: [
      virtual(texts),
      resolving((path, kind) =>
        kind === 'dynamic-import' && lazy.includes(path) ? { path: `./${output(path)}.js`, external: true } : undefined,
      ),
    ],
  });
  await bundle({
    entryPoints: {
      [`${folder}/main`]: 'virtual:main',
      ...Object.fromEntries(lazy.map((path) => [`${folder}/${output(path)}`, `./${path}`])),
    },
    external: [...common.external, './core.js'],
    chunkNames: `${folder}/[name]-[hash]`,
    plugins: [
      virtual(texts),
      resolving((path) =>
        !core.includes(path) ? undefined : replaced(path) ? { path: './core.js', external: true } : { path, namespace: 'virtual' },
      ),
    ],
  });
}

/** Sources by their path from the project's root: what becomes of an import of one. */
const resolving = (choose) => ({
  name: 'resolving',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir, kind }) =>
      choose(relative(root, join(resolveDir, path)).replace(/\.js$/, '.ts'), kind),
    );
  },
});

rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const entry of readdirSync(src('commands'), { withFileTypes: true }))
  if (entry.isDirectory() && existsSync(src('commands', entry.name, 'index.ts'))) await bundleCommand(entry.name);
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
