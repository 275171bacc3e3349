import { EADDRNOTAVAIL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { IFF_BROADCAST, IFF_MULTICAST } from '../../netlink/rtnl/constants.js';
import * as ethernet from '../../wire/ethernet.js';
import { NET_ADDR_RANDOM, NetDevice } from '../core/device.js';
import { checkNewAddress } from '../core/device-state.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import type { Stack } from '../core/stack.js';

/** A device that speaks Ethernet frames, with what ether_setup() gives each. */
export abstract class EthernetDevice extends NetDevice {
  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.flags = IFF_BROADCAST | IFF_MULTICAST;
  }

  /** A locally administered unicast address out of the stack's random source. Linux: eth_hw_addr_random() */
  setRandomAddress(): void {
    const address = new Uint8Array(ethernet.ADDRESS_BYTES);
    const { random } = this.stack;
    const high = random.u32();
    const low = random.u32();
    for (let i = 0; i < 3; i++) {
      address[i] = (high >>> (8 * i)) & 0xff;
      address[i + 3] = (low >>> (8 * i)) & 0xff;
    }
    address[0] = (address[0]! & 0xfe) | 0x02;
    this.address = address;
    this.addressAssignType = NET_ADDR_RANDOM;
  }

  // Linux: eth_validate_addr()
  override open(): void {
    if (!ethernet.isValidAddress(this.address)) fail(EADDRNOTAVAIL);
  }

  // Linux: eth_mac_addr()
  override setAddress(address: Uint8Array): void {
    checkNewAddress(this, ethernet.isValidAddress(address));
    this.address = address;
  }

  // Linux: eth_header()
  createHeader(skb: PacketBuffer, protocol: number, destination: Uint8Array | null, source: Uint8Array | null): void {
    createEthernetHeader(this, skb, protocol, destination, source);
  }

  parseHeader(skb: PacketBuffer): void {
    parseEthernetHeader(this, skb);
  }
}

/** Puts an Ethernet header before `skb.data`; the caller has seen to the headroom. */
export function createEthernetHeader(
  device: NetDevice,
  skb: PacketBuffer,
  protocol: number,
  destination: Uint8Array | null,
  source: Uint8Array | null,
): void {
  const at = skb.push(ethernet.HEADER);
  const { bytes } = skb;
  const to = destination ?? device.broadcast;
  const from = source ?? device.address;
  for (let i = 0; i < ethernet.ADDRESS_BYTES; i++) {
    bytes[at + i] = to[i]!;
    bytes[at + 6 + i] = from[i]!;
  }
  bytes[at + 12] = protocol >>> 8;
  bytes[at + 13] = protocol & 0xff;
  skb.macHeader = at;
}

/**
 * Takes the header off a frame of at least 14 bytes: says what it holds and whether it is for `device`.
 * Linux: eth_type_trans()
 */
export function parseEthernetHeader(device: NetDevice, skb: PacketBuffer): void {
  const { bytes, view } = skb;
  const at = skb.data;
  skb.macHeader = at;
  const { address } = device;
  let ours = true;
  for (let i = 0; i < ethernet.ADDRESS_BYTES; i++) if (bytes[at + i] !== address[i]) ours = false;
  if (ours) skb.packetType = PACKET_HOST;
  else if (!ethernet.isMulticast(bytes, at)) skb.packetType = PACKET_OTHERHOST;
  else skb.packetType = ethernet.isBroadcast(view, at) ? PACKET_BROADCAST : PACKET_MULTICAST;
  const data = skb.pull(ethernet.HEADER);
  const type = ethernet.type(view, at);
  if (type >= ethernet.ETH_P_802_3_MIN) skb.protocol = type;
  // IEEE 802.3 3.2.6: a length. 0xffff behind it is Novell's raw format, which has no LLC header.
  else if (skb.tail - data >= 2 && view.getUint16(data) === 0xffff) skb.protocol = ethernet.ETH_P_802_3;
  else skb.protocol = ethernet.ETH_P_802_2;
}
