import { EMFILE, ENOENT, ESRCH } from '../../../../src/base/errno.js';
import { type CallOwner, ProgramCall } from '../../../../src/daemon/programs/program-call.js';
import type { SeccompListener } from '../../../../src/host/seccomp-listener.js';

/** A call whose program takes a descriptor with `given`; a call that is over is answered with ENOENT. */
function callThatIsGiven(given: number) {
  const answers: number[] = [];
  const remembered: number[] = [];
  const owner = { remember: (_call: ProgramCall, _value: number, errno: number) => void remembered.push(errno) } as unknown as CallOwner;
  const call = new ProgramCall(owner);
  call.listener = {
    addDescriptor: () => given,
    respond: (_call: ProgramCall, _value: number, errno: number) => {
      answers.push(errno);
      return given === -EMFILE ? 0 : -ENOENT;
    },
  } as unknown as SeccompListener;
  return { call, answers, remembered };
}

test.each([
  ['before it was told of', ENOENT],
  ['while it was about to take it', ESRCH],
])('a descriptor that a signal comes in front of, %s, is given when the program calls once more', (_when, errno) => {
  const { call, answers, remembered } = callThatIsGiven(-errno);
  expect(call.give(9, true)).toBe(-errno);
  expect({ done: call.done, answers, remembered }).toEqual({ done: true, answers: [], remembered: [] });
});

test('a program whose table is full is told', () => {
  const { call, answers } = callThatIsGiven(-EMFILE);
  expect(call.give(9, true)).toBe(-EMFILE);
  expect(answers).toEqual([EMFILE]);
});
