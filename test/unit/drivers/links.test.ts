import { setMtu } from '../../../src/net/core/device-state.js';
import { deleteLinks } from '../../../src/net/core/new-link.js';
import {
  CHECKSUM_PARTIAL,
  GSO_TCPV4,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
} from '../../../src/net/core/packet-buffer.js';
import { DropReason } from '../../../src/net/core/drop-reason.js';
import { moveDevice } from '../../../src/net/core/device-registry.js';
import { devQueueXmit } from '../../../src/net/core/transmit.js';
import { ETH_P_802_2, ETH_P_802_3 } from '../../../src/wire/ethernet.js';
import { addLink, addVeth, deviceStack, PROTOCOL, receiveAll, refusal, send, up } from './fixture.js';

describe('lo', () => {
  test('receives what it sends, as its own, and counts it without link headers', () => {
    const { stack, initial, run } = deviceStack();
    const received = receiveAll(stack);
    const lo = initial.loopback;
    send(lo, [1, 2, 3], lo.address);
    run();
    expect(received).toEqual([]);
    up(lo);
    send(lo, [1, 2, 3], lo.address);
    run();
    expect(received).toEqual([{ device: 'lo', payload: [1, 2, 3], packetType: PACKET_HOST }]);
    const { rxPackets, txPackets, rxBytes, txBytes } = lo.statistics;
    expect([rxPackets, txPackets, rxBytes, txBytes]).toEqual([1, 1, 3, 3]);
    expect(stack.pool.inUse).toBe(0);
  });
});

describe('dummy', () => {
  test('counts what it swallows', () => {
    const { stack, run } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    up(d);
    send(d, new Uint8Array(100));
    run();
    expect([d.statistics.txPackets, d.statistics.txBytes]).toEqual([1, 114]);
    expect(stack.pool.inUse).toBe(0);
  });
});

describe('veth', () => {
  test('carries frames to the other end, in whatever namespace it is', () => {
    const { stack, run } = deviceStack();
    const received = receiveAll(stack);
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    moveDevice(v1, stack.createNamespace());
    up(v0, v1);
    send(v0, [1], v1.address);
    send(v0, [2]);
    send(v0, [3], Uint8Array.of(1, 0, 0x5e, 0, 0, 1));
    send(v0, [4], v0.address);
    run();
    expect(received.map(({ payload, packetType }) => [payload[0], packetType])).toEqual([
      [1, PACKET_HOST],
      [2, PACKET_BROADCAST],
      [3, PACKET_MULTICAST],
      [4, PACKET_OTHERHOST],
    ]);
    expect([v0.statistics.txPackets, v0.statistics.txBytes, v1.statistics.rxPackets, v1.statistics.rxBytes]).toEqual([4, 60, 4, 60]);
    expect(stack.pool.inUse).toBe(0);
  });

  test('refuses frames over the receiver’s MTU, but not super-packets', () => {
    const { stack, run } = deviceStack();
    const received = receiveAll(stack);
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    up(v0, v1);
    setMtu(v0, 9000);
    send(v0, new Uint8Array(1504));
    send(v0, new Uint8Array(1505));
    const whole = stack.pool.allocate(4000)!;
    whole.put(4000);
    whole.device = v0;
    whole.gsoType = GSO_TCPV4;
    whole.gsoSize = 1448;
    whole.ipSummed = CHECKSUM_PARTIAL;
    v0.createHeader(whole, PROTOCOL, null, null);
    devQueueXmit(whole);
    run();
    expect(received.map(({ payload }) => payload.length)).toEqual([1504, 4000]);
    expect([v1.statistics.rxDropped, stack.drops[DropReason.PKT_TOO_BIG]]).toEqual([1, 1]);
  });

  test('forgets what belonged to the namespace that a packet left', () => {
    const { stack, run } = deviceStack();
    const marks: number[] = [];
    receiveAll(stack, (skb) => marks.push(skb.mark, skb.priority));
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    const [w0, w1] = addVeth(stack, 'w0', 'w1');
    moveDevice(w1, stack.createNamespace());
    up(v0, v1, w0, w1);
    for (const device of [v0, w0]) {
      const skb = stack.pool.allocate(10)!;
      skb.put(10);
      skb.device = device;
      skb.mark = 7;
      skb.priority = 3;
      device.createHeader(skb, PROTOCOL, null, null);
      devQueueXmit(skb);
    }
    run();
    expect(marks).toEqual([7, 0, 0, 0]);
  });

  test('drops what is sent towards a peer that is not up', () => {
    const { stack, run } = deviceStack();
    const [v0] = addVeth(stack, 'v0', 'v1');
    up(v0);
    send(v0, [1]);
    run();
    expect(v0.statistics.txDropped).toBe(1);
    expect(stack.pool.inUse).toBe(0);
  });

  test('goes with both ends, and frames under way with them', () => {
    const { stack, initial, run } = deviceStack();
    const received = receiveAll(stack);
    const [v0, v1] = addVeth(stack, 'v0', 'v1');
    up(v0, v1);
    send(v0, [1]);
    deleteLinks([v1]);
    run();
    expect(received).toEqual([]);
    expect(initial.devices().map((device) => device.name)).toEqual(['lo']);
    expect(stack.pool.inUse).toBe(0);
  });

  test('takes a peer’s attributes, and refuses to set up a peer that is still alone', () => {
    const { stack, initial } = deviceStack();
    const address = Uint8Array.of(2, 0, 0, 0, 0, 9);
    const [, v1] = addVeth(stack, 'v0', 'v1', { peer: { address, mtu: 9000, txqlen: 7, group: 3 } });
    expect([v1.address, v1.mtu, v1.txQueueLength, v1.group]).toEqual([address, 9000, 7, 3]);
    const other = stack.createNamespace();
    const [, w1] = addVeth(stack, 'w0', 'w1', { peer: { netNsFd: other.id } });
    expect(w1.namespace).toBe(other);
    expect(refusal(() => addVeth(stack, 'x0', 'x1', { peer: { netNsFd: 999 } }))).toBe('EINVAL');
    expect(initial.deviceByName('x1')).toBeUndefined();
  });
});

describe('Ethernet', () => {
  test('headers below 0x600 hold a length: LLC, or raw 802.3 behind 0xffff', () => {
    const { stack, initial } = deviceStack();
    const d = addLink(stack, 'dummy', 'd');
    const typeOf = (bytes: number[], type: number) => {
      const skb = stack.pool.allocate(bytes.length)!;
      skb.bytes.set(bytes, skb.put(bytes.length));
      d.createHeader(skb, type, d.address, null);
      d.parseHeader(skb);
      const { protocol, packetType } = skb;
      stack.consume(skb);
      return [protocol, packetType];
    };
    expect(typeOf([0xaa, 0xaa, 3], 3)).toEqual([ETH_P_802_2, PACKET_HOST]);
    expect(typeOf([0xff, 0xff, 3], 3)).toEqual([ETH_P_802_3, PACKET_HOST]);
    expect(typeOf([], 0)).toEqual([ETH_P_802_2, PACKET_HOST]);
    expect(typeOf([1], 0x600)).toEqual([0x600, PACKET_HOST]);
    expect(initial.dead).toBe(false);
  });

  test('random addresses are local, for one station, and the seed’s', () => {
    const make = (seed: number) => addLink(deviceStack(seed).stack, 'dummy', 'd').address;
    for (let seed = 0; seed < 50; seed++) expect(make(seed)[0]! & 3).toBe(2);
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });
});

describe('a pair at its beginning and end', () => {
  test('is told of without the other side: first the peer alone, at last each by itself', () => {
    const { stack, initial } = deviceStack();
    const links: string[] = [];
    initial.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'change' || type === 'unlisted') links.push(`${type} ${device.name} ${device.iflink}`);
    });
    const [v0] = addVeth(stack, 'v0', 'v1');
    deleteLinks([v0]);
    expect(links).toEqual(['change v1 0', 'change v0 2', 'unlisted v0 0', 'unlisted v1 0']);
  });
});

test('a bridge takes as one packet what all of its ports take', async () => {
  const { createInstance } = await import('../../../src/library/index.js');
  const instance = await createInstance();
  const most = async () => /tso_max_size (\d+)/.exec((await instance.sh('ip -d link show br0')).stdout)?.[1];
  await instance.sh('ip link add br0 type bridge; ip link add v0 type veth peer name v1; ip link add d0 type dummy');
  expect(await most()).toBe('65536');
  await instance.sh('ip link set v0 master br0');
  expect(await most()).toBe('524280');
  await instance.sh('ip link set d0 master br0');
  expect(await most()).toBe('65536');
  await instance.sh('ip link set d0 nomaster');
  expect(await most()).toBe('524280');
  instance.close();
});
