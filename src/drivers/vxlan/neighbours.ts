import { AF_INET } from '../../netlink/constants.js';
import { arpCreate } from '../../net/arp/send.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { NUD_CONNECTED, type Neighbour } from '../../net/core/neighbour.js';
import { CHECKSUM_UNNECESSARY, PACKET_HOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import * as arp from '../../wire/arp.js';
import * as ethernet from '../../wire/ethernet.js';
import { isMulticast } from '../../wire/ipv4.js';
import { highOf, lowOf } from './database.js';
import type { VxlanDevice } from './device.js';
import { bytesOf, isNowhere } from './remote.js';

// A vxlan device that knows its neighbours (`ip neigh add ... dev vxlan0`) need not ask all of the network for them.

const LOOPBACK_NET = 127;

const neighbourOf = (device: VxlanDevice, address: number): Neighbour | null =>
  device.namespace.neighbourTables.find(({ family }) => family === AF_INET)?.lookup(device, address) ?? null;

const tellMiss = (device: VxlanDevice, address: number): void => {
  if (device.settings.l3miss) device.database.onMiss?.(null, bytesOf({ address, address6: null }));
};

/** `proxy`: a question by ARP is answered from here, and never leaves. Takes ownership. Linux: arp_reduce() */
export function proxyArp(device: VxlanDevice, skb: PacketBuffer): void {
  const { stack } = device;
  answerArp(device, skb);
  stack.consume(skb);
}

function answerArp(device: VxlanDevice, skb: PacketBuffer): void {
  const { stack, database } = device;
  const at = skb.data + ethernet.HEADER;
  const { view, bytes } = skb;
  if (skb.tail - at < arp.PACKET) {
    device.statistics.txDropped++;
    return;
  }
  if (arp.protocolType(view, at) !== ethernet.ETH_P_IP || arp.operation(view, at) !== arp.ARPOP_REQUEST) return;
  if (arp.hardwareLength(view, at) !== ethernet.ADDRESS_BYTES || arp.protocolLength(view, at) !== 4) return;
  const wanted = arp.target(view, at);
  if (wanted >>> 24 === LOOPBACK_NET || isMulticast(wanted)) return;
  const neighbour = neighbourOf(device, wanted);
  if (neighbour === null) {
    tellMiss(device, wanted);
    return;
  }
  if ((neighbour.state & NUD_CONNECTED) === 0) return;
  const remote = database.find(highOf(neighbour.address), lowOf(neighbour.address), 0)?.remotes[0];
  // It is on this side of the network: it answers for itself.
  if (remote !== undefined && isNowhere(remote)) return;
  const asker = bytes.slice(arp.senderHardware(at), arp.senderHardware(at) + ethernet.ADDRESS_BYTES);
  const reply = arpCreate(device, arp.ARPOP_REPLY, wanted, arp.sender(view, at), asker, neighbour.address, asker);
  if (reply === null) return;
  reply.ipSummed = CHECKSUM_UNNECESSARY;
  reply.packetType = PACKET_HOST;
  device.parseHeader(reply);
  if (stack.enqueue(reply)) return;
  device.statistics.rxDropped++;
  stack.drop(reply, DropReason.CPU_BACKLOG);
}

/**
 * `rsc`: what goes to a router, but is for a neighbour that is known, goes to that straight, as if the router had sent it. True: the
 * frame's addresses have changed. Linux: route_shortcircuit()
 */
export function shortcut(device: VxlanDevice, skb: PacketBuffer): boolean {
  const at = skb.data + ethernet.HEADER;
  if (skb.tail - at < 20) return false;
  const destination = skb.view.getUint32(at + 16);
  const neighbour = neighbourOf(device, destination);
  if (neighbour === null) {
    tellMiss(device, destination);
    return false;
  }
  const { address } = neighbour;
  let differs = false;
  for (let i = 0; i < ethernet.ADDRESS_BYTES; i++) if (skb.bytes[skb.data + i] !== address[i]) differs = true;
  if (!differs || (skb.shared && !device.stack.pool.makeWritable(skb))) return false;
  skb.bytes.copyWithin(skb.data + ethernet.ADDRESS_BYTES, skb.data, skb.data + ethernet.ADDRESS_BYTES);
  skb.bytes.set(address.subarray(0, ethernet.ADDRESS_BYTES), skb.data);
  return true;
}
