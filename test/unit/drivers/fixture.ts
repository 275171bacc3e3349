import { VirtualClock } from '../../../src/base/clock.js';
import { NetError } from '../../../src/base/net-error.js';
import { SeededRandom } from '../../../src/base/random.js';
import { loopbackModule } from '../../../src/drivers/loopback.js';
import { linkKinds } from '../../../src/drivers/registry.js';
import type { NetDevice } from '../../../src/net/core/device.js';
import type { DeviceEvent } from '../../../src/net/core/device-event.js';
import { changeFlags } from '../../../src/net/core/device-state.js';
import type { Namespace } from '../../../src/net/core/namespace.js';
import { newLink } from '../../../src/net/core/new-link.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { netifReceive } from '../../../src/net/core/receive.js';
import { Stack } from '../../../src/net/core/stack.js';
import { devQueueXmit } from '../../../src/net/core/transmit.js';
import { IFF_UP } from '../../../src/netlink/rtnl/constants.js';
import type { LinkAttributes, LinkHeader } from '../../../src/netlink/rtnl/link/link.js';

export const PROTOCOL = 0x88b5; // IEEE 802 local experimental

/** A stack of devices and nothing above them, in virtual time. */
export function deviceStack(seed = 1) {
  const clock = new VirtualClock();
  const stack = new Stack({ clock, random: new SeededRandom(seed), modules: [loopbackModule], linkKinds, debugPool: true }, netifReceive);
  return {
    stack,
    clock,
    initial: stack.initial,
    /** What is due now, and after `ms`. */
    run(ms = 0): void {
      const target = clock.monotonicUs() + ms * 1000;
      for (;;) {
        while (stack.poll());
        const next = stack.nextDeadlineUs();
        if (next > target) break;
        clock.moveTo(next);
      }
      clock.moveTo(target);
      while (stack.poll());
    },
  };
}

export interface LinkOptions extends LinkAttributes {
  readonly in?: Namespace;
  readonly header?: Partial<LinkHeader>;
  readonly peer?: LinkAttributes;
}

export function addLink(stack: Stack, kind: string, name: string, options: LinkOptions = {}): NetDevice {
  const { in: namespace = stack.initial, header = {}, peer, ...attributes } = options;
  return newLink(
    stack.linkKinds.get(kind)!,
    {
      stack,
      namespace,
      name,
      lower: null,
      data: kind === 'veth' ? { peer: { header: {}, attributes: peer ?? {} } } : {},
      address: attributes.address ?? null,
      mtu: attributes.mtu ?? null,
    },
    header,
    attributes,
  );
}

export function addVeth(stack: Stack, name: string, peerName: string, options: LinkOptions = {}): [NetDevice, NetDevice] {
  const device = addLink(stack, 'veth', name, { ...options, peer: { ...options.peer, ifname: peerName } });
  return [device, device.link!];
}

export const up = (...devices: readonly NetDevice[]) => {
  for (const device of devices) changeFlags(device, device.flags | IFF_UP);
};
export const down = (...devices: readonly NetDevice[]) => {
  for (const device of devices) changeFlags(device, device.flags & ~IFF_UP);
};

/** A frame of `bytes` behind the header, sent by `device`. */
export function send(device: NetDevice, bytes: readonly number[] | Uint8Array, to: Uint8Array | null = null): void {
  const { pool } = device.stack;
  const skb = pool.allocate(bytes.length)!;
  skb.bytes.set(bytes, skb.put(bytes.length));
  skb.device = device;
  device.createHeader(skb, PROTOCOL, to, null);
  devQueueXmit(skb);
}

export interface Received {
  readonly device: string;
  readonly payload: number[];
  readonly packetType: number;
}

/** All that reaches the protocol of send(), in order. */
export function receiveAll(stack: Stack, keep: (skb: PacketBuffer) => void = () => undefined): Received[] {
  const received: Received[] = [];
  stack.packetTypes.set(PROTOCOL, (skb, device) => {
    keep(skb);
    received.push({ device: device.name, payload: [...skb.bytes.subarray(skb.data, skb.tail)], packetType: skb.packetType });
    stack.consume(skb);
  });
  return received;
}

/** What happens in a namespace from now on: "type device". */
export function eventsOf(namespace: Namespace): string[] {
  const events: string[] = [];
  namespace.deviceEvents.subscribe((event: DeviceEvent) => {
    const detail =
      event.type === 'change' ? ` ${(event.flags >>> 0).toString(16)}` : event.type === 'rename' ? ` from ${event.oldName}` : '';
    events.push(`${event.type} ${event.device.name}${detail}`);
  });
  return events;
}

/** "CODE" or "CODE: text" of the NetError that `work` throws. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return error.extack === undefined ? error.code : `${error.code}: ${error.extack}`;
  }
  return 'accepted';
}

/** Tables of all namespaces agree with each other and with the devices in them. */
export function checkTables(stack: Stack): void {
  for (const namespace of stack.namespaces.values()) {
    const names = new Map<string, NetDevice>();
    for (const [ifindex, device] of namespace.devicesByIndex) {
      expect(device.ifindex).toBe(ifindex);
      expect(device.namespace).toBe(namespace);
      expect(device.registered).toBe(true);
      for (const name of [device.name, ...device.altNames]) {
        expect(names.has(name)).toBe(false);
        names.set(name, device);
      }
      if (device.link !== null) {
        expect(device.link.registered).toBe(true);
        expect(device.link.link).toBe(device);
        expect(device.carrier).toBe(device.up && device.link.up);
      }
    }
    expect(namespace.devicesByName).toEqual(names);
  }
}
