import { EADDRINUSE, EAGAIN, ECONNREFUSED, EPIPE, EPROTOTYPE } from '../../../../src/base/errno.js';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { MSG_DONTWAIT, SOCK_DGRAM, SOCK_STREAM, StackSocket } from '../../../../src/client/sockets.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { AF_UNIX } from '../../../../src/netlink/constants.js';

const SOCK_SEQPACKET = 5;
const SO_SNDBUF = 7;
const SO_PEERCRED = 17;
const SO_PEEK_OFF = 42;
const MSG_PEEK = 2;

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

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const named = (name: string) => ({ family: AF_UNIX, address: bytes(name), port: 0 });
const open = (type: number) => StackSocket.open(calls, type, 0, AF_UNIX);
const waited = <T>(promise: Promise<T>): Promise<T> => instance.time.awaiting(promise);

async function listener(type: number, name: string, backlog = 5): Promise<StackSocket> {
  const socket = await open(type);
  await socket.bind(named(name));
  await socket.listen(backlog);
  return socket;
}

async function connected(type: number, name: string): Promise<StackSocket> {
  const socket = await open(type);
  await waited(socket.connect(named(name)));
  return socket;
}

test('a stream goes both ways, and ends where one side shuts it', async () => {
  const server = await listener(SOCK_STREAM, '/run/a.sock');
  const client = await connected(SOCK_STREAM, '/run/a.sock');
  const { socket: other } = await waited(server.accept());
  await waited(client.send(bytes('hel')));
  await waited(client.send(bytes('lo')));
  expect(text((await waited(other.receive())).data)).toBe('hello');
  await waited(other.send(bytes('back')));
  await other.shutdown(1);
  expect(text((await waited(client.receive())).data)).toBe('back');
  expect((await waited(client.receive())).data).toHaveLength(0);
  await other.close();
  await expect(waited(client.send(bytes('x')))).rejects.toMatchObject({ errno: EPIPE });
});

test('sequenced packets keep their boundaries, and abstract names are names', async () => {
  const server = await listener(SOCK_SEQPACKET, '\0abstract');
  const client = await connected(SOCK_SEQPACKET, '\0abstract');
  const { socket: other } = await waited(server.accept());
  await waited(client.send(bytes('one')));
  await waited(client.send(bytes('two')));
  expect(text((await waited(other.receive())).data)).toBe('one');
  expect(text((await waited(other.receive())).data)).toBe('two');
});

test('datagrams tell who sent them, and a queue that is full makes the sender wait', async () => {
  const receiver = await open(SOCK_DGRAM);
  await receiver.bind(named('/run/log'));
  const sender = await open(SOCK_DGRAM);
  await sender.bind(named('/run/me'));
  for (let i = 0; i < 11; i++) await waited(sender.send(bytes(`${i}`), { to: named('/run/log') }));
  await expect(waited(sender.send(bytes('late'), { to: named('/run/log'), flags: MSG_DONTWAIT }))).rejects.toMatchObject({ errno: EAGAIN });
  const first = await waited(receiver.receive());
  expect([text(first.data), text(first.from!.address)]).toEqual(['0', '/run/me']);
  await waited(sender.send(bytes('late'), { to: named('/run/log'), flags: MSG_DONTWAIT }));
});

test('names are taken once, and free again; who listens of another type is EPROTOTYPE, nobody ECONNREFUSED', async () => {
  const server = await listener(SOCK_STREAM, '/run/a');
  const other = await open(SOCK_STREAM);
  await expect(other.bind(named('/run/a'))).rejects.toMatchObject({ errno: EADDRINUSE });
  await expect(waited((await open(SOCK_SEQPACKET)).connect(named('/run/a')))).rejects.toMatchObject({ errno: EPROTOTYPE });
  await expect(waited(other.connect(named('/run/b')))).rejects.toMatchObject({ errno: ECONNREFUSED });
  await server.close();
  await other.bind(named('/run/a'));
});

test('what is sent and not read is bounded by the send buffer', async () => {
  await listener(SOCK_STREAM, '/run/a');
  const client = await connected(SOCK_STREAM, '/run/a');
  await client.setOption(1, SO_SNDBUF, 4096);
  let taken = 0;
  const fill = async () => {
    for (;;) taken += await waited(client.send(new Uint8Array(1000), { flags: MSG_DONTWAIT }));
  };
  await expect(fill()).rejects.toMatchObject({ errno: EAGAIN });
  expect(taken).toBeLessThanOrEqual(9000);
  expect([...(await client.getOption(1, SO_PEERCRED)).subarray(4, 8)]).toEqual([0, 0, 0, 0]);
});

test('SO_PEEK_OFF: MSG_PEEK goes on where it ended, in a stream over messages, and what is read moves it back', async () => {
  const server = await listener(SOCK_STREAM, '/run/a');
  const client = await connected(SOCK_STREAM, '/run/a');
  const { socket: other } = await waited(server.accept());
  await waited(client.send(bytes('abcd')));
  await waited(client.send(bytes('efgh')));
  const take = async (length: number, flags = 0) => text((await other.receive({ length, flags: flags | MSG_DONTWAIT })).data);
  expect(await take(3, MSG_PEEK)).toBe('abc');
  await other.setOption(1, SO_PEEK_OFF, 0);
  expect([await take(3, MSG_PEEK), await take(3, MSG_PEEK)]).toEqual(['abc', 'def']);
  expect(await take(2)).toBe('ab');
  expect(await take(9, MSG_PEEK)).toBe('gh');
  await expect(take(9, MSG_PEEK)).rejects.toMatchObject({ errno: EAGAIN });
  expect(await take(9)).toBe('cdefgh');
});

test('SO_PEEK_OFF of datagrams goes on with the next one behind the end of one', async () => {
  const receiver = await open(SOCK_DGRAM);
  await receiver.bind(named('/run/log'));
  const sender = await open(SOCK_DGRAM);
  for (const data of ['one', 'three']) await waited(sender.send(bytes(data), { to: named('/run/log') }));
  const take = async (length: number, flags = 0) => text((await receiver.receive({ length, flags: flags | MSG_DONTWAIT })).data);
  await receiver.setOption(1, SO_PEEK_OFF, 1);
  expect([await take(9, MSG_PEEK), await take(2, MSG_PEEK), await take(9, MSG_PEEK)]).toEqual(['ne', 'th', 'ree']);
  expect(await take(9)).toBe('one');
  await expect(take(9, MSG_PEEK)).rejects.toMatchObject({ errno: EAGAIN });
});

test('ss -x shows listeners, connections and queues', async () => {
  const server = await listener(SOCK_STREAM, '/run/a.sock', 7);
  const client = await connected(SOCK_STREAM, '/run/a.sock');
  await waited(server.accept());
  await waited(client.send(bytes('abc')));
  await connected(SOCK_STREAM, '/run/a.sock');
  const datagrams = await open(SOCK_DGRAM);
  await datagrams.bind(named('\0x'));
  const { stdout } = await instance.sh('ss -xa');
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .trimEnd()
        .replace(/ +/g, ' ')
        .replace(/\d{4,}/g, 'INO'),
    );
  expect(lines).toEqual([
    'Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process',
    'u_str LISTEN 1 7 /run/a.sock INO * 0',
    'u_str ESTAB 0 768 * INO * INO',
    'u_str ESTAB 3 0 /run/a.sock INO * INO',
    'u_str ESTAB 0 0 * INO * 0',
    'u_dgr UNCONN 0 0 @x INO * 0',
  ]);
  expect((await instance.sh('ss -xlH src "*a.sock"')).stdout).toMatch(/^u_str LISTEN 1 +7 +\/run\/a\.sock \d+ \* 0 *\n$/);
});
