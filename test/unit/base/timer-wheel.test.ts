import fc from 'fast-check';
import { Timer, TimerWheel } from '../../../src/base/timer-wheel.js';

const MS = 1000;

test('a timer fires once, at the first tick at or after its time', () => {
  const wheel = new TimerWheel(0);
  const fired: number[] = [];
  let now = 0;
  const timer = new Timer(() => fired.push(now));
  wheel.schedule(timer, 2500);
  for (now = 0; now <= 10 * MS; now += 500) wheel.advance(now);
  expect(fired).toEqual([3 * MS]);
  expect(timer.armed).toBe(false);
});

test('a timer that re-arms itself while firing comes again', () => {
  const wheel = new TimerWheel(0);
  let count = 0;
  const timer: Timer = new Timer(() => {
    if (++count < 5) wheel.schedule(timer, timer.expiresUs + 300 * MS);
  });
  wheel.schedule(timer, 300 * MS);
  wheel.advance(10_000 * MS);
  expect(count).toBe(5);
});

test('a cancelled timer does not fire, even when another cancels it in the same tick', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  const second = new Timer(() => fired.push('second'));
  const first = new Timer(() => {
    fired.push('first');
    wheel.cancel(second);
  });
  wheel.schedule(first, 700 * MS);
  wheel.schedule(second, 700 * MS);
  wheel.advance(800 * MS);
  expect(fired).toEqual(['first']);
  expect(wheel.size).toBe(0);
});

test('any set of timers fires in the order of ticks, none early, none lost, whatever the steps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000_000_000 }),
      fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 2_000_000_000 }), { minLength: 1, maxLength: 20 }),
      (startMs, delaysMs, stepsMs) => {
        let now = startMs * MS;
        const wheel = new TimerWheel(now);
        const fired: number[] = [];
        for (const delay of delaysMs) {
          const at = now + delay * MS;
          const timer = new Timer(() => {
            expect(timer.expiresUs).toBe(at);
            fired.push(at);
          });
          wheel.schedule(timer, at);
        }
        const start = now;
        for (const step of [...stepsMs, 20_000_000_000]) {
          now += step * MS;
          wheel.advance(now);
          const due = delaysMs.map((delay) => start + delay * MS).filter((at) => at <= now);
          expect(fired.length).toBe(due.length);
        }
        expect(fired).toEqual([...fired].sort((a, b) => a - b));
        expect(wheel.nextUs()).toBe(Number.POSITIVE_INFINITY);
      },
    ),
    { numRuns: 300 },
  );
});

test('stepping from one nextUs() to the next reaches every timer exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000_000 }), { minLength: 1, maxLength: 20 }), (delaysMs) => {
      const wheel = new TimerWheel(0);
      const fired: [number, number][] = [];
      let now = 0;
      for (const delay of delaysMs) {
        const timer = new Timer(() => fired.push([timer.expiresUs, now]));
        wheel.schedule(timer, delay * MS);
      }
      while (wheel.size > 0) {
        now = wheel.nextUs();
        wheel.advance(now);
      }
      for (const [due, at] of fired) expect(at).toBe(due);
      expect(fired.length).toBe(delaysMs.length);
    }),
  );
});
