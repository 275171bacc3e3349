import fc from 'fast-check';
import { mutated, type Operation, operations } from './operations.js';
import { World } from './world.js';

// What a request was refused for it has not begun either.

const RUNS = 150;

/** Runs the requests; each that is refused must leave all dumps as they were, byte for byte. */
function leavesNothing(requests: readonly Operation[]): void {
  const world = new World();
  try {
    let before = world.state();
    for (const request of requests) {
      const errno = world.do(request);
      if (errno !== 0 && request.partly !== true) {
        const after = world.state();
        if (after !== before) throw new Error(`errno ${errno}, and yet: ${request.text}\n${difference(before, after)}`);
        continue;
      }
      world.settle();
      before = world.state();
    }
  } finally {
    world.close();
  }
}

function difference(before: string, after: string): string {
  const old = new Set(before.split('\n'));
  const now = new Set(after.split('\n'));
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ].join('\n');
}

test('a refused request leaves all dumps byte for byte as they were', () => {
  fc.assert(fc.property(fc.array(operations, { minLength: 5, maxLength: 25 }), leavesNothing), { numRuns: RUNS });
}, 120_000);

test('so does one whose bytes are damaged', () => {
  fc.assert(fc.property(fc.array(fc.oneof(operations, mutated), { minLength: 5, maxLength: 25 }), leavesNothing), { numRuns: RUNS });
}, 120_000);
