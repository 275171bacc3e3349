import { VirtualClock } from '../../../src/base/clock.js';
import { Idleness } from '../../../src/daemon/idleness.js';

function make(seconds: number | null) {
  const clock = new VirtualClock();
  const state = { empty: true, ended: false };
  const ended = () => {
    state.ended = true;
  };
  const idleness = new Idleness({ clock, seconds, isEmpty: () => state.empty, ended });
  const at = (second: number) => {
    clock.moveTo(second * 1e6);
    idleness.look();
  };
  return { idleness, state, at };
}

test('an instance ends when it has been empty for the whole time', () => {
  const { idleness, state, at } = make(600);
  at(1);
  expect(idleness.deadlineUs).toBe(601e6);
  at(600);
  expect(state.ended).toBe(false);
  at(601);
  expect(state.ended).toBe(true);
});

test('what comes in between starts the time anew', () => {
  const { idleness, state, at } = make(600);
  at(0);
  state.empty = false;
  at(500);
  expect(idleness.deadlineUs).toBe(Number.POSITIVE_INFINITY);
  state.empty = true;
  at(550);
  at(700);
  expect(state.ended).toBe(false);
  at(1150);
  expect(state.ended).toBe(true);
});

test('a lasting instance never ends by itself', () => {
  const { idleness, state, at } = make(null);
  at(0);
  at(1e6);
  expect([state.ended, idleness.deadlineUs]).toEqual([false, Number.POSITIVE_INFINITY]);
});
