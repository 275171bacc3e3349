import { EADDRNOTAVAIL, EINVAL, ENETDOWN, ENODEV, EPERM } from '../../../../src/base/errno.js';
import { encodeProgram, jump, JEQ, JMP, K, ABS, H, LD, RET, statement } from '../../../../src/bpf/instruction.js';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { type CapturedPacket, int32, MSG_DONTWAIT, SOCK_DGRAM, SOCK_RAW, StackSocket } from '../../../../src/client/sockets.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { AF_PACKET } from '../../../../src/netlink/constants.js';

const SOL_SOCKET = 1;
const SOL_PACKET = 263;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const ADD_MEMBERSHIP = 1;
const DROP_MEMBERSHIP = 2;
const STATISTICS = 6;
const FANOUT = 18;
const IGNORE_OUTGOING = 23;
const ALL = 3;
const IP = 0x0800;
const ARP = 0x0806;

let instance: TapstackInstance;
let calls: SocketCalls;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add far
    ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns far
    ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
    ip -n far addr add 10.0.0.2/24 dev v1; ip -n far link set v1 up`);
  expect(stderr).toBe('');
  await instance.clock.advance(2000);
  calls = await SocketCalls.open(instance.transport());
});
afterEach(() => {
  calls.close();
  instance.close();
});

const open = (protocol: number, type = SOCK_RAW) => StackSocket.open(calls, type, protocol, AF_PACKET);
const ifindex = (name: string) => instance.device(name).ifindex;
const bindTo = (socket: StackSocket, name: string, protocol = 0) =>
  socket.bind({ family: AF_PACKET, address: new Uint8Array(0), port: protocol, scopeId: ifindex(name) });

/** All that waits in a socket. */
async function taken(socket: StackSocket): Promise<readonly CapturedPacket[]> {
  try {
    return await instance.time.awaiting(socket.receivePackets(100, { flags: MSG_DONTWAIT }));
  } catch {
    return [];
  }
}
const ping = async (count = 1) => {
  const { status } = await instance.sh(`ping -c ${count} -i 0.2 10.0.0.2`);
  expect(status).toBe(0);
};
/** ARP or IP, and which way. */
const summary = (packets: readonly CapturedPacket[]) =>
  packets.filter(({ protocol }) => protocol === IP || protocol === ARP).map(({ protocol, packetType }) => [protocol, packetType]);

test('a socket for all protocols sees frames both ways, with who sent them, when, and how long they were', async () => {
  const socket = await open(ALL);
  await bindTo(socket, 'v0');
  await ping();
  const packets = await taken(socket);
  expect(summary(packets)).toEqual([
    [ARP, 4],
    [ARP, 0],
    [IP, 4],
    [IP, 0],
  ]);
  const [request, , , reply] = packets.filter(({ protocol }) => protocol === IP || protocol === ARP);
  expect(request).toMatchObject({ length: 42, hardwareType: 1, ifindex: ifindex('v0') });
  expect([...request!.data.subarray(0, 14)]).toEqual([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6]);
  expect(reply).toMatchObject({ length: 98, address: Uint8Array.of(2, 0, 0, 0, 0, 2) });
  expect(reply!.stampUs).toBeGreaterThanOrEqual(request!.stampUs);
});

test('a socket for one protocol sees what comes in of it, and no link header where it is a datagram socket', async () => {
  const socket = await open(IP, SOCK_DGRAM);
  await bindTo(socket, 'v0');
  await ping();
  const packets = await taken(socket);
  expect(summary(packets)).toEqual([[IP, 0]]);
  expect(packets[0]!.length).toBe(84);
  expect(packets[0]!.data[0]).toBe(0x45);
});

test('a reader may take single packets, and is woken when one comes', async () => {
  const socket = await open(ARP);
  const waiting = socket.receive();
  await ping();
  const received = await instance.time.awaiting(waiting);
  expect(received.from).toMatchObject({ port: ARP, scopeId: ifindex('v0'), address: Uint8Array.of(2, 0, 0, 0, 0, 2) });
  expect(received.length).toBe(42);
});

test('a filter decides what is taken and how much of it; one that does not end in a return is refused', async () => {
  const socket = await open(ALL);
  await bindTo(socket, 'v0');
  const arpOnly = [statement(LD | H | ABS, 12), jump(JMP | JEQ | K, ARP, 0, 1), statement(RET | K, 20), statement(RET | K, 0)];
  await socket.setOption(SOL_SOCKET, SO_ATTACH_FILTER, encodeProgram(arpOnly));
  await ping();
  const packets = await taken(socket);
  expect(summary(packets)).toEqual([
    [ARP, 4],
    [ARP, 0],
  ]);
  expect(packets.map(({ data, length }) => [data.length, length])).toEqual([
    [20, 42],
    [20, 42],
  ]);
  await expect(socket.setOption(SOL_SOCKET, SO_ATTACH_FILTER, encodeProgram([statement(LD | H | ABS, 12)]))).rejects.toMatchObject({
    errno: EINVAL,
  });
  expect(await socket.getOption(SOL_SOCKET, SO_ATTACH_FILTER)).toEqual(encodeProgram(arpOnly));
});

test('the queue is bounded: what does not fit is lost and counted, and asking sets the counts to zero', async () => {
  const socket = await open(IP);
  await bindTo(socket, 'v0');
  await socket.setOption(SOL_SOCKET, SO_RCVBUF, 2304);
  await ping(20);
  const statistics = async () => [...new Uint32Array((await socket.getOption(SOL_PACKET, STATISTICS)).slice().buffer)];
  const [packets, drops] = await statistics();
  expect(packets).toBe(20);
  expect(drops).toBeGreaterThan(0);
  expect((await taken(socket)).length).toBe(packets! - drops!);
  expect(await statistics()).toEqual([0, 0]);
});

test('frames that are sent leave as they are and are not seen by their sender, but by others', async () => {
  const sender = await open(ALL);
  const other = await open(ALL);
  const quiet = await open(ALL);
  for (const socket of [sender, other, quiet]) await bindTo(socket, 'v0');
  await quiet.setOption(SOL_PACKET, IGNORE_OUTGOING, 1);
  const frame = Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, ...new Array<number>(50).fill(7));
  const far = instance.capture(instance.device('v1', 'far'));
  expect(await sender.send(frame)).toBe(frame.length);
  await instance.clock.advance(1);
  expect(far.frames.map(({ bytes }) => bytes)).toEqual([frame]);
  expect((await taken(other)).map(({ data, packetType, protocol }) => [data, packetType, protocol])).toEqual([[frame, 4, 0x88b5]]);
  expect(await taken(sender)).toEqual([]);
  expect(await taken(quiet)).toEqual([]);
  far.stop();
});

test('a datagram socket has the header made for it', async () => {
  const socket = await open(0x88b6, SOCK_DGRAM);
  const far = instance.capture(instance.device('v1', 'far'));
  const to = { family: AF_PACKET, address: Uint8Array.of(2, 0, 0, 0, 0, 2), port: 0x88b6, scopeId: ifindex('v0') };
  await socket.send(Uint8Array.of(1, 2, 3), { to });
  await instance.clock.advance(1);
  expect([...far.frames[0]!.bytes]).toEqual([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb6, 1, 2, 3]);
  far.stop();
});

test('members of a fanout group share the packets, each going to one of them', async () => {
  const members = [await open(IP), await open(IP)];
  for (const socket of members) {
    await bindTo(socket, 'v0');
    await socket.setOption(SOL_PACKET, FANOUT, 7 | (1 << 16));
  }
  const other = await open(ARP);
  await bindTo(other, 'v0');
  await expect(other.setOption(SOL_PACKET, FANOUT, 7 | (1 << 16))).rejects.toMatchObject({ errno: EINVAL });
  await ping(6);
  const counts = await Promise.all(members.map(async (socket) => (await taken(socket)).length));
  expect(counts).toEqual([3, 3]);
});

test('promiscuity lasts as long as a socket that asked for it', async () => {
  const socket = await open(ALL);
  const request = new Uint8Array(16);
  request.set(int32(ifindex('v0')));
  request[4] = 1;
  await socket.setOption(SOL_PACKET, ADD_MEMBERSHIP, request);
  const promiscuity = async () => /promiscuity (\d+)/.exec((await instance.sh('ip -d link show v0')).stdout)?.[1];
  expect(await promiscuity()).toBe('1');
  await socket.setOption(SOL_PACKET, DROP_MEMBERSHIP, request);
  await expect(socket.setOption(SOL_PACKET, DROP_MEMBERSHIP, request)).rejects.toMatchObject({ errno: EADDRNOTAVAIL });
  expect(await promiscuity()).toBe('0');
  await socket.setOption(SOL_PACKET, ADD_MEMBERSHIP, request);
  await socket.close();
  expect(await promiscuity()).toBe('0');
});

test('a device that is not there is ENODEV, one that goes down tells its sockets, and users may not open any', async () => {
  const socket = await open(ALL);
  const nowhere = { family: AF_PACKET, address: new Uint8Array(0), port: 0, scopeId: 999 };
  await expect(socket.bind(nowhere)).rejects.toMatchObject({ errno: ENODEV });
  await bindTo(socket, 'v0');
  await instance.sh('ip link set v0 down');
  await expect(socket.send(new Uint8Array(64))).rejects.toMatchObject({ errno: ENETDOWN });
  await expect(socket.receive({ flags: MSG_DONTWAIT })).rejects.toMatchObject({ errno: ENETDOWN });
  await instance.sh('ip link set v0 up');
  await ping();
  expect(summary(await taken(socket))).toContainEqual([IP, 0]);
  const user = await SocketCalls.open(instance.transport(undefined, { uid: 1000, gid: 1000, pid: 1, netAdmin: false }));
  await expect(StackSocket.open(user, SOCK_RAW, ALL, AF_PACKET)).rejects.toMatchObject({ errno: EPERM });
  user.close();
});

test('ss shows packet sockets with their protocol, device, flags and filter', async () => {
  const socket = await open(IP, SOCK_DGRAM);
  await bindTo(socket, 'v0');
  await socket.setOption(SOL_SOCKET, SO_ATTACH_FILTER, encodeProgram([statement(RET | K, 96)]));
  await open(ALL);
  const { stdout } = await instance.sh('ss -0a -e -b -O');
  expect(stdout.replace(/ino:\d+ sk:[0-9a-f]+/g, 'ino:I sk:S').replace(/ +\n/g, '\n')).toBe(
    'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n' +
      'p_dgr UNCONN 0      0                 ip:v0               *     ino:I sk:S ver:0 cpy_thresh:0 flags( running ) bpf filter (1):  0x06 0 0 96,\n' +
      'p_raw UNCONN 0      0                  *:*                *     ino:I sk:S ver:0 cpy_thresh:0 flags( running )\n',
  );
});
