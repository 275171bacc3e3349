import { ARPHRD_ETHER, ARPHRD_LOOPBACK, IFF_NOARP } from '../../netlink/rtnl/constants.js';
import * as arp from '../../wire/arp.js';
import { ADDRESS_BYTES, ETH_P_ARP } from '../../wire/ethernet.js';
import type { NetDevice } from '../core/device.js';
import { ARP_OUT, runHooks } from '../core/hooks.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { devQueueXmit } from '../core/transmit.js';
import type { TunnelMetadata } from '../core/tunnel-metadata.js';

/**
 * Sends one ARP packet. `to`: the frame's destination, null everybody; `targetHardware`: what the packet names, null zeros; `tunnel`:
 * what a tunnel that it leaves by is told.
 * Linux: arp_send_dst()
 */
export function arpSend(
  device: NetDevice,
  operation: number,
  sender: number,
  target: number,
  to: Uint8Array | null,
  targetHardware: Uint8Array | null,
  tunnel: TunnelMetadata | null = null,
): void {
  if ((device.flags & IFF_NOARP) !== 0) return;
  const skb = arpCreate(device, operation, sender, target, to, device.address, targetHardware);
  // Without memory there is no question and no answer: the other side asks again.
  if (skb === null) return;
  skb.tunnel = tunnel;
  const { members } = device.namespace.arpOutput;
  if (members.length === 0 || runHooks(members, skb, ARP_OUT, null, device)) devQueueXmit(skb);
}

/** The frame of arpSend(), in which `senderHardware` says where the sender is; null: no memory. Linux: arp_create() */
export function arpCreate(
  device: NetDevice,
  operation: number,
  sender: number,
  target: number,
  to: Uint8Array | null,
  senderHardware: Uint8Array,
  targetHardware: Uint8Array | null,
): PacketBuffer | null {
  if (senderHardware.length !== ADDRESS_BYTES) return null;
  const skb = device.stack.pool.allocate(arp.PACKET);
  if (skb === null) return null;
  const at = skb.put(arp.PACKET);
  skb.networkHeader = at;
  skb.device = device;
  skb.protocol = ETH_P_ARP;
  const type = device.type === ARPHRD_LOOPBACK ? ARPHRD_ETHER : device.type;
  arp.write(skb.view, at, type, operation, sender, target);
  const { bytes } = skb;
  for (let i = 0; i < ADDRESS_BYTES; i++) {
    bytes[arp.senderHardware(at) + i] = senderHardware[i]!;
    bytes[arp.targetHardware(at) + i] = targetHardware === null ? 0 : targetHardware[i]!;
  }
  device.createHeader(skb, ETH_P_ARP, to, senderHardware);
  return skb;
}
