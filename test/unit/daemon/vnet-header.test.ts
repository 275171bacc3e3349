import { readVnetHeader, writeVnetHeader } from '../../../src/daemon/vnet-header.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  GSO_TCPV4,
  type PacketBuffer,
} from '../../../src/net/core/packet-buffer.js';
import { deviceStack } from '../drivers/fixture.js';

const HEADER = 12;

function frame(bytes: number): PacketBuffer {
  const skb = deviceStack().stack.pool.allocate(bytes)!;
  const at = skb.put(bytes);
  skb.bytes.fill(0, at - HEADER, skb.tail);
  skb.view.setUint8(at + 34 + 12, 8 << 4);
  return skb;
}

const headerOf = (skb: PacketBuffer) => Buffer.from(skb.bytes.subarray(skb.data - HEADER, skb.data)).toString('hex');
const write = (skb: PacketBuffer) => writeVnetHeader(skb, skb.view, skb.data - HEADER);
const read = (skb: PacketBuffer) => readVnetHeader(skb, skb.view, skb.data - HEADER);

describe('the virtio-net header', () => {
  test('of a whole frame says nothing', () => {
    const skb = frame(60);
    write(skb);
    expect(headerOf(skb)).toBe('00'.repeat(HEADER));
    expect(read(skb)).toBe(true);
    expect(skb.ipSummed).toBe(CHECKSUM_NONE);
  });

  test('of a super-packet tells its segments and its checksum, and is read as it was written', () => {
    const skb = frame(34 + 32 + 5000);
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = skb.data + 34;
    skb.csumOffset = 16;
    skb.gsoType = GSO_TCPV4;
    skb.gsoSize = 1448;
    write(skb);
    // flags, type, headers of 66 bytes, 1448 a segment, from 34 on, at 16.
    expect(headerOf(skb)).toBe('01014200a80522001000' + '0000');
    const other = frame(skb.length);
    other.bytes.set(skb.bytes.subarray(skb.data - HEADER, skb.data), other.data - HEADER);
    expect(read(other)).toBe(true);
    expect([other.gsoType, other.gsoSize, other.gsoSegments, other.csumStart - other.data]).toEqual([GSO_TCPV4, 1448, 4, 34]);
  });

  test('of a packet without a link header counts from the packet', () => {
    const skb = frame(60);
    skb.bytes.set(Buffer.from('01000000000014001000', 'hex'), skb.data - HEADER);
    expect(readVnetHeader(skb, skb.view, skb.data - HEADER, 0)).toBe(true);
    expect([skb.ipSummed, skb.csumStart - skb.data, skb.csumOffset]).toEqual([CHECKSUM_PARTIAL, 20, 16]);
    expect(read(skb)).toBe(false);
  });

  test('says that a checksum was good', () => {
    const skb = frame(60);
    skb.view.setUint8(skb.data - HEADER, 2);
    expect(read(skb)).toBe(true);
    expect(skb.ipSummed).toBe(CHECKSUM_UNNECESSARY);
  });

  test.each([
    ['a checksum behind the end', '01000000000030001000'],
    ['a checksum inside the Ethernet header', '01000000000002001000'],
    ['segments of no bytes', '01010000000022001000'],
    ['segments of a kind that nobody asked for', '01050000a80522001000'],
    ['segments without a checksum', '00010000a80522001000'],
  ])('with %s is refused', (_name, header) => {
    const skb = frame(60);
    skb.bytes.set(Buffer.from(header, 'hex'), skb.data - HEADER);
    expect(read(skb)).toBe(false);
  });
});
