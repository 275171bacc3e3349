import { ARPOP_REPLY, ARPOP_REQUEST } from '../../../../src/wire/arp.js';
import { closeDevice, openDevice, setAddress } from '../../../../src/net/core/device-state.js';
import { DropReason } from '../../../../src/net/core/drop-reason.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE } from '../../../../src/net/core/neighbour.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import {
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../../../src/netlink/rtnl/constants.js';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.js';
import { ip4, RoutedWorld } from '../routed-world.js';

const A = '10.0.0.1';
const B = '10.0.0.2';

/** Two hosts on a cable. */
function setup() {
  const world = new RoutedWorld();
  const left = world.namespace();
  const right = world.namespace();
  const [a, b] = world.cable(left, right);
  world.addAddress(a, `${A}/24`);
  world.addAddress(b, `${B}/24`);
  const arpA = ipv4Routes(left).arp;
  const arpB = ipv4Routes(right).arp;
  /** ARP packets as they leave `device`. */
  const watch = (device: NetDevice) => {
    const seen: string[] = [];
    device.taps.push((skb, _device, outgoing) => {
      if (!outgoing || skb.view.getUint16(skb.data + 12) !== 0x0806) return;
      const at = skb.data + 14;
      const operation = skb.view.getUint16(at + 6) === ARPOP_REQUEST ? 'who has' : 'is at';
      const to = skb.bytes[skb.data] === 0xff ? 'all' : 'one';
      seen.push(`${operation} ${formatIpv4(skb.view.getUint32(at + (operation === 'is at' ? 14 : 24)))} to ${to}`);
    });
    return seen;
  };
  const send = (destination: string) => {
    const routes = ipv4Routes(left);
    const skb = world.packet(ip4(A), ip4(destination));
    return arpA.obtain(a, ip4(destination))!.output(skb) + (routes === undefined ? 1 : 0);
  };
  /** An ARP packet comes in by `device`. */
  const hear = (device: NetDevice, operation: number, mac: number, sender: string, target: string, options: { to?: 'us' | 'all' } = {}) => {
    const skb = world.stack.pool.allocate(28)!;
    const at = skb.put(28);
    skb.bytes.fill(0, at, at + 28);
    skb.view.setUint32(at, 0x0001_0800);
    skb.view.setUint32(at + 4, 0x0604_0000 | operation);
    skb.bytes.set([2, 0, 0, 0, 0, mac], at + 8);
    skb.view.setUint32(at + 14, ip4(sender));
    skb.bytes.set(operation === ARPOP_REPLY ? device.address : new Uint8Array(6), at + 18);
    skb.view.setUint32(at + 24, ip4(target));
    skb.device = device;
    skb.protocol = 0x0806;
    skb.packetType = options.to === 'all' ? 1 : 0;
    world.stack.enqueue(skb);
    world.settle();
  };
  const stateOf = (device: NetDevice, text: string) => ipv4Routes(device.namespace).arp.lookup(device, ip4(text))?.state;
  return { world, left, right, a, b, arpA, arpB, watch, send, hear, stateOf };
}

describe('an unknown neighbour', () => {
  test('is asked for, packets wait, and go when it answers', () => {
    const { world, a, b, arpA, watch, send, stateOf } = setup();
    const asked = watch(a);
    const answered = watch(b);
    let arrived = 0;
    b.taps.push((skb, _device, outgoing) => {
      if (!outgoing && skb.protocol === 0x0800) arrived++;
    });
    expect(send(B)).toBe(0);
    expect(send(B)).toBe(0);
    expect(stateOf(a, B)).toBe(NUD_INCOMPLETE);
    world.settle();
    expect(asked).toEqual(['who has 10.0.0.2 to all']);
    expect(answered).toEqual(['is at 10.0.0.2 to one']);
    expect(stateOf(a, B)).toBe(NUD_REACHABLE);
    expect(arpA.lookup(a, ip4(B))!.address).toEqual(b.address);
    // Who asked is known to who answered, unproved.
    expect(stateOf(b, A)).toBe(NUD_STALE);
    expect(arrived).toBe(2);
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('that does not answer is asked three times, a second apart, and its packets are given up', () => {
    const { world, left, a, watch, send, stateOf } = setup();
    const asked = watch(a);
    const events: number[] = [];
    ipv4Routes(left).arp.events.subscribe(({ neighbour }) => events.push(neighbour.state));
    for (let i = 0; i < 5; i++) send('10.0.0.77');
    world.advanceMs(2900);
    expect(asked).toHaveLength(3);
    expect(stateOf(a, '10.0.0.77')).toBe(NUD_INCOMPLETE);
    world.advanceMs(200);
    expect(stateOf(a, '10.0.0.77')).toBe(NUD_FAILED);
    expect(events).toEqual([NUD_FAILED]);
    expect(world.drops.filter((reason) => reason === DropReason.NEIGH_FAILED)).toHaveLength(5);
    expect(world.stack.pool.inUse).toBe(0);
    send('10.0.0.77');
    expect(stateOf(a, '10.0.0.77')).toBe(NUD_INCOMPLETE);
    expect(asked).toHaveLength(4);
  });

  test('keeps no more packets than fit, the oldest go first', () => {
    const { world, a, send } = setup();
    a.ipv4!.arpParameters.set('queueLenBytes', 3 * 2048);
    for (let i = 0; i < 10; i++) send('10.0.0.77');
    expect(world.stack.pool.inUse - 1).toBeLessThanOrEqual(3);
    expect(world.drops.filter((reason) => reason === DropReason.NEIGH_QUEUEFULL)).toHaveLength(7);
  });
});

describe('a known neighbour', () => {
  test('grows stale unless somebody confirms it, is trusted for a while, then asked alone, then all are', () => {
    const { world, a, b, arpA, watch, send, stateOf } = setup();
    send(B);
    world.settle();
    const entry = arpA.lookup(a, ip4(B))!;
    for (let i = 0; i < 12; i++) {
      world.advanceMs(10_000);
      entry.confirm();
    }
    expect(entry.state).toBe(NUD_REACHABLE);
    world.advanceMs(60_000);
    expect(entry.state).toBe(NUD_STALE);
    const asked = watch(a);
    send(B);
    expect(entry.state).toBe(NUD_DELAY);
    world.advanceMs(4900);
    expect(asked).toEqual([]);
    world.advanceMs(200);
    expect(asked).toEqual(['who has 10.0.0.2 to one']);
    expect(entry.state).toBe(NUD_REACHABLE);
    // Now it is gone.
    world.advanceMs(60_000);
    closeDevice(b);
    openDevice(b);
    b.ipv4!.config.arpIgnore = 8;
    asked.length = 0;
    entry.update(b.address, NUD_STALE, NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE);
    send(B);
    world.advanceMs(5100);
    expect(stateOf(a, B)).toBe(NUD_PROBE);
    world.advanceMs(3100);
    expect(entry.state).toBe(NUD_FAILED);
    expect(asked).toEqual(new Array(3).fill('who has 10.0.0.2 to one'));
  });

  test('moves to another address by a later answer, not by one within the locktime', () => {
    const { world, a, arpA, hear, send } = setup();
    send(B);
    world.settle();
    const mac = () => arpA.lookup(a, ip4(B))!.address[5];
    const first = mac();
    hear(a, ARPOP_REPLY, 0x99, B, A);
    expect(mac()).toBe(first);
    world.advanceMs(1100);
    hear(a, ARPOP_REPLY, 0x99, B, A);
    expect(mac()).toBe(0x99);
    // RFC 5227 3: a gratuitous one counts at once, but proves nothing.
    hear(a, ARPOP_REQUEST, 0x98, B, B, { to: 'all' });
    expect(mac()).toBe(0x98);
    expect(arpA.lookup(a, ip4(B))!.state).toBe(NUD_STALE);
  });

  test('that is permanent is not moved by the net, and stays when the carrier goes', () => {
    const { world, a, b, arpA, hear } = setup();
    const entry = arpA.create(a, true, ip4(B));
    expect(() => entry.update(null, NUD_PERMANENT, NEIGH_UPDATE_F_ADMIN)).toThrow('No link layer address given');
    entry.update(Uint8Array.of(2, 0, 0, 0, 0, 7), NUD_PERMANENT, NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE);
    world.advanceMs(5000);
    hear(a, ARPOP_REPLY, 0x99, B, A);
    expect(entry.address[5]).toBe(7);
    arpA.create(a, false, ip4('10.0.0.9')).update(Uint8Array.of(2, 0, 0, 0, 0, 9), NUD_REACHABLE, NEIGH_UPDATE_F_ADMIN);
    closeDevice(b);
    world.settle();
    expect(arpA.entries()).toEqual([entry]);
    closeDevice(a);
    expect(arpA.size).toBe(0);
    expect(entry.dead).toBe(true);
  });

  test('goes when the device gets another address', () => {
    const { world, a, arpA, send } = setup();
    send(B);
    world.settle();
    expect(arpA.size).toBe(1);
    setAddress(a, Uint8Array.of(2, 0, 0, 0, 0, 5));
    expect(arpA.size).toBe(0);
  });
});

describe('a question', () => {
  test('is answered for own addresses only, also where nobody asks by name (RFC 5227)', () => {
    const { a, watch, hear, arpA } = setup();
    const said = watch(a);
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '10.0.0.3', { to: 'all' });
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '127.0.0.1', { to: 'all' });
    expect(said).toEqual([]);
    hear(a, ARPOP_REQUEST, 9, '0.0.0.0', A, { to: 'all' });
    expect(said).toEqual(['is at 10.0.0.1 to one']);
    expect(arpA.size).toBe(0);
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', A, { to: 'all' });
    expect(said).toHaveLength(2);
    expect(arpA.lookup(a, ip4('10.0.0.9'))!.state).toBe(NUD_STALE);
  });

  test('about an address of another device is answered as arp_ignore has it', () => {
    const { world, left, a, watch, hear } = setup();
    const other = world.sink(left, 'other');
    openDevice(other);
    world.addAddress(other, '10.9.0.1/24');
    const said = watch(a);
    const ask = (ignore: number, target: string, sender = '10.0.0.9') => {
      said.length = 0;
      a.ipv4!.config.arpIgnore = ignore;
      hear(a, ARPOP_REQUEST, 9, sender, target, { to: 'all' });
      return said.length;
    };
    expect([ask(0, '10.9.0.1'), ask(1, '10.9.0.1'), ask(1, A), ask(2, A), ask(8, A)]).toEqual([1, 0, 1, 1, 0]);
    expect(ask(2, A, '10.9.0.9')).toBe(0);
  });

  test('is answered for others by proxy_arp, after a random delay where it was to all', () => {
    const { world, left, a, watch, hear } = setup();
    const other = world.sink(left, 'other');
    openDevice(other);
    world.addAddress(other, '10.9.0.1/24');
    const said = watch(a);
    a.ipv4!.config.forwarding = 1;
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '10.9.0.7', { to: 'all' });
    world.advanceMs(900);
    expect(said).toEqual([]);
    a.ipv4!.config.proxyArp = 1;
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '10.9.0.7', { to: 'all' });
    world.advanceMs(900);
    expect(said).toEqual(['is at 10.9.0.7 to one']);
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '10.0.0.7');
    expect(said).toHaveLength(1);
    a.ipv4!.config.proxyArp = 0;
    ipv4Routes(left).arp.proxies.add(a, 0, 0, ip4('10.9.0.8'));
    hear(a, ARPOP_REQUEST, 9, '10.0.0.9', '10.9.0.8');
    expect(said.at(-1)).toBe('is at 10.9.0.8 to one');
    expect(world.stack.pool.inUse).toBe(0);
  });
});

describe('a table of neighbours', () => {
  test('needs no question for groups, broadcast and links without ARP', () => {
    const { world, left, a, arpA } = setup();
    const group = arpA.obtain(a, ip4('224.1.2.3'))!;
    expect([group.state, [...group.address]]).toEqual([NUD_NOARP, [1, 0, 0x5e, 1, 2, 3]]);
    expect([...arpA.obtain(a, ip4('10.0.0.255'))!.address]).toEqual(new Array(6).fill(255));
    const sink = world.sink(left, 'sink');
    openDevice(sink);
    world.addAddress(sink, '10.8.0.1/24');
    const entry = arpA.obtain(sink, ip4('10.8.0.2'))!;
    entry.output(world.packet(ip4('10.8.0.1'), ip4('10.8.0.2')));
    entry.output(world.packet(ip4('10.8.0.1'), ip4('10.8.0.2')));
    expect(sink.sent).toHaveLength(2);
    expect(sink.sent[0]).toEqual(sink.sent[1]);
    expect([...sink.sent[1]!.slice(12, 16)]).toEqual([8, 0, 0x45, 0]);
  });

  test('holds no more than gc_thresh3, and lets go of what is old or failed', () => {
    const { world, a, arpA } = setup();
    arpA.shared.gcThresh1 = 4;
    arpA.shared.gcThresh2 = 8;
    arpA.shared.gcThresh3 = 16;
    const base = ip4('10.0.0.100');
    for (let i = 0; i < 40; i++) arpA.obtain(a, base + i)?.update(Uint8Array.of(2, 0, 0, 0, 1, i), NUD_STALE, NEIGH_UPDATE_F_ADMIN);
    expect(arpA.size).toBe(16);
    expect(arpA.statistics.tableFulls).toBe(24);
    world.advanceMs(6000);
    expect(arpA.obtain(a, base + 39)).not.toBeNull();
    expect(arpA.size).toBe(9);
    world.advanceMs(100_000);
    expect(arpA.size).toBeLessThan(4);
  });
});
