import { createInstance } from '../../../src/library/index.js';
import { redirect } from '../../../src/drivers/ifb.js';
import { PACKET_KERNEL, PACKET_USER } from '../../../src/net/core/packet-buffer.js';
import { addLink, addVeth, deviceStack, down, PROTOCOL, receiveAll, send, up } from './fixture.js';

test('what is sent to an ifb that nobody redirected there is dropped and counted', () => {
  const { stack, run } = deviceStack();
  const ifb = addLink(stack, 'ifb', 'ifb0');
  up(ifb);
  send(ifb, [1, 2, 3]);
  run();
  expect(ifb.statistics).toMatchObject({ rxPackets: 1, rxBytes: 17, rxDropped: 1, txPackets: 0 });
});

test('what is redirected on its way out goes on out of its device', () => {
  const { stack, run } = deviceStack();
  const ifb = addLink(stack, 'ifb', 'ifb0');
  const [a, b] = addVeth(stack, 'a', 'b');
  up(ifb, a, b);
  const received = receiveAll(stack);
  const skb = stack.pool.allocate(3)!;
  skb.bytes.set([7, 8, 9], skb.put(3));
  skb.device = a;
  a.createHeader(skb, PROTOCOL, b.address, null);
  redirect(skb, ifb, false);
  run();
  expect(received).toEqual([{ device: 'b', payload: [7, 8, 9], packetType: 0 }]);
  expect(ifb.statistics).toMatchObject({ rxPackets: 1, txPackets: 1, rxDropped: 0 });
});

test('what is redirected on its way in goes on into the stack, as from its device', () => {
  const { stack, run } = deviceStack();
  const ifb = addLink(stack, 'ifb', 'ifb0');
  const [a, b] = addVeth(stack, 'a', 'b');
  up(ifb, a, b);
  const received = receiveAll(stack);
  b.rxHandler = (skb) => {
    b.rxHandler = null;
    redirect(skb, ifb, true);
    return true;
  };
  send(a, [5, 6], b.address);
  run();
  expect(received).toEqual([{ device: 'b', payload: [5, 6], packetType: 0 }]);
  expect(ifb.statistics).toMatchObject({ rxPackets: 1, rxBytes: 16, txPackets: 1, txBytes: 16 });
});

test('what waits in an ifb for a device that is gone is dropped', () => {
  const { stack, run } = deviceStack();
  const ifb = addLink(stack, 'ifb', 'ifb0');
  const [a, b] = addVeth(stack, 'a', 'b');
  up(ifb, a, b);
  const skb = stack.pool.allocate(3)!;
  skb.put(3);
  skb.device = a;
  a.createHeader(skb, PROTOCOL, b.address, null);
  stack.initial.devicesByIndex.delete(a.ifindex);
  redirect(skb, ifb, false);
  stack.initial.devicesByIndex.set(a.ifindex, a);
  run();
  expect(ifb.statistics.txDropped).toBe(1);
  down(ifb);
});

test('nlmon shows requests and what sockets get, while it is up, of its own namespace alone', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add nl0 type nlmon; ip netns add other');
  const monitor = instance.device('nl0');
  const shown: { protocol: number; packetType: number; type: number }[] = [];
  monitor.taps = [
    (skb) => {
      shown.push({ protocol: skb.protocol, packetType: skb.packetType, type: skb.view.getUint16(skb.data + 4, true) });
    },
  ];
  await instance.sh('ip link show');
  expect(shown).toEqual([]);
  await instance.sh('ip link set nl0 up');
  shown.length = 0;
  await instance.sh('ip link show dev lo');
  const route = shown.filter(({ protocol }) => protocol === 0);
  expect(route).toContainEqual({ protocol: 0, packetType: PACKET_KERNEL, type: 18 });
  expect(route).toContainEqual({ protocol: 0, packetType: PACKET_USER, type: 16 });
  const { rxPackets, rxBytes } = monitor.statistics;
  expect(rxPackets).toBeGreaterThan(1);
  expect(rxBytes).toBeGreaterThan(100);
  shown.length = 0;
  await instance.sh('ip -n other link show');
  expect(shown.filter(({ protocol }) => protocol === 0)).toEqual([]);
  await instance.sh('ip link set nl0 down');
  shown.length = 0;
  await instance.sh('ip link show');
  expect(shown).toEqual([]);
  expect(instance.namespace().netlinkTaps).toEqual([]);
  instance.close();
});

test('a monitor that goes away while it is up watches no longer', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add nl0 type nlmon; ip link set nl0 up; ip link del nl0');
  expect(instance.namespace().netlinkTaps).toEqual([]);
  const { stderr } = await instance.sh('ip link add nl1 address 02:00:00:00:00:01 type nlmon');
  expect(stderr).toBe('RTNETLINK answers: Invalid argument\n');
  instance.close();
});
