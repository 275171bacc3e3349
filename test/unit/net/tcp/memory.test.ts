import { POLLOUT } from '../../../../src/net/core/socket.js';
import { PAGE } from '../../../../src/net/core/protocol-memory.js';
import { Kit, pattern, send } from './kit.js';

const into = new Uint8Array(1_000_000);

/** A pair of hosts whose memory is counted page by page, not by the megabyte. */
function kitWith(limits?: readonly [number, number, number]) {
  const kit = new Kit();
  kit.stack.memoryReserve.pages = 1;
  if (limits !== undefined) kit.stack.tcpMemory.limits.splice(0, 3, ...limits);
  return kit;
}

/** Sends until nothing is taken any more; nobody reads. */
function fill(kit: Kit, sk: Parameters<typeof send>[0]): void {
  for (let round = 0; round < 100 && send(sk, pattern(20_000)) > 0; round++) kit.advance(50);
}

test('what waits to be sent or read is charged in pages, and given back when it was read', () => {
  const kit = kitWith();
  const { client, server } = kit.connected();
  const { tcpMemory } = kit.stack;
  expect(tcpMemory.allocated).toBe(0);
  send(client, pattern(10_000));
  expect(tcpMemory.allocated).toBe(Math.ceil(client.sendMemory / PAGE));
  expect(client.sendMemory + client.forwardAlloc).toBe(tcpMemory.allocated * PAGE);
  kit.advance(100);
  expect(client.sendMemory).toBe(0);
  expect(server.receiveMemory + server.forwardAlloc).toBe(tcpMemory.allocated * PAGE);
  expect(server.receive(into, 0, 10_000, 0, null)).toBe(10_000);
  expect([server.receiveMemory, tcpMemory.allocated]).toEqual([0, 0]);
  expect(kit.end()).toBe(0);
  expect(tcpMemory.allocated).toBe(0);
});

test('a stack whose sockets hold more than tcp_mem allows is under pressure: buffers stop growing and nothing goes beyond the last limit', () => {
  const kit = kitWith([20, 30, 60]);
  const { client, server } = kit.connected();
  fill(kit, client);
  expect(kit.stack.tcpMemory.underPressure).toBe(true);
  expect(kit.a.stats.TCPMemoryPressures + kit.b.stats.TCPMemoryPressures).toBe(1);
  // Linux: a socket always gets the least that its settings promise, and a sender what is in its buffer already.
  expect(kit.stack.tcpMemory.allocated).toBeLessThan(80);
  expect(client.poll() & POLLOUT).toBe(0);
  let total = 0;
  for (let round = 0; round < 400; round++) {
    const read = server.receive(into, 0, into.length, 0, null);
    if (read > 0) total += read;
    kit.advance(50);
  }
  // All that was taken arrives, and the pressure ends.
  expect(total).toBe(server.bytesReceived);
  expect(kit.stack.tcpMemory.underPressure).toBe(false);
  expect(kit.a.stats.TCPMemoryPressuresChrono + kit.b.stats.TCPMemoryPressuresChrono).toBeGreaterThan(0);
  expect(kit.end()).toBe(0);
});

test('a connection that nobody holds any more is reset when there is no memory left', () => {
  const kit = kitWith([1, 2, 3]);
  const { client } = kit.connected();
  fill(kit, client);
  client.close();
  expect(kit.a.stats.TCPAbortOnMemory).toBe(1);
  expect(kit.link.seen.at(-1)).toMatchObject({ from: 'a', flags: 'R.' });
});
