import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The transcripts of interfaces, addresses, routing and namespaces as they hold when they are replayed whole, shell and other programs
 * included: by file the lines that differ, with the cause. A line that needs what comes later, or that time and chance change, does not count.
 */
interface Transcript {
  readonly lines: number;
  readonly differences: Readonly<Record<string, { readonly cause: string; readonly counts: boolean }>>;
}

const transcripts = JSON.parse(readFileSync(join(__dirname, 'transcript-differences.json'), 'utf8')) as Record<string, Transcript>;

test('of the lines that count 98 in a hundred hold, and each that does not has a cause', () => {
  let held = 0;
  let counting = 0;
  for (const { lines, differences } of Object.values(transcripts)) {
    const known = Object.entries(differences);
    held += lines - known.length;
    counting += lines - known.filter(([, { counts }]) => !counts).length;
    for (const [line, { cause }] of known) {
      expect(Number(line)).toBeLessThanOrEqual(lines);
      expect(cause).toMatch(/\w{2}/);
    }
  }
  expect(held / counting).toBeGreaterThanOrEqual(0.98);
});
