import { transmitHash } from '../../../../src/drivers/bond/hash.js';
import { PacketPool } from '../../../../src/net/core/packet-pool.js';
import {
  BOND_XMIT_POLICY_ENCAP34,
  BOND_XMIT_POLICY_LAYER2,
  BOND_XMIT_POLICY_LAYER23,
  BOND_XMIT_POLICY_LAYER34,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
} from '../../../../src/netlink/rtnl/link/bond.js';
import { echo, ipv4, udp } from '../../net/packets.js';

const pool = new PacketPool();

function frame(payload: Uint8Array, type = 0x0800, vlanTci = -1) {
  const skb = pool.allocate(14 + payload.length)!;
  const at = skb.put(14 + payload.length);
  skb.bytes.set(Buffer.from(`0200000001020200000002f3${type.toString(16).padStart(4, '0')}`, 'hex'), at);
  skb.bytes.set(payload, at + 14);
  skb.vlanTci = vlanTci;
  return skb;
}

const datagram = (fromPort: number, toPort: number, fragment = 0) =>
  ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17, fragment }, udp('10.0.0.1', fromPort, '10.0.0.2', toPort, new Uint8Array(4)));

// What a little-endian Linux computes, written out: the words lie in memory as on the wire.
const little = (be: number) => ((be >>> 24) | ((be >>> 8) & 0xff00) | ((be << 8) & 0xff_0000) | (be << 24)) >>> 0;
function folded(word: number, addresses: number, transport: boolean): number {
  let hash = word ^ addresses;
  hash ^= hash >>> 16;
  hash ^= hash >>> 8;
  return transport ? (hash >>> 1) & 0x7fff_ffff : hash >>> 0;
}
const addresses = little(0x0a00_0001) ^ little(0x0a00_0002);

test('layer2: the last octets of both addresses and the type', () => {
  expect(transmitHash(BOND_XMIT_POLICY_LAYER2, frame(datagram(1, 2)))).toBe(0x02 ^ 0xf3 ^ 0x0800);
});

test('layer2+3: those, and the IP addresses', () => {
  expect(transmitHash(BOND_XMIT_POLICY_LAYER23, frame(datagram(1, 2)))).toBe(folded(0x02 ^ 0xf3 ^ 0x0800, addresses, false));
});

test('layer3+4: ports and IP addresses; of fragments the addresses alone; of echoes the identifier', () => {
  const hash = (payload: Uint8Array) => transmitHash(BOND_XMIT_POLICY_LAYER34, frame(payload));
  expect(hash(datagram(1000, 53))).toBe(folded(little((1000 << 16) | 53), addresses, true));
  expect(hash(datagram(1000, 53, 0x2000))).toBe(folded(0, addresses, true));
  const ping = ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 1 }, echo(0x1234, 1, new Uint8Array(0)));
  expect(hash(ping)).toBe(folded(little(0x0800_1234), addresses, true));
});

test('layer3+4 of what is not IP is layer2', () => {
  expect(transmitHash(BOND_XMIT_POLICY_LAYER34, frame(new Uint8Array(40), 0x0806))).toBe(0x02 ^ 0xf3 ^ 0x0806);
  expect(transmitHash(BOND_XMIT_POLICY_LAYER34, frame(new Uint8Array(4)))).toBe(0x02 ^ 0xf3 ^ 0x0800);
});

test('encap3+4 looks into tunnels', () => {
  const inner = datagram(1000, 53);
  const hash = folded(little((1000 << 16) | 53), addresses, true);
  const gre = Uint8Array.of(0x20, 0, 0x08, 0, 0, 0, 0, 9);
  for (const [protocol, head] of [
    [4, new Uint8Array(0)],
    [47, gre],
  ] as const) {
    const outer = ipv4({ from: '192.0.2.1', to: '192.0.2.2', protocol }, Uint8Array.from([...head, ...inner]));
    expect(transmitHash(BOND_XMIT_POLICY_ENCAP34, frame(outer))).toBe(hash);
    expect(transmitHash(BOND_XMIT_POLICY_LAYER34, frame(outer))).not.toBe(hash);
  }
});

test('vlan+srcmac: the tag and the source address', () => {
  expect(transmitHash(BOND_XMIT_POLICY_VLAN_SRCMAC, frame(datagram(1, 2), 0x0800, 7))).toBe(7 ^ 0x02_0000 ^ 0x00_02f3);
});

test('cut short anywhere, a packet has a hash all the same', () => {
  const whole = frame(ipv4({ from: '192.0.2.1', to: '192.0.2.2', protocol: 4 }, datagram(1, 2)));
  const { tail } = whole;
  for (let end = whole.data + 14; end <= tail; end++) {
    whole.tail = end;
    for (let policy = 0; policy <= BOND_XMIT_POLICY_VLAN_SRCMAC; policy++)
      expect(Number.isInteger(transmitHash(policy, whole)) && transmitHash(policy, whole) >= 0).toBe(true);
  }
});
