import { IPVLAN_MODE_L2, IPVLAN_MODE_L3S } from '../../netlink/rtnl/link/ipvlan.js';
import type { NetDevice } from '../../net/core/device.js';
import { PACKET_LOOPBACK, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { netifReceive } from '../../net/core/receive.js';
import { isMulticast } from '../../wire/ethernet.js';
import { IpvlanPort } from './port.js';

/** A frame of the device below: that of the ipvlan that has the address, or the device's own. Linux: ipvlan_handle_frame() */
export function handleFrame(skb: PacketBuffer, lower: NetDevice): boolean {
  if (skb.packetType === PACKET_LOOPBACK || !(lower.port instanceof IpvlanPort)) return false;
  const port = lower.port;
  if (port.mode === IPVLAN_MODE_L3S) return false;
  if (port.mode === IPVLAN_MODE_L2 && isMulticast(skb.bytes, skb.macHeader)) {
    // The device below has it as well, at once.
    if (isExternal(port, skb)) port.enqueueGroup(lower.stack.pool.clone(skb), null);
    return false;
  }
  const device = port.owner(skb, skb.data, false);
  if (device === null) return false;
  device.countReceived(skb.length + device.hardHeaderBytes, false);
  skb.device = device;
  netifReceive(skb);
  return true;
}

/** Not what one of the devices has sent, and a switch sends back. Linux: ipvlan_external_frame() */
function isExternal(port: IpvlanPort, skb: PacketBuffer): boolean {
  const { address } = port.lower;
  for (let i = 0; i < address.length; i++) if (skb.bytes[skb.macHeader + 6 + i] !== address[i]) return true;
  return port.owner(skb, skb.data, true) === null;
}
