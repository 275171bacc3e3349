import fc from 'fast-check';

// The same runs every time, so that a red build is this change's; TAPSTACK_SEED=random (or a number) looks further.
const wanted = process.env['TAPSTACK_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted ?? 20_261_122) });
