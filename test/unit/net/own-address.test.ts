import { EAGAIN, ECONNREFUSED, EINPROGRESS, ENETUNREACH } from '../../../src/base/errno.js';
import { ReceiveInfo, SocketAddress } from '../../../src/net/core/socket.js';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { parseIpv4 } from '../../../src/wire/ipv4-address.js';
import { socketOf } from './multicast/lab.js';
import { ip6 } from './ipv6/world.js';

const SOL_SOCKET = 1;
const SO_DONTROUTE = 5;
const SO_BINDTOIFINDEX = 62;

let instance: TapstackInstance;

beforeAll(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh(`
    ip link add v0 type veth peer name v1; ip netns add n; ip link set v1 netns n; ip link set lo up
    ip link set v0 up; ip -n n link set v1 up; ip -n n link set lo up
    ip addr add 10.1.0.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0 nodad; ip -n n addr add 10.1.0.2/24 dev v1
    ip route add 10.9.0.0/16 via 10.1.0.2`);
});

afterAll(() => instance.close());

const at = (text: string, port: number): SocketAddress =>
  text.includes(':')
    ? Object.assign(new SocketAddress(), { family: 10, words: ip6(text), port })
    : Object.assign(new SocketAddress(), { family: 2, words: Uint32Array.of(0, 0, 0xffff, parseIpv4(text)!), port });
const int = (value: number) => Uint8Array.of(value, 0, 0, 0);

test.each([
  [2, '10.1.0.1'],
  [10, '2001:db8::1'],
])('what is sent to an own address comes in by the device that has it (family %i)', async (family, address) => {
  const index = Number(JSON.parse((await instance.sh('ip -j link show v0')).stdout)[0].ifindex);
  const open = (bound: number) => {
    const socket = socketOf(instance, family, 2, 17);
    socket.bind(at(family === 2 ? '0.0.0.0' : '::', 5000 + bound));
    if (bound !== 0) expect(socket.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, int(bound))).toBe(0);
    return socket;
  };
  const sender = open(0);
  const [onDevice, onLoopback] = [open(index), open(1)];
  const info = new ReceiveInfo();
  const receive = async (socket: typeof sender, port: number) => {
    sender.send(Uint8Array.of(1), 0, 1, 0, at(address, port));
    await instance.clock.advance(1);
    return socket.receive(new Uint8Array(10), 0, 10, 0, info);
  };
  expect([await receive(onDevice, 5000 + index), info.ifindex]).toEqual([1, index]);
  expect(await receive(onLoopback, 5001)).toBe(-EAGAIN);
  for (const socket of [sender, onDevice, onLoopback]) socket.close();
});

test('SO_DONTROUTE reaches those on the link alone', () => {
  const socket = socketOf(instance, 2, 2, 17);
  const send = (text: string) => socket.send(Uint8Array.of(1), 0, 1, 0, at(text, 9));
  expect(send('10.9.0.1')).toBe(1);
  socket.setOption(SOL_SOCKET, SO_DONTROUTE, int(1));
  expect([send('10.9.0.1'), send('10.1.0.2')]).toEqual([-ENETUNREACH, 1]);
  socket.close();
});

test('SO_DONTROUTE of TCP: a connection to those behind a router is refused, one on the link is made', () => {
  const connect = (text: string) => {
    const socket = socketOf(instance, 2, 1, 6);
    socket.setOption(SOL_SOCKET, SO_DONTROUTE, int(1));
    const result = socket.connect(at(text, 9));
    socket.close();
    return result;
  };
  expect([connect('10.9.0.1'), connect('10.1.0.2')]).toEqual([-ENETUNREACH, -EINPROGRESS]);
});

test('SO_NETNS_COOKIE is one number for all sockets of a namespace', () => {
  const cookies = [
    [2, 1, 6],
    [2, 2, 17],
    [17, 3, 0],
    [1, 1, 0],
  ].map(([family, type, protocol]) => {
    const socket = socketOf(instance, family!, type!, protocol!);
    const cookie = socket.getOption(SOL_SOCKET, 71);
    socket.close();
    return cookie;
  });
  for (const cookie of cookies) expect(cookie).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
});

test('IP_LOCAL_PORT_RANGE holds for a port that connect() chooses, which the name keeps when nobody answers', async () => {
  const socket = socketOf(instance, 2, 1, 6);
  socket.setOption(0, 51, Uint8Array.of(0xa4, 0x9c, 0xa7, 0x9c));
  socket.setOption(0, 24, int(1));
  expect([socket.bind(at('10.1.0.1', 0)), socket.local.port]).toEqual([0, 0]);
  socket.connect(at('10.1.0.2', 99));
  await instance.clock.advance(1);
  expect(socket.connect(at('10.1.0.2', 99))).toBe(-ECONNREFUSED);
  expect(socket.local.port).toBeGreaterThanOrEqual(40_100);
  expect(socket.local.port).toBeLessThanOrEqual(40_103);
  expect(instance.stack.initial.tcp.ports.first(socket.local.port)).toBeNull();
  socket.close();
});
