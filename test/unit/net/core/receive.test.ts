import { DropReason } from '../../../../src/net/core/drop-reason.js';
import { RoutedWorld } from '../routed-world.js';

test('a frame of a protocol that nobody takes is dropped by the device, not missed by an inactive one', () => {
  const world = new RoutedWorld();
  const [, device] = world.cable(world.namespace(), world.namespace());
  const skb = world.stack.pool.allocate(50)!;
  skb.put(50);
  skb.device = device;
  skb.protocol = 0x88b5;
  expect(world.stack.enqueue(skb)).toBe(true);
  world.settle();
  // As Linux 6.1 counts: rx_nohandler is for ports of a bond or team that only exact listeners hear.
  expect(device.statistics.rxDropped).toBe(1);
  expect(device.statistics.rxNohandler).toBe(0);
  expect(world.drops).toEqual([DropReason.UNHANDLED_PROTO]);
});
