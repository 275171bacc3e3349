import {
  EACCES,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EBUSY,
  ECANCELED,
  EINTR,
  EMSGSIZE,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from '../../../../src/base/errno.js';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { MSG_DONTWAIT, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM, StackSocket } from '../../../../src/client/sockets.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { AF_INET, AF_INET6 } from '../../../../src/netlink/constants.js';
import { Command } from '../../../../src/netlink/genl/tapstack.js';

const LO = Uint8Array.of(127, 0, 0, 1);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

let instance: TapstackInstance;
let calls: SocketCalls;
beforeEach(async () => {
  instance = await createInstance();
  calls = await SocketCalls.open(instance.transport());
});
afterEach(() => {
  calls.close();
  instance.close();
});

const asUser = () => SocketCalls.open(instance.transport(undefined, { uid: 1000, gid: 1000, pid: 1, netAdmin: false }));

test.each([
  ['an unknown family', AF_INET6 + 90, SOCK_STREAM, 0, EAFNOSUPPORT],
  ['an unknown type', AF_INET, 9, 0, ESOCKTNOSUPPORT],
  ['a protocol that the type has not', AF_INET, SOCK_STREAM, 17, EPROTONOSUPPORT],
  ['a raw socket of no protocol', AF_INET, SOCK_RAW, 0, EPROTONOSUPPORT],
])('%s is refused', async (_what, family, type, protocol, errno) => {
  await expect(StackSocket.open(calls, type, protocol, family)).rejects.toMatchObject({ errno });
});

test('a datagram goes to who is bound, with the sender in its information; no protocol means UDP', async () => {
  const server = await StackSocket.open(calls, SOCK_DGRAM);
  await server.bind({ address: LO, port: 5000 });
  const client = await StackSocket.open(calls, SOCK_DGRAM);
  await instance.clock.advance(5);
  const waiting = server.receive();
  expect(await client.send(bytes('hello'), { to: { address: LO, port: 5000 }, ttl: 7 })).toBe(5);
  const received = await instance.time.awaiting(waiting);
  expect(text(received.data)).toBe('hello');
  expect(received.from).toEqual({ address: LO, port: (await client.localName()).port });
  expect(received.ttl).toBe(7);
  expect(received.stampUs).toBe(instance.stack.clock.wallUs());
  await expect(server.receive({ flags: MSG_DONTWAIT })).rejects.toMatchObject({ errno: EAGAIN });
});

test('the longest packets pass whole, and longer ones not at all', async () => {
  const raw = await StackSocket.open(calls, SOCK_RAW, 1);
  const request = new Uint8Array(65_515).fill(7);
  request.set([8, 0, 0, 0, 0, 1, 0, 1]);
  let sum = 0;
  for (let i = 0; i < request.length + 1; i += 2) sum += (request[i]! << 8) | (request[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  new DataView(request.buffer).setUint16(2, ~sum & 0xffff);
  expect(await raw.send(request, { to: { address: LO, port: 0 } })).toBe(65_515);
  for (const type of [8, 0]) {
    const { data, length } = await instance.time.awaiting(raw.receive());
    expect([data.length, length, data[20], data[65_534]]).toEqual([65_535, 65_535, type, 7]);
  }
  for (const bytes of [65_516, 70_000])
    await expect(raw.send(new Uint8Array(bytes), { to: { address: LO, port: 0 } })).rejects.toMatchObject({ errno: EMSGSIZE });
  expect((await instance.sh('ping -c 1 -s 65507 127.0.0.1')).stdout).toContain('65515 bytes from 127.0.0.1: icmp_seq=1');
});

test('a wait that is aborted loses nothing', async () => {
  const server = await StackSocket.open(calls, SOCK_DGRAM);
  await server.bind({ address: LO, port: 5000 });
  const abort = new AbortController();
  const waiting = expect(server.receive({ signal: abort.signal })).rejects.toMatchObject({ errno: EINTR });
  abort.abort();
  await waiting;
  const client = await StackSocket.open(calls, SOCK_DGRAM);
  await client.send(bytes('late'), { to: { address: LO, port: 5000 } });
  expect(text((await instance.time.awaiting(server.receive())).data)).toBe('late');
});

test('one call of a kind waits at a time, and a close ends it with ECANCELED', async () => {
  const { socket } = await calls.get(Command.SOCKET_OPEN, { family: AF_INET, type: SOCK_DGRAM });
  const first = expect(calls.get(Command.SOCKET_RECEIVE, { socket, length: 10 })).rejects.toMatchObject({ errno: ECANCELED });
  await expect(calls.get(Command.SOCKET_RECEIVE, { socket, length: 10 })).rejects.toMatchObject({ errno: EBUSY });
  await calls.request(Command.SOCKET_CLOSE, { socket });
  await first;
  await expect(calls.get(Command.SOCKET_NAME, { socket })).rejects.toMatchObject({ errno: EBADF });
});

test('a client cannot touch the sockets of another, and its own close with it', async () => {
  const other = await SocketCalls.open(instance.transport());
  const { socket } = await other.get(Command.SOCKET_OPEN, { family: AF_INET, type: SOCK_DGRAM });
  await other.request(Command.SOCKET_BIND, { socket, address: LO, port: 5000 });
  await expect(calls.get(Command.SOCKET_NAME, { socket })).rejects.toMatchObject({ errno: EBADF });
  other.close();
  const again = await StackSocket.open(calls, SOCK_DGRAM);
  await again.bind({ address: LO, port: 5000 });
});

test('without rights there are no raw sockets, no marks, and no ports below ip_unprivileged_port_start', async () => {
  const user = await asUser();
  await expect(StackSocket.open(user, SOCK_RAW, 1)).rejects.toMatchObject({ errno: EPERM });
  const socket = await StackSocket.open(user, SOCK_STREAM);
  await expect(socket.setOption(1, 36, 5)).rejects.toMatchObject({ errno: EPERM });
  await expect(socket.bind({ address: LO, port: 1023 })).rejects.toMatchObject({ errno: EACCES });
  await instance.sh('sysctl -q -w net.ipv4.ip_unprivileged_port_start=80');
  await socket.bind({ address: LO, port: 80 });
  user.close();
});

test('a stream that is not read stops its sender, and all of it arrives', async () => {
  const listener = await StackSocket.open(calls, SOCK_STREAM);
  await listener.bind({ address: LO, port: 80 });
  await listener.listen(5);
  const client = await StackSocket.open(calls, SOCK_STREAM);
  const accepting = listener.accept();
  await instance.time.awaiting(client.connect({ address: LO, port: 80 }));
  const { socket: server, remote } = await instance.time.awaiting(accepting);
  expect(remote).toEqual({ address: LO, port: (await client.localName()).port });
  const data = Uint8Array.from({ length: 8_000_000 }, (_, index) => index % 251);
  let sent = false;
  const sending = client.send(data).then((count) => {
    sent = true;
    return count;
  });
  sending.catch(() => undefined);
  await instance.clock.advance(1000);
  expect(sent).toBe(false);
  let received = 0;
  while (received < data.length) {
    const { data: piece } = await instance.time.awaiting(server.receive());
    if (!piece.every((byte, at) => byte === (received + at) % 251)) throw new Error(`wrong bytes behind ${received}`);
    received += piece.length;
  }
  expect(await instance.time.awaiting(sending)).toBe(data.length);
});
