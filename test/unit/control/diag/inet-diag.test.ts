import { once } from 'node:events';
import { ENOENT, EPERM } from '../../../../src/base/errno.js';
import type { NetlinkClient } from '../../../../src/client/netlink-client.js';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { SOCK_DGRAM, SOCK_RAW, StackSocket } from '../../../../src/client/sockets.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { AF_INET6, AF_UNIX } from '../../../../src/netlink/constants.js';
import { inetDiagMessage, inetDiagRequest } from '../../../../src/netlink/diag/inet.js';
import { SKNLGRP_INET_TCP_DESTROY, SOCK_DESTROY, SOCK_DIAG_BY_FAMILY } from '../../../../src/netlink/diag/sock-diag.js';
import type { Server, Socket } from '../../../../src/library/net.js';
import { ALL_STATES, inetSockets, openDiag, RAW, UDP } from './diag-fixture.js';

const LOOPBACK = 0x7f00_0001;
const LISTEN = 10;
const ESTABLISHED = 1;
const CLOSE = 7;
const only = (state: number) => 1 << state;

let instance: TapstackInstance;
let diag: NetlinkClient;

beforeEach(async () => {
  instance = await createInstance();
  diag = await openDiag(instance.transport());
});
afterEach(() => {
  diag.close();
  instance.close();
});

async function listening(port: number, host: string, errors: string[] = []): Promise<Server> {
  const accept = (socket: Socket) => socket.on('error', (error: NodeJS.ErrnoException) => errors.push(`there ${error.code}`));
  const server = instance.net.createServer(accept).listen(port, host);
  await instance.time.awaiting(once(server, 'listening'));
  return server;
}

async function connected(port: number): Promise<Socket> {
  const socket = instance.net.connect(port, '127.0.0.1');
  await instance.time.awaiting(once(socket, 'connect'));
  return socket;
}

test('a listener is listed with its backlog, and a connection by both of its ends', async () => {
  await listening(8080, '127.0.0.1');
  await connected(8080);
  const listeners = await inetSockets(diag, { states: only(LISTEN) });
  expect(listeners.map(({ header }) => [header.src0, header.sport, header.dport, header.rqueue, header.wqueue])).toEqual([
    [LOOPBACK, 8080, 0, 0, 511],
  ]);
  const ends = await inetSockets(diag, { states: only(ESTABLISHED) });
  expect(ends).toHaveLength(2);
  const [client, server] = ends.map(({ header }) => header);
  expect(client).toMatchObject({ src0: LOOPBACK, dst0: LOOPBACK, dport: 8080, state: ESTABLISHED });
  expect(server).toMatchObject({ sport: 8080, dport: client!.sport });
  expect(client!.cookie0).not.toBe(server!.cookie0);
});

test('extensions come when they are asked for, and no others', async () => {
  await listening(8080, '127.0.0.1');
  const [plain] = await inetSockets(diag, {});
  expect(plain!.attributes).toMatchObject({ shutdown: 0, mark: 0, cgroupId: 1 });
  for (const key of ['info', 'cong', 'tos', 'meminfo', 'skmeminfo', 'skv6only']) expect(plain!.attributes).not.toHaveProperty(key);
  const [full] = await inetSockets(diag, { ext: 0xff });
  expect(full!.attributes).toMatchObject({ tos: 0, cong: 'cubic', meminfo: { rmem: 0 }, skmeminfo: { rcvbuf: 131_072, sndbuf: 16_384 } });
  expect(full!.attributes.info!.length).toBe(232);
});

test('who may not administer the network is not told of marks', async () => {
  await listening(8080, '127.0.0.1');
  const plain = await openDiag(instance.transport(undefined, { uid: 1000, gid: 1000, pid: 7, netAdmin: false }));
  const [listener] = await inetSockets(plain, {});
  expect(listener!.attributes.mark).toBeUndefined();
  plain.close();
});

test('sockets of UDP and raw ones have no state but connected or not', async () => {
  const calls = await SocketCalls.open(instance.transport());
  const bound = await StackSocket.open(calls, SOCK_DGRAM);
  await bound.bind({ address: new Uint8Array(4), port: 5353 });
  const talking = await StackSocket.open(calls, SOCK_DGRAM);
  await talking.connect({ address: Uint8Array.of(127, 0, 0, 1), port: 5353 });
  await talking.send(Uint8Array.of(1, 2, 3));
  await StackSocket.open(calls, SOCK_RAW, 1);
  await instance.clock.advance(1);
  const datagrams = await inetSockets(diag, { protocol: UDP });
  expect(datagrams.map(({ header }) => [header.sport, header.dport, header.state, header.rqueue])).toEqual([
    [5353, 0, CLOSE, 768],
    [expect.any(Number), 5353, ESTABLISHED, 0],
  ]);
  const [raw] = await inetSockets(diag, { protocol: RAW });
  expect(raw).toMatchObject({ header: { sport: 1, state: CLOSE }, attributes: { protocol: 1 } });
  calls.close();
});

test('a listener of IPv6 says whether it is for IPv6 alone', async () => {
  await listening(9090, '::');
  const [listener] = await inetSockets(diag, { family: AF_INET6 });
  expect(listener).toMatchObject({ header: { sport: 9090, src0: 0, src3: 0 }, attributes: { skv6only: 0 } });
  expect(await inetSockets(diag, {})).toEqual([]);
});

test('an unknown family and an unknown protocol are ENOENT', async () => {
  await expect(inetSockets(diag, { family: AF_UNIX + 20 })).rejects.toMatchObject({ errno: ENOENT });
  await expect(inetSockets(diag, { protocol: 132 })).rejects.toMatchObject({ errno: ENOENT });
});

test('one connection is got by its names and its cookie; with a stale cookie there is none', async () => {
  await listening(8080, '127.0.0.1');
  await connected(8080);
  const [client] = await inetSockets(diag, { states: only(ESTABLISHED), dport: 8080 });
  const ask = (header: object) =>
    diag.get(inetDiagRequest, { type: SOCK_DIAG_BY_FAMILY, header: { ...client!.header, protocol: 6, ...header } });
  const answer = await ask({});
  expect(inetDiagMessage.readHeader(answer!).inode).toBe(client!.header.inode);
  await expect(ask({ cookie0: client!.header.cookie0 + 1 })).rejects.toMatchObject({ errno: ENOENT });
});

test('SOCK_DESTROY ends a connection with ECONNABORTED here and a reset there, and members of the group are told', async () => {
  const errors: string[] = [];
  await listening(8080, '127.0.0.1', errors);
  const socket = await connected(8080);
  socket.on('error', (error: NodeJS.ErrnoException) => errors.push(`here ${error.code}`));
  const [client] = await inetSockets(diag, { states: only(ESTABLISHED), dport: 8080 });
  const events = await openDiag(instance.transport());
  await events.subscribe([SKNLGRP_INET_TCP_DESTROY]);
  const destroy = (from: NetlinkClient) =>
    from.request(inetDiagRequest, { type: SOCK_DESTROY, header: { ...client!.header, protocol: 6, states: ALL_STATES } });
  const stranger = await openDiag(instance.transport(undefined, { uid: 1000, gid: 1000, pid: 7, netAdmin: false }));
  await expect(destroy(stranger)).rejects.toMatchObject({ errno: EPERM });
  await destroy(diag);
  await instance.clock.advance(10);
  expect(errors.sort()).toEqual(['here ECONNABORTED', 'there ECONNRESET']);
  expect(await inetSockets(diag, { states: only(ESTABLISHED) })).toEqual([]);
  for await (const message of events.notifications(new AbortController().signal)) {
    const { header, attributes } = inetDiagMessage.parse(message);
    expect([header.state, attributes.protocol]).toEqual([CLOSE, 6]);
    break;
  }
  events.close();
  stranger.close();
});
