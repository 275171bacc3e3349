import { EIO, ENOPROTOOPT } from '../../../../src/base/errno.js';
import { intBytes } from '../../../../src/net/core/socket-options.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { DropReason } from '../../../../src/net/core/drop-reason.js';
import * as udp from '../../../../src/wire/udp.js';
import { address, World } from '../kit.js';
import { pattern } from '../packets.js';

const SOL_UDP = 17;
const SOL_UDPLITE = 136;
const UDPLITE_SEND_CSCOV = 10;
const UDPLITE_RECV_CSCOV = 11;
const UDP_SEGMENT = 103;

const into = new Uint8Array(2000);

/** Two hosts; what leaves the first is shown to `seen` before it arrives: the header's coverage field and a way to break a byte of it. */
function pair(seen: (coverage: number, breakByte: (fromEnd: number) => void) => void = () => undefined) {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  const [left] = world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  const device: NetDevice = left;
  const transmit = device.transmit.bind(device);
  device.transmit = (skb) => {
    const at = skb.networkHeader + 20;
    if (skb.view.getUint8(skb.networkHeader + 9) === SOL_UDPLITE)
      seen(udp.length(skb.view, at), (fromEnd) => {
        skb.bytes[skb.tail - fromEnd]! ^= 1;
      });
    transmit(skb);
  };
  const sender = a.udpLite.createSocket(0, true);
  const receiver = b.udpLite.createSocket(0, true);
  expect(receiver.bind(address('10.0.0.2', 7))).toBe(0);
  const send = (bytes: number): number => {
    const result = sender.send(pattern(bytes), 0, bytes, 0, address('10.0.0.2', 7));
    world.settle();
    return result;
  };
  return { world, b, sender, receiver, send };
}

test('RFC 3828: damage beyond what the checksum covers does not keep a datagram from arriving, damage within does', () => {
  let place = 1;
  const { b, sender, receiver, send } = pair((coverage, breakByte) => {
    expect(coverage).toBe(20);
    breakByte(place);
  });
  expect(sender.setOption(SOL_UDPLITE, UDPLITE_SEND_CSCOV, intBytes(20))).toBe(0);
  expect(send(100)).toBe(100);
  expect(receiver.receive(into, 0, 200, 0, null)).toBe(100);
  expect(into[99]).toBe(pattern(100)[99]! ^ 1);
  place = 100;
  send(100);
  expect(receiver.queued).toBe(false);
  expect(b.ipv4.udpLiteStats).toMatchObject({ inDatagrams: 1, inErrors: 1, inCsumErrors: 1 });
  expect(b.ipv4.udpStats.inDatagrams).toBe(0);
});

test('all is covered unless the user says otherwise; a coverage of 0 means all, one below the header the header', () => {
  const fields: number[] = [];
  const { sender, receiver, send } = pair((coverage) => fields.push(coverage));
  send(50);
  for (const bytes of [0, 3, 9000]) {
    sender.setOption(SOL_UDP, UDPLITE_SEND_CSCOV, intBytes(bytes));
    send(50);
  }
  expect(fields).toEqual([58, 0, 8, 58]);
  for (let i = 0; i < 4; i++) expect(receiver.receive(into, 0, 200, 0, null)).toBe(50);
  expect(sender.getOption(SOL_UDPLITE, UDPLITE_SEND_CSCOV)).toEqual(intBytes(9000));
});

test('a receiver refuses what is covered less than it wants, and what is covered in part where it wants all', () => {
  const { world, sender, receiver, send } = pair();
  sender.setOption(SOL_UDPLITE, UDPLITE_SEND_CSCOV, intBytes(20));
  receiver.setOption(SOL_UDPLITE, UDPLITE_RECV_CSCOV, intBytes(30));
  send(100);
  receiver.setOption(SOL_UDPLITE, UDPLITE_RECV_CSCOV, intBytes(0));
  send(100);
  expect(world.drops.filter((reason) => reason === DropReason.UDP_CSUM)).toHaveLength(2);
  receiver.setOption(SOL_UDPLITE, UDPLITE_RECV_CSCOV, intBytes(20));
  send(100);
  expect(receiver.receive(into, 0, 200, 0, null)).toBe(100);
});

test('UDP has no coverage, and UDP-Lite no super-packets', () => {
  const { b, sender, send } = pair();
  expect(b.udp.createSocket(0, true).setOption(SOL_UDP, UDPLITE_SEND_CSCOV, intBytes(20))).toBe(-ENOPROTOOPT);
  sender.setOption(SOL_UDP, UDP_SEGMENT, intBytes(10));
  expect(send(100)).toBe(-EIO);
});
