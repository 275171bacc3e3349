import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const built = join(__dirname, '..', '..', '..', 'dist', 'client', 'start-bundle.cjs');

/** A folder like dist/ with one command, and how to run it. */
function commandOf(text: string) {
  const dist = mkdtempSync(join(tmpdir(), 'tapstack-bundle-'));
  const folder = join(dist, 'commands', 'hello');
  mkdirSync(folder, { recursive: true });
  const bundle = join(folder, 'main.cjs');
  writeFileSync(bundle, text);
  return {
    bundle,
    kept: () => readdirSync(folder).filter((name) => name !== 'main.cjs'),
    file: (name: string) => join(folder, name),
    run: () => {
      const script = `require(${JSON.stringify(built)}).startBundle(${JSON.stringify(dist)}, 'hello')`;
      const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      return { stdout, stderr, status };
    },
    remove: () => rmSync(dist, { recursive: true }),
  };
}

const said = (stdout: string) => ({ stdout, stderr: '', status: 0 });

test('the first run of a bundle leaves its code, and later ones say the same with it', () => {
  const command = commandOf("process.stdout.write(require('node:path').basename(__filename) + '\\n');");
  expect(command.run()).toEqual(said('main.cjs\n'));
  expect(command.kept()).toHaveLength(1);
  expect(command.run()).toEqual(said('main.cjs\n'));
  expect(command.kept()).toHaveLength(1);
  command.remove();
});

test('another bundle of the same length is not run with the code of the old one', () => {
  const command = commandOf("process.stdout.write('old')");
  command.run();
  const { mtime } = statSync(command.bundle);
  writeFileSync(command.bundle, "process.stdout.write('new')");
  utimesSync(command.bundle, mtime, new Date(mtime.getTime() + 5000));
  expect(command.run()).toEqual(said('new'));
  command.remove();
});

test('code that V8 does not take is replaced', () => {
  const command = commandOf("process.stdout.write('hello')");
  command.run();
  const [name] = command.kept();
  writeFileSync(command.file(name!), 'nothing of V8');
  expect(command.run()).toEqual(said('hello'));
  expect(statSync(command.file(name!)).size).toBeGreaterThan(50);
  command.remove();
});
