import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRuntimeFolder, ensureRuntimeFolder, instancePaths, runtimeFolder } from '../../../src/client/paths.js';

const uid = process.geteuid!();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapstack-paths-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the runtime folder is TAPSTACK_DIR, else below XDG_RUNTIME_DIR, else by the uid', () => {
  expect(runtimeFolder({ TAPSTACK_DIR: '/a', XDG_RUNTIME_DIR: '/b' }, 0)).toBe('/a');
  expect(runtimeFolder({ XDG_RUNTIME_DIR: '/b' }, 0)).toBe('/b/tapstack');
  expect(runtimeFolder({}, 0)).toBe('/run/tapstack');
  expect(runtimeFolder({}, 1000)).toBe('/tmp/tapstack-1000');
});

test.each(['', 'a/b', '..', '.', 'ä', 'x'.repeat(33), 'a b'])('"%s" is no instance name', (name) => {
  expect(() => instancePaths('/r', name)).toThrow(/instance name/);
});

test('a socket path of 107 bytes is the longest, and a longer one is refused with its length', () => {
  const runtime = `/${'r'.repeat(107 - '/name/bus'.length - 1)}`;
  expect(Buffer.byteLength(instancePaths(runtime, 'name').socket)).toBe(107);
  expect(() => instancePaths(`${runtime}r`, 'name')).toThrow(/has 108 bytes, at most 107/);
  expect(() => instancePaths(`/${'ä'.repeat(60)}`, 'name')).toThrow(/has 130 bytes/);
});

test('a runtime folder is made with mode 0700', () => {
  const path = join(folder, 'x', 'tapstack');
  ensureRuntimeFolder(path, uid);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a runtime folder that others may enter is refused, with what to do', () => {
  const path = join(folder, 'open');
  mkdirSync(path);
  chmodSync(path, 0o755);
  expect(() => checkRuntimeFolder(path, uid)).toThrow(`has mode 0755, not 0700: chmod 0700 ${path}`);
});

test('a runtime folder of somebody else is refused', () => {
  const path = join(folder, 'other');
  mkdirSync(path, { mode: 0o700 });
  expect(() => checkRuntimeFolder(path, uid + 1)).toThrow(/belongs to uid/);
});

test('neither a file nor a link to a folder is a runtime folder', () => {
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'real'), { mode: 0o700 });
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(() => checkRuntimeFolder(join(folder, 'file'), uid)).toThrow(/is not a folder/);
  expect(() => checkRuntimeFolder(join(folder, 'link'), uid)).toThrow(/is not a folder/);
});

test('a runtime folder that is not there is no error', () => {
  expect(checkRuntimeFolder(join(folder, 'none'), uid)).toBe(false);
});
