import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from './replay.js';

/** Lines that are known to differ, with the reason. */
const known = JSON.parse(readFileSync(join(__dirname, 'known-differences.json'), 'utf8')) as Record<string, Record<string, string>>;

for (const [file, differences] of Object.entries(known)) {
  test(`${file}: what the real commands printed, but for the ${Object.keys(differences).length} lines known to differ`, async () => {
    expect(existsSync(join(__dirname, file))).toBe(true);
    const results = await replay(file);
    const unexpected = results
      .filter((result) => result.ours !== null && !result.same && differences[result.line] === undefined)
      .map(({ line, recorded, ours }) => ({
        line,
        cmd: recorded.cmd,
        real: recorded.stdout + recorded.stderr,
        ours: ours!.stdout + ours!.stderr,
      }));
    expect(unexpected).toEqual([]);
    // The list must not outlive what it excuses.
    const healed = results.filter((result) => result.same && differences[result.line] !== undefined).map((result) => result.line);
    expect(healed).toEqual([]);
  });
}
