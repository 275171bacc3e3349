import type { NetDevice } from '../../../../src/net/core/device.js';
import { registerDevice } from '../../../../src/net/core/device-registry.js';
import { openDevice } from '../../../../src/net/core/device-state.js';
import { NF_ACCEPT, NF_DROP } from '../../../../src/net/core/hooks.js';
import { CHECKSUM_PARTIAL, GSO_TCPV4, GSO_UDP_L4, type PacketBuffer } from '../../../../src/net/core/packet-buffer.js';
import { devQueueXmit } from '../../../../src/net/core/transmit.js';
import { EthernetDevice } from '../../../../src/net/ethernet/ethernet-device.js';
import { fold, sum, verify } from '../../../../src/wire/checksum.js';
import { pseudoHeaderSum } from '../../../../src/wire/ipv4.js';
import { address, ip4, routed, World } from '../kit.js';
import { ipv4, pattern } from '../packets.js';

/** A device that can do nothing by itself, and keeps what it is given. */
class PlainDevice extends EthernetDevice {
  readonly frames: Uint8Array[] = [];

  transmit(skb: PacketBuffer): void {
    this.frames.push(skb.bytes.slice(skb.data + 14, skb.tail));
    this.stack.consume(skb);
  }
}

function plain() {
  const world = new World();
  const device = new PlainDevice(world.stack, 'plain0');
  device.setRandomAddress();
  registerDevice(world.stack.initial, device);
  openDevice(device);
  return { world, device };
}

function superPacket(device: NetDevice, gsoType: number, header: Uint8Array, payload: number, gsoSize: number): PacketBuffer {
  const protocol = gsoType === GSO_TCPV4 ? 6 : 17;
  const body = new Uint8Array(header.length + payload);
  body.set(header);
  body.set(pattern(payload), header.length);
  const packet = ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol, id: 100 }, body);
  const skb = device.stack.pool.allocate(packet.length)!;
  skb.bytes.set(packet, skb.put(packet.length));
  skb.networkHeader = skb.data;
  skb.transportHeader = skb.data + 20;
  skb.protocol = 0x0800;
  skb.device = device;
  skb.gsoType = gsoType;
  skb.gsoSize = gsoSize;
  skb.gsoSegments = Math.ceil(payload / gsoSize);
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = protocol === 6 ? 16 : 6;
  device.createHeader(skb, 0x0800, null, null);
  return skb;
}

const transportVerifies = (frame: Uint8Array, protocol: number): boolean => {
  const view = new DataView(frame.buffer);
  const bytes = frame.length - 20;
  return fold(sum(view, 20, bytes, pseudoHeaderSum(ip4('10.0.0.1'), ip4('10.0.0.2'), protocol, bytes))) === 0xffff;
};

test('a TCP super-packet leaves a plain device as segments with their own numbers, flags and checksums', () => {
  const { world, device } = plain();
  const tcp = new Uint8Array(20);
  new DataView(tcp.buffer).setUint32(4, 0xffff_ff00);
  tcp[12] = 0x50;
  tcp[13] = 0x19 | 0x80;
  expect(devQueueXmit(superPacket(device, GSO_TCPV4, tcp, 3000, 1400))).toBe(0);
  expect(device.frames.map((f) => f.length)).toEqual([1440, 1440, 240]);
  const views = device.frames.map((f) => new DataView(f.buffer));
  expect(views.map((v) => v.getUint32(24))).toEqual([0xffff_ff00, (0xffff_ff00 + 1400) >>> 0, (0xffff_ff00 + 2800) >>> 0]);
  expect(views.map((v) => v.getUint8(33))).toEqual([0x90, 0x10, 0x19]);
  expect(views.map((v) => v.getUint16(4))).toEqual([100, 101, 102]);
  expect(device.frames.every((f) => verify(new DataView(f.buffer), 0, 20, 0) && transportVerifies(f, 6))).toBe(true);
  expect(device.frames.flatMap((f) => [...f.slice(40)])).toEqual([...pattern(3000)]);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a UDP super-packet becomes datagrams', () => {
  const { world, device } = plain();
  devQueueXmit(superPacket(device, GSO_UDP_L4, new Uint8Array(8), 1000, 400));
  expect(device.frames.map((f) => new DataView(f.buffer).getUint16(24))).toEqual([408, 408, 208]);
  expect(device.frames.every((f) => transportVerifies(f, 17))).toBe(true);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a datagram whose checksum was left open gets it before a plain device', () => {
  const { device } = plain();
  const udp = new Uint8Array(8);
  const view = new DataView(udp.buffer);
  view.setUint16(4, 108);
  view.setUint16(6, fold(pseudoHeaderSum(ip4('10.0.0.1'), ip4('10.0.0.2'), 17, 108)));
  const skb = superPacket(device, GSO_UDP_L4, udp, 100, 400);
  skb.gsoSize = 0;
  skb.gsoType = 0;
  devQueueXmit(skb);
  expect(transportVerifies(device.frames[0]!, 17)).toBe(true);
});

test('hooks see a packet in the order of their priorities, and one that drops ends its way', () => {
  const { world, left, router, right } = routed();
  const seen: string[] = [];
  const note = (name: string, verdict = NF_ACCEPT) => ({
    run: () => {
      seen.push(name);
      return verdict;
    },
  });
  const { hooks } = router.ipv4;
  hooks.register(2, { priority: 0, ...note('forward 0') });
  hooks.register(0, { priority: 0, ...note('pre 0') });
  hooks.register(0, { priority: -300, ...note('pre -300') });
  hooks.register(4, { priority: 0, ...note('post') });
  right.ipv4.hooks.register(1, { priority: 0, ...note('in') });
  left.ipv4.hooks.register(3, { priority: 0, ...note('out') });
  const socket = left.udp.createSocket(0, true);
  const send = () => {
    seen.length = 0;
    socket.send(pattern(4), 0, 4, 0, address('10.0.1.1', 9));
    world.settle();
    return seen.join(', ');
  };
  expect(send()).toMatch(/^out, pre -300, pre 0, forward 0, post, in/);
  const remove = hooks.register(2, { priority: -1, ...note('drop', NF_DROP) });
  expect(send()).toBe('out, pre -300, pre 0, drop');
  expect(world.drops.at(-1)).toBe(7);
  remove();
  expect(send()).toMatch(/forward 0, post, in/);
  expect(world.stack.pool.inUse).toBe(0);
});
