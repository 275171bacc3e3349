import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** What a CommonJS module is wrapped in. */
const PARAMETERS = '(function (exports, require, module, __filename, __dirname) {';

/**
 * Runs the bundle of a command in the folder `dist`, with the machine code that V8 made of it in an earlier run, if there is some. It
 * lies beside the bundle, under a name with the bundle's size and time; the first run that may write there leaves it. V8 refuses
 * what another version of itself has written: then the command compiles what it needs, as it does without.
 */
export function startBundle(dist: string, name: string): void {
  const path = join(dist, 'commands', name, 'main.cjs');
  const require = createRequire(path);
  const fd = openSync(path, 'r');
  const { size, mtimeMs } = fstatSync(fd);
  const source = readFileSync(fd, 'utf8');
  closeSync(fd);
  const cache = `${path}.${size}-${Math.floor(mtimeMs)}`;
  const cachedData = readCache(cache);
  const script = new Script(`${PARAMETERS}${source}\n})`, {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected === true) process.on('exit', () => writeCache(cache, script));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
}

function readCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // It was not written yet, or not for us to read: there is a way without.
    return undefined;
  }
}

function writeCache(path: string, script: Script): void {
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, script.createCachedData(), { mode: 0o644, flag: 'wx' });
    renameSync(own, path);
  } catch {
    // An installation that this user may not write to, or a full disk: nothing depends on it.
  }
}
