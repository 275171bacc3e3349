import fc from 'fast-check';
import { run, schedule } from './schedule.js';

/** How many schedules are tried here; `npm run schedules` tries 10,000. */
const SCHEDULES = Number(process.env.TAPSTACK_TCP_SCHEDULES ?? 400);

test('any schedule of loss, reordering, duplication, corruption and delay delivers every byte once and in order, or ends with the right errno', () => {
  fc.assert(fc.property(schedule, run), {
    numRuns: SCHEDULES,
    ...(process.env.TAPSTACK_TCP_SEED ? { seed: Number(process.env.TAPSTACK_TCP_SEED) } : {}),
  });
}, 600_000);
