import { EINVAL, EMSGSIZE, EPERM } from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { withControl } from '../../../../src/net/core/send-control.js';
import { MSG_MORE, ReceiveInfo } from '../../../../src/net/core/socket.js';
import type { UdpSocket } from '../../../../src/net/udp/udp-socket.js';
import { address, World } from '../kit.js';
import { pattern } from '../packets.js';

const SOL_UDP = 17;
const UDP_CORK = 1;
const UDP_NO_CHECK6_TX = 101;
const UDP_NO_CHECK6_RX = 102;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
const SO_NO_CHECK = 11;

const int = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
const into = new Uint8Array(70_000);

function pair() {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  const [left] = world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  const server = open(b);
  expect(server.bind(address('10.0.0.2', 7))).toBe(0);
  const client = open(a);
  expect(client.connect(address('10.0.0.2', 7))).toBe(0);
  return { world, b, left, client, server };
}
const open = (namespace: Namespace): UdpSocket => namespace.udp.createSocket(0, true);

/** Lengths of all datagrams that wait, and of what each is made. */
function received(socket: UdpSocket): { readonly lengths: number[]; readonly segments: number[] } {
  const info = new ReceiveInfo();
  const lengths: number[] = [];
  const segments: number[] = [];
  for (;;) {
    const length = socket.receive(into, 0, into.length, 0, info);
    if (length < 0) return { lengths, segments };
    lengths.push(length);
    segments.push(info.segmentBytes);
  }
}

test('UDP_SEGMENT sends many datagrams at once, which arrive one by one', () => {
  const { world, b, client, server } = pair();
  expect(client.setOption(SOL_UDP, UDP_SEGMENT, int(1000))).toBe(0);
  expect(client.send(pattern(4500), 0, 4500, 0, null)).toBe(4500);
  world.settle();
  expect(received(server)).toEqual({ lengths: [1000, 1000, 1000, 1000, 500], segments: [0, 0, 0, 0, 0] });
  expect(b.ipv4.udpStats.inDatagrams).toBe(5);
});

test('with UDP_GRO the super-packet arrives as it is, with the length of its datagrams', () => {
  const { world, client, server } = pair();
  client.setOption(SOL_UDP, UDP_SEGMENT, int(1000));
  expect(server.setOption(SOL_UDP, UDP_GRO, int(1))).toBe(0);
  client.send(pattern(4500), 0, 4500, 0, null);
  client.send(pattern(700), 0, 700, 0, null);
  world.settle();
  expect(received(server)).toEqual({ lengths: [4500, 700], segments: [1000, 0] });
  expect([...into.subarray(0, 700)]).toEqual([...pattern(700)]);
});

test('a device without UDP segmentation gets the datagrams cut, each with its checksum', () => {
  const { world, left, client, server } = pair();
  const frames: number[] = [];
  left.features = 0;
  left.taps.push((skb, _device, sent) => {
    if (sent && skb.protocol === 0x800) frames.push(skb.length);
  });
  client.setOption(SOL_UDP, UDP_SEGMENT, int(1472));
  client.send(pattern(3000), 0, 3000, 0, null);
  world.settle();
  expect(frames).toEqual([1514, 1514, 98]);
  expect(received(server).lengths).toEqual([1472, 1472, 56]);
});

test('what UDP_SEGMENT cannot do is refused as Linux does', () => {
  const { client } = pair();
  expect(client.setOption(SOL_UDP, UDP_SEGMENT, int(-1))).toBe(-EINVAL);
  expect(client.setOption(SOL_UDP, UDP_SEGMENT, int(65_536))).toBe(-EINVAL);
  client.setOption(SOL_UDP, UDP_SEGMENT, int(1473));
  expect(client.send(pattern(3000), 0, 3000, 0, null)).toBe(-EINVAL);
  client.setOption(SOL_UDP, UDP_SEGMENT, int(100));
  expect(client.send(pattern(6401), 0, 6401, 0, null)).toBe(-EINVAL);
  expect(client.send(pattern(6400), 0, 6400, 0, null)).toBe(6400);
  client.setOption(1, SO_NO_CHECK, int(1));
  expect(client.send(pattern(300), 0, 300, 0, null)).toBe(-EINVAL);
});

test('a corked socket gathers one datagram, which goes when the cork is pulled', () => {
  const { world, client, server } = pair();
  client.setOption(SOL_UDP, UDP_CORK, int(1));
  expect(client.send(pattern(10), 0, 10, 0, null)).toBe(10);
  expect(client.send(pattern(20), 0, 20, 0, null)).toBe(20);
  world.settle();
  expect(received(server).lengths).toEqual([]);
  expect(client.setOption(SOL_UDP, UDP_CORK, int(0))).toBe(0);
  world.settle();
  expect(received(server).lengths).toEqual([30]);
});

test('MSG_MORE gathers up to the first send without it; a datagram that grows too long is lost', () => {
  const { world, client, server } = pair();
  client.send(pattern(10), 0, 10, MSG_MORE, null);
  client.send(pattern(5), 0, 5, 0, null);
  client.send(pattern(60_000), 0, 60_000, MSG_MORE, null);
  expect(client.send(pattern(9000), 0, 9000, 0, null)).toBe(-EMSGSIZE);
  client.send(pattern(7), 0, 7, 0, null);
  world.settle();
  expect(received(server).lengths).toEqual([15, 7]);
});

test('options of the level are read back, and those that are none are refused', () => {
  const { client } = pair();
  for (const option of [UDP_CORK, UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX, UDP_GRO]) {
    expect(client.getOption(SOL_UDP, option)).toEqual(int(0));
    expect(client.setOption(SOL_UDP, option, int(7))).toBe(0);
    expect(client.getOption(SOL_UDP, option)).toEqual(int(1));
    expect(client.setOption(SOL_UDP, option, Uint8Array.of(1))).toBe(-EINVAL);
  }
  client.setOption(SOL_UDP, UDP_SEGMENT, int(1200));
  expect(client.getOption(SOL_UDP, UDP_SEGMENT)).toEqual(int(1200));
  expect(client.getOption(SOL_UDP, 99)).toBe(-92);
});

test('UDP_SEGMENT as a control message holds for one send (udp_cmsg_send())', () => {
  const { world, client, server } = pair();
  const control = (bytes: number, value: number): DataView => {
    const v = new DataView(new ArrayBuffer(24));
    v.setUint32(0, 16 + bytes, true);
    v.setInt32(8, SOL_UDP, true);
    v.setInt32(12, UDP_SEGMENT, true);
    v.setUint16(16, value, true);
    return v;
  };
  const sendOnce = (v: DataView) => withControl(client, v, 0, 24, () => client.send(pattern(2500), 0, 2500, 0, null));
  expect(sendOnce(control(2, 1000))).toBe(2500);
  world.settle();
  expect(received(server).lengths).toEqual([1000, 1000, 500]);
  expect(sendOnce(control(4, 1000))).toBe(-EINVAL);
  expect(client.send(pattern(100), 0, 100, 0, null)).toBe(100);
  world.settle();
  expect(received(server).lengths).toEqual([100]);
});

test('a mark of one send is for those who may set marks (sock_cmsg_send())', () => {
  const { b } = pair();
  const v = new DataView(new ArrayBuffer(24));
  v.setUint32(0, 20, true);
  v.setInt32(8, 1, true);
  v.setInt32(12, 36, true);
  v.setUint32(16, 7, true);
  const marks = (privileged: boolean): number => {
    const socket = b.udp.createSocket(0, privileged);
    const value = withControl(socket, v, 0, 24, () => socket.mark);
    expect(socket.mark).toBe(0);
    return value;
  };
  expect([marks(true), marks(false)]).toEqual([7, -EPERM]);
  // One that is longer than what is there.
  v.setUint32(0, 25, true);
  expect(marks(true)).toBe(-EINVAL);
});
