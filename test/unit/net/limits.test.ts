import { PAGE } from '../../../src/net/core/protocol-memory.js';
import { ENOBUFS, ENOMEM } from '../../../src/base/errno.js';
import { Flow } from '../../../src/net/core/flow.js';
import { withControl } from '../../../src/net/core/send-control.js';
import { ReceiveInfo, SocketAddress } from '../../../src/net/core/socket.js';
import { PeerTable } from '../../../src/net/ipv4/peers.js';
import { priorityOfTos } from '../../../src/net/ipv4/tos-priority.js';
import { Unix } from '../../../src/net/unix/unix.js';
import { ip6, routed, World6 } from './ipv6/world.js';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const at = (text: string, port: number): SocketAddress => Object.assign(new SocketAddress(), { family: 10, words: ip6(text), port });

function receiver() {
  const world = new World6();
  const namespace = world.namespace();
  const [to, from] = [namespace.udp.createSocket(0, true, 10), namespace.udp.createSocket(0, true, 10)];
  to.bind(at('::1', 5000));
  const send = (bytes = 100) => {
    from.send(new Uint8Array(bytes), 0, bytes, 0, at('::1', 5000));
    world.settle();
  };
  return { world, namespace, to, from, send };
}

test('udp_mem: above the first number a socket keeps what fits udp_rmem_min, above the last none takes anything', () => {
  const { world, namespace, to, from, send } = receiver();
  const { udpMemory, memoryReserve } = world.stack;
  memoryReserve.pages = 1;
  udpMemory.limits[0] = 0;
  for (let i = 0; i < 20; i++) send();
  const kept = to.receiveMemory;
  expect(kept).toBeGreaterThanOrEqual(4096);
  expect(kept).toBeLessThanOrEqual(2 * PAGE);
  const { memErrors, inErrors, rcvbufErrors } = namespace.ipv6.udpStats;
  expect([memErrors > 0, memErrors === inErrors, rcvbufErrors]).toEqual([true, true, 0]);
  expect(world.drops).toContain('PROTO_MEM');
  expect(udpMemory.allocated * PAGE).toBe(kept + to.forwardAlloc);
  to.receive(new Uint8Array(200), 0, 200, 0, new ReceiveInfo());
  expect(to.waitingMemory).toBeLessThan(kept);
  udpMemory.limits[2] = 0;
  send();
  expect(to.receiveMemory).toBe(kept);
  to.close();
  from.close();
  expect(udpMemory.allocated).toBe(0);
});

test('optmem_max bounds the control messages of a send, and filters', () => {
  const { world, from } = receiver();
  const send = (bytes: number) => withControl(from, new DataView(new ArrayBuffer(bytes)), 0, bytes, () => 1);
  expect(send(20_480)).toBe(-ENOBUFS);
  expect(send(20_479)).not.toBe(-ENOBUFS);
  const pass = new Uint8Array(8 * 200);
  for (let i = 0; i < pass.length; i += 8) pass[i] = 6;
  expect(from.setOption(SOL_SOCKET, SO_ATTACH_FILTER, pass)).toBe(0);
  world.stack.settings.optmemMax = 1000;
  expect(from.setOption(SOL_SOCKET, SO_ATTACH_FILTER, pass)).toBe(-ENOMEM);
});

test('peers are forgotten after inet_peer_maxttl, sooner where they are many', () => {
  const clock = { nowUs: 0, settings: { inetPeerThreshold: 100, inetPeerMinttl: 120, inetPeerMaxttl: 600 } };
  const peers = new PeerTable(clock);
  peers.get(1);
  clock.nowUs = 590e6;
  peers.get(2);
  expect(peers.size).toBe(2);
  clock.nowUs = 601e6;
  peers.get(3);
  expect(peers.size).toBe(2);
  for (let i = 10; i < 100; i++) peers.get(i);
  clock.nowUs += 200e6;
  peers.get(200);
  expect(peers.size).toBeLessThan(60);
});

test('max_dgram_qlen: so many datagrams and one more wait in a Unix socket', () => {
  const { namespace } = receiver();
  const unix = new Unix(namespace);
  unix.maxDgramQlen = 2;
  const socket = unix.createSocket(2, 0);
  const name = Object.assign(new SocketAddress(), { family: 1, bytes: Uint8Array.of(0, 65) });
  expect(socket.bind(name)).toBe(0);
  const sender = unix.createSocket(2, 0);
  const results = [1, 2, 3, 4].map(() => sender.send(new Uint8Array(1), 0, 1, 0, name));
  expect(results.map((result) => result > 0)).toEqual([true, true, true, false]);
});

test('ip_forward_update_priority: the priority of a TOS', () => {
  expect([0, 0x08, 0x10, 0x18, 0x1c, 0x03, 0xe0].map(priorityOfTos)).toEqual([0, 2, 6, 4, 4, 0, 0]);
});

describe('net.ipv6.route', () => {
  const learn = (count: number, thresh: number, size: number): number => {
    const { world, left } = routed();
    left.ipv6.settings.routeGcThresh = thresh;
    left.ipv6.settings.routeMaxSize = size;
    left.ipv6.settings.routeMtuExpires = 1;
    const flow = new Flow();
    flow.destination6.set(ip6('2001:db8:1::'));
    for (let i = 1; i <= count; i++) {
      flow.destination6[3] = i;
      left.ipv6.updatePathMtu(flow, 1300);
      world.advanceMs(300);
    }
    return left.ipv6.fib.learned;
  };

  test('max_size: no more is learned of destinations', () => {
    expect(learn(8, 1, 3)).toBeLessThanOrEqual(4);
  });

  test('gc_thresh: above it what has expired goes at once', () => {
    expect(learn(20, 5, 1_000_000)).toBeLessThan(15);
    expect(learn(20, 1000, 1_000_000)).toBe(20);
  });
});
