import { SeededRandom } from '../../../src/base/random.js';
import { type Faults, FaultyPort, injectFaults, noFaults, parseFaults } from '../../../src/drivers/faults.js';
import { plugNic } from '../../../src/drivers/nic.js';
import { DropReason } from '../../../src/net/core/drop-reason.js';
import type { FramePort, FrameReceiver } from '../../../src/net/core/frame-port.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { addVeth, deviceStack, down, PROTOCOL, receiveAll, refusal, send, up } from './fixture.js';

/** The first bytes of what arrives of a thousand numbered frames, and how many were dropped. */
function arrivals(faults: Partial<Faults>, seed = 5) {
  const { stack, run } = deviceStack();
  const received = receiveAll(stack);
  const [v0, v1] = addVeth(stack, 'v0', 'v1');
  up(v0, v1);
  injectFaults(v0, { ...noFaults, ...faults }, new SeededRandom(seed));
  for (let i = 0; i < 1000; i++) {
    send(v0, [i >>> 8, i & 0xff, 0, 0]);
    run(0.5);
  }
  run(5000);
  expect(stack.pool.inUse).toBe(0);
  return {
    numbers: received.map(({ payload }) => (payload[0]! << 8) | payload[1]!),
    bits: received.map(({ payload }) => payload.slice(2)),
    lost: stack.drops[DropReason.FAULT_INJECTED]!,
  };
}

const inOrder = Array.from({ length: 1000 }, (_, i) => i);

test('without faults everything arrives in order', () => {
  expect(arrivals({}).numbers).toEqual(inOrder);
});

test('loss takes about its share, the same for the same seed', () => {
  const { numbers, lost } = arrivals({ loss: 0.1 });
  expect(numbers.length + lost).toBe(1000);
  expect(lost).toBeGreaterThan(60);
  expect(lost).toBeLessThan(140);
  expect(arrivals({ loss: 0.1 }).numbers).toEqual(numbers);
  expect(arrivals({ loss: 0.1 }, 6).numbers).not.toEqual(numbers);
});

test('duplicates come twice', () => {
  const { numbers } = arrivals({ duplicate: 0.1 });
  expect(new Set(numbers)).toEqual(new Set(inOrder));
  expect(numbers.length).toBeGreaterThan(1060);
});

test('reordered frames are overtaken, and none is lost', () => {
  const { numbers } = arrivals({ reorder: 0.1, reorderUs: 2000 });
  expect(numbers).not.toEqual(inOrder);
  expect([...numbers].sort((a, b) => a - b)).toEqual(inOrder);
});

test('corruption turns one bit', () => {
  const { numbers, bits } = arrivals({ corrupt: 1 });
  const ones = (byte: number) => byte.toString(2).replaceAll('0', '').length;
  numbers.forEach((number, i) => {
    const wrong = ones(number ^ i) + bits[i]!.reduce((sum, byte) => sum + ones(byte), 0);
    expect(wrong).toBe(1);
  });
});

test('corruption leaves a duplicate alone', () => {
  const { numbers, bits } = arrivals({ corrupt: 1, duplicate: 1 });
  const intact = numbers.filter((number, i) => number === i >>> 1 && bits[i]!.every((byte) => byte === 0));
  expect(intact).toHaveLength(1000);
});

test('delay shifts all by the same time', () => {
  const { stack, clock, run } = deviceStack();
  const times: number[] = [];
  receiveAll(stack, () => times.push(clock.monotonicUs()));
  const [v0, v1] = addVeth(stack, 'v0', 'v1');
  up(v0, v1);
  const undo = injectFaults(v0, parseFaults('delay=10ms'));
  for (let i = 0; i < 3; i++) {
    send(v0, [i]);
    run(1);
  }
  run(20);
  expect(times).toEqual([10_000, 11_000, 12_000]);
  send(v0, [1]);
  undo();
  expect(stack.pool.inUse).toBe(0);
  send(v0, [1]);
  run();
  expect(times).toHaveLength(4);
});

describe('the words of faults', () => {
  test('are probabilities and times', () => {
    expect(parseFaults('loss=1%,corrupt=0.001,duplicate=100%,reorder=2.5%,gap=3ms,delay=500us')).toEqual({
      loss: 0.01,
      corrupt: 0.001,
      duplicate: 1,
      reorder: 0.025,
      reorderUs: 3000,
      delayUs: 500,
    });
  });

  test('are refused by name', () => {
    expect(refusal(() => parseFaults('los=1%'))).toContain('"los=1%" is none of loss=P');
    expect(refusal(() => parseFaults('loss=101%'))).toBe('EINVAL: "loss=101%": a probability is 0% to 100%');
    expect(refusal(() => parseFaults('loss=-1'))).toBe('EINVAL: "loss=-1": a probability is 0% to 100%');
    expect(refusal(() => parseFaults('delay=5'))).toBe('EINVAL: "delay=5": a time is a number and us, ms or s');
    expect(refusal(() => parseFaults(''))).toContain('"" is none of');
  });
});

/** A wire whose far end is the test. */
class TestPort implements FramePort {
  readonly offloads = 0;
  receiver: FrameReceiver | null = null;
  readonly sent: number[] = [];
  full = false;
  closed = false;
  constructor(readonly consume: (skb: PacketBuffer) => void) {}
  send(skb: PacketBuffer): boolean {
    if (this.full) return false;
    this.sent.push(skb.length);
    this.consume(skb);
    return true;
  }
  close(): void {
    this.closed = true;
  }
}

describe('a NIC', () => {
  const address = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

  function nic(faults?: Faults) {
    const { stack, run } = deviceStack();
    const port = new TestPort((skb) => stack.consume(skb));
    const outer = faults === undefined ? port : new FaultyPort(stack, port, faults);
    const device = plugNic(stack, 'eth0', address, outer);
    const arrive = (bytes: number) => {
      const skb = stack.pool.allocate(bytes)!;
      skb.put(bytes);
      skb.bytes.fill(0xff, skb.data, skb.data + Math.min(6, bytes));
      if (bytes >= 14) skb.view.setUint16(skb.data + 12, PROTOCOL);
      port.receiver!.frameReceived(skb);
      run();
    };
    return { stack, run, port, outer, device, arrive, received: receiveAll(stack) };
  }

  test('sends into its port; what finds that full waits in the ring, and goes with the link', () => {
    const { stack, port, device } = nic();
    up(device);
    send(device, new Uint8Array(50));
    port.full = true;
    send(device, new Uint8Array(50));
    expect(port.sent).toEqual([64]);
    expect([device.statistics.txPackets, device.statistics.txBytes, device.statistics.txDropped]).toEqual([1, 64, 0]);
    down(device);
    expect([device.statistics.txPackets, device.statistics.txDropped]).toEqual([1, 1]);
    expect(stack.pool.inUse).toBe(0);
  });

  test('receives from its port when it is up; short frames are errors', () => {
    const { stack, device, arrive, received } = nic();
    arrive(60);
    up(device);
    arrive(60);
    arrive(13);
    expect(received.map(({ payload }) => payload.length)).toEqual([46]);
    const { rxPackets, rxBytes, rxDropped, rxLengthErrors, multicast } = device.statistics;
    expect([rxPackets, rxBytes, rxDropped, rxLengthErrors, multicast]).toEqual([1, 60, 1, 1, 1]);
    expect(stack.pool.inUse).toBe(0);
  });

  test('over a bad wire meets faults both ways', () => {
    const { stack, device, arrive, received, port, outer } = nic({ ...noFaults, loss: 1 });
    up(device);
    arrive(60);
    send(device, [1]);
    expect([received.length, port.sent.length, stack.drops[DropReason.FAULT_INJECTED]]).toEqual([0, 0, 2]);
    outer.close();
    expect(port.closed).toBe(true);
  });

  test('is refused an address that is no station’s', () => {
    const { stack } = deviceStack();
    expect(refusal(() => plugNic(stack, 'eth0', new Uint8Array(6), new TestPort(() => undefined)))).toBe('EADDRNOTAVAIL');
    expect(refusal(() => plugNic(stack, 'lo', address, new TestPort(() => undefined)))).toBe('EEXIST');
  });
});
