// Builds the native client (src/client/native) for this machine into native/linux-ARCH, and the folder of commands that go through
// it, native/bin. Without a C compiler, or on a failure of it, the commands run by Node alone: this script never fails an install.
//   node scripts/native.mjs           for this machine, unless the package brought it
//   node scripts/native.mjs --force   the same, built anew
//   node scripts/native.mjs --all     for every architecture that a compiler is found for: what `npm pack` ships
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src', 'client', 'native');
const client = (architecture) => join(root, 'native', `linux-${architecture}`, 'tapstack-client');

const compilers = {
  x64: ['x86_64-linux-gnu-gcc', 'x86_64-linux-musl-gcc'],
  arm64: ['aarch64-linux-gnu-gcc', 'aarch64-linux-musl-gcc'],
};
/** These run long or take a core for themselves, so that each has a process of its own; `tapstack` makes instances. */
const byNodeAlone = ['tapstack', 'tapstackd', 'tcpdump', 'tcpdump-lite'];

/** Compiles to `path`: true where it worked. Static where the C library allows it, which starts in half the time. */
function compile(compiler, path) {
  mkdirSync(dirname(path), { recursive: true });
  const made = `${path}.${process.pid}`;
  for (const linking of [['-static'], []]) {
    const words = ['-O2', '-Wall', ...linking, '-s', '-o', made, join(source, 'tapstack-client.c')];
    if (spawnSync(compiler, words, { stdio: 'ignore' }).status !== 0) continue;
    renameSync(made, path);
    return true;
  }
  rmSync(made, { force: true });
  return false;
}

function build(architecture) {
  const own = architecture === process.arch ? [process.env.CC, 'cc', 'gcc', 'clang'] : [];
  return [...own, ...(compilers[architecture] ?? [])].some((compiler) => compiler && compile(compiler, client(architecture)));
}

function isCurrent(path) {
  if (!existsSync(path)) return false;
  accessSync(path, constants.X_OK);
  return ['tapstack-client.c', 'protocol.h'].every((name) => statSync(join(source, name)).mtimeMs <= statSync(path).mtimeMs);
}

/** native/bin: a link a command. */
function link(path) {
  const folder = join(root, 'native', 'bin');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(bin))
    if (!byNodeAlone.includes(name)) symlinkSync(join('..', path.slice(join(root, 'native').length + 1)), join(folder, name));
}

try {
  if (process.platform === 'linux') {
    const all = process.argv.includes('--all');
    for (const architecture of all ? Object.keys(compilers) : [process.arch]) {
      const made = (!all && !process.argv.includes('--force') && isCurrent(client(architecture))) || build(architecture);
      if (!made) console.error(`tapstack: no native client for linux-${architecture}: no C compiler that can make one was found`);
    }
    const own = client(process.arch);
    if (existsSync(own)) link(own);
  }
} catch (error) {
  console.error(`tapstack: no native client: ${error.message}`);
}
