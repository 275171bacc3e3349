import { addVeth, deviceStack, receiveAll, send, up } from '../../drivers/fixture.js';
import { setCarrier } from '../../../../src/net/core/device-state.js';

test('the owner is called once when work appears, and again only after it polled', () => {
  const { stack } = deviceStack();
  const received = receiveAll(stack);
  const [v0, v1] = addVeth(stack, 'v0', 'v1');
  up(v0, v1);
  while (stack.poll());
  let calls = 0;
  stack.onWork = () => calls++;
  for (let i = 0; i < 10; i++) send(v0, [i]);
  expect(calls).toBe(1);
  while (stack.poll());
  expect([calls, received.length]).toEqual([1, 10]);
  send(v0, [1]);
  expect(calls).toBe(2);
});

test('more packets than a round takes are left to the next, and none is forgotten', () => {
  const { stack } = deviceStack();
  const received = receiveAll(stack);
  const [v0, v1] = addVeth(stack, 'v0', 'v1');
  up(v0, v1);
  while (stack.poll());
  for (let i = 0; i < 700; i++) send(v0, [1]);
  expect(stack.poll()).toBe(true);
  expect(received.length).toBeLessThan(700);
  while (stack.poll());
  expect([received.length, stack.pool.inUse]).toEqual([700, 0]);
});

test('what trails a request is done when the next one comes, even without a round in between', () => {
  const { stack } = deviceStack();
  const [v0, v1] = addVeth(stack, 'v0', 'v1');
  up(v0, v1);
  setCarrier(v0, false);
  const before = v0.operState;
  stack.refreshClock();
  expect(v0.operState).not.toBe(before);
});
