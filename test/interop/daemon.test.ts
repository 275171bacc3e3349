import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { ECONNRESET } from '../../src/base/errno.js';
import { busTransportAt } from '../../src/client/bus.js';
import { controlFrame, FrameReader, parseControl } from '../../src/client/bus-frames.js';
import { NetError } from '../../src/base/net-error.js';
import type { NetlinkConnection } from '../../src/client/transport.js';
import { parseMessages } from '../../src/netlink/message.js';
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from '../../src/netlink/constants.js';
import { MessageWriter } from '../../src/netlink/writer.js';
import { BIN, isAlive, Lab, until } from './daemon-support.js';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFINFOMSG = 16;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

function linkRequest(type: number, flags: number, kind?: string, name?: string): Uint8Array {
  const writer = new MessageWriter();
  writer.begin(type, NLM_F_REQUEST | flags, 1, 0);
  writer.zeros(IFINFOMSG);
  if (name !== undefined) writer.attributeString(IFLA_IFNAME, name);
  if (kind !== undefined) {
    const nest = writer.beginNest(IFLA_LINKINFO);
    writer.attributeString(IFLA_INFO_KIND, kind);
    writer.endNest(nest);
  }
  writer.end();
  return writer.take();
}

/** Message types of a dump's answer, up to its end. */
async function dump(connection: NetlinkConnection): Promise<number[]> {
  await connection.send(linkRequest(RTM_GETLINK, NLM_F_DUMP));
  const types: number[] = [];
  while (!types.includes(NLMSG_DONE)) for (const message of parseMessages(await connection.receive())) types.push(message.type);
  return types;
}

async function addDummies(connection: NetlinkConnection, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await connection.send(linkRequest(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE, 'dummy', `d${i}`));
    const [message] = parseMessages(await connection.receive());
    expect(message!.type).toBe(NLMSG_ERROR);
    expect(message!.view.getInt32(message!.start + 16, true)).toBe(0);
  }
}

test('after kill -9 of the daemon a command is one line and status 1, and up starts it anew over the stale socket', async () => {
  await lab.tapstack('up', '--name', 'a');
  const pid = lab.pidOf('a');
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
  expect(existsSync(lab.socketOf('a'))).toBe(true);
  const dead = await lab.tapstack('status', '--name', 'a');
  expect(dead).toMatchObject({ status: 1, stdout: '' });
  expect(dead.stderr).toMatch(/^tapstack: instance "a" is dead: [^\n]*\n$/);
  expect(await lab.list()).toEqual([{ name: 'a', state: 'dead' }]);
  expect(await lab.tapstack('up', '--name', 'a')).toMatchObject({ status: 0, stderr: '' });
  expect((await lab.tapstack('status', '--name', 'a')).status).toBe(0);
});

test('down takes away what a killed daemon left, and then there is nothing to end', async () => {
  await lab.tapstack('up', '--name', 'a');
  process.kill(lab.pidOf('a'), 'SIGKILL');
  expect((await lab.tapstack('down', '--name', 'a')).status).toBe(0);
  expect(readdirSync(lab.dir)).toEqual([]);
  expect(await lab.tapstack('down', '--name', 'a')).toMatchObject({ status: 1, stderr: 'tapstack: instance "a" is not running\n' });
});

test('two first commands at once start one default instance, and after kill -9 the next starts it anew', async () => {
  const both = await Promise.all([lab.tapstack('status', '--json'), lab.tapstack('status', '--json'), lab.tapstack('status', '--json')]);
  const pids = both.map(({ stdout }) => (JSON.parse(stdout) as { pid: number }).pid);
  expect(new Set(pids).size).toBe(1);
  expect(await lab.list()).toEqual([{ name: 'default', state: 'running', pid: pids[0] }]);
  process.kill(pids[0]!, 'SIGKILL');
  await until(() => !isAlive(pids[0]!));
  const next = JSON.parse((await lab.tapstack('status', '--json')).stdout) as { pid: number };
  expect(next.pid).not.toBe(pids[0]);
});

test('a named instance never starts by itself', async () => {
  expect(await lab.tapstack('status', '--name', 'x')).toMatchObject({ status: 1, stderr: 'tapstack: instance "x" is not running\n' });
});

test('a socket path of over 107 bytes is refused with its length', async () => {
  const long = new Lab({ TAPSTACK_DIR: join(lab.folder, 'x'.repeat(100)) });
  const result = await long.tapstack('up', '--name', 'a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(/^tapstack: socket path .* has 1[0-9]{2} bytes, at most 107 are possible: [^\n]*\n$/);
  await long.close();
});

test('a runtime folder that others may enter is refused', async () => {
  mkdirSync(lab.dir, { mode: 0o755 });
  const result = await lab.tapstack('up', '--name', 'a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(/^tapstack: runtime folder .* has mode 0755, not 0700/);
});

test('a daemon of another major version is refused with what to do', async () => {
  mkdirSync(join(lab.dir, 'old'), { recursive: true, mode: 0o700 });
  const server = createServer((socket) =>
    socket.resume().write(controlFrame({ hello: { major: 99, minor: 0, portId: 0, version: '99.0' } })),
  );
  await new Promise<void>((resolve) => server.listen(lab.socketOf('old'), resolve));
  const result = await lab.tapstack('status', '--name', 'old');
  await new Promise((resolve) => server.close(resolve));
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(/^tapstack: the daemon speaks version 99 .*: tapstack down && tapstack up\n$/);
});

test('a client of another major version is told the same by the daemon', async () => {
  await lab.tapstack('up', '--name', 'a');
  const socket = connect(lab.socketOf('a'));
  socket.write(controlFrame({ hello: { major: 99, minor: 0, socket: 0 } }));
  const replies: unknown[] = [];
  const reader = new FrameReader();
  socket.on('data', (chunk) =>
    reader.push(chunk, { datagram: () => undefined, control: (payload) => void replies.push(parseControl(payload)) }, () => false),
  );
  await new Promise((resolve) => socket.on('close', resolve));
  expect(replies).toEqual([{ error: { errno: expect.any(Number), text: expect.stringContaining('tapstack down && tapstack up') } }]);
});

test('200 clients at once are served', async () => {
  await lab.tapstack('up', '--name', 'a');
  const transport = busTransportAt(lab.socketOf('a'));
  const connections = await Promise.all(Array.from({ length: 200 }, () => transport.open(NETLINK_ROUTE)));
  expect(new Set(connections.map(({ portId }) => portId)).size).toBe(200);
  const dumps = await Promise.all(connections.map(dump));
  for (const types of dumps) expect(types).toEqual(dumps[0]);
  for (const connection of connections) connection.close();
});

test('garbage closes the client that sends it, and no other', async () => {
  await lab.tapstack('up', '--name', 'a');
  const good = await busTransportAt(lab.socketOf('a')).open(NETLINK_ROUTE);
  for (const garbage of [Buffer.alloc(1000, 0xff), Buffer.from('GET / HTTP/1.0\r\n\r\n'), Buffer.from([1, 0, 0, 0x80, 0x7b])]) {
    const bad = connect(lab.socketOf('a'));
    bad.on('error', () => undefined);
    bad.write(garbage);
    await new Promise((resolve) => bad.resume().on('close', resolve));
  }
  expect(await dump(good)).toContain(NLMSG_DONE);
  // A datagram that is no netlink message: the socket lives, as in Linux.
  await good.send(Uint8Array.of(1, 2, 3));
  expect(await dump(good)).toContain(NLMSG_DONE);
  good.close();
});

test('down while a client dumps ends the dump, and nobody hangs', async () => {
  await lab.tapstack('up', '--name', 'a');
  const connection = await busTransportAt(lab.socketOf('a')).open(NETLINK_ROUTE);
  await addDummies(connection, 300);
  await connection.send(linkRequest(RTM_GETLINK, NLM_F_DUMP));
  await connection.receive();
  const down = await lab.tapstack('down', '--name', 'a');
  expect(down).toMatchObject({ status: 0, stderr: '' });
  const rest = (async () => {
    for (;;) await connection.receive();
  })();
  await expect(rest).rejects.toMatchObject({ errno: ECONNRESET });
  await expect(rest).rejects.toBeInstanceOf(NetError);
  expect(readdirSync(lab.dir)).toEqual([]);
});

test('without koffi the daemon serves by libuv', async () => {
  const plain = new Lab({ TAPSTACK_FFI: 'off' });
  expect(await plain.tapstack('up', '--name', 'a')).toMatchObject({ status: 0, stderr: '' });
  const connection = await busTransportAt(plain.socketOf('a')).open(NETLINK_ROUTE);
  await addDummies(connection, 3);
  expect((await dump(connection)).filter((type) => type === RTM_NEWLINK).length).toBe(4);
  connection.close();
  const tap = await plain.tapstack('nic', 'add', 'eth0,tap=t0', '--name', 'a');
  expect(tap).toMatchObject({ status: 1, stderr: 'tapstack: TAP "t0": koffi does not load on this machine, and TAPs need it\n' });
  expect((await plain.tapstack('down', '--name', 'a')).status).toBe(0);
  await plain.close();
});

test('an empty instance ends by itself after its idle time', async () => {
  const argument = JSON.stringify({ runtime: lab.dir, name: 'idle', idleSeconds: 1 });
  const { done } = lab.start(['sh', '-c', `exec "$0" "$1" 3>/dev/null`, join(BIN, 'tapstackd'), argument]);
  expect(await done).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(lab.dir)).toEqual([]);
});
