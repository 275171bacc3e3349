import { BOND_MODE_8023AD, BOND_MODE_ALB } from '../../netlink/rtnl/link/bond.js';
import { ADDRESS_BYTES, ETH_P_ARP } from '../../wire/ethernet.js';
import { ETH_P_SLOW } from '../../wire/lacp.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { netifReceive } from '../../net/core/receive.js';
import { receiveArp } from './alb/receive-balance.js';
import { receiveSlow } from './lacp/lacpdu.js';
import type { Slave } from './slave.js';
import { noteReceived } from './validate.js';

/** What a slave receives: the bond's, or of no use. False: it is for the slave's device itself. Linux: bond_handle_frame() */
export function receiveAtSlave(slave: Slave, skb: PacketBuffer): boolean {
  const { bond } = slave;
  const { stack, parameters } = bond;
  if (bond.up) {
    if (parameters.mode === BOND_MODE_8023AD) {
      if (skb.protocol === ETH_P_SLOW) receiveSlow(slave, skb);
    } else if (parameters.arpIntervalMs !== 0) noteReceived(bond, slave, skb);
    else if (parameters.mode === BOND_MODE_ALB && skb.protocol === ETH_P_ARP) receiveArp(bond, skb);
  }
  if (
    slave.inactive &&
    !(parameters.mode === BOND_MODE_ALB && skb.packetType !== PACKET_BROADCAST && skb.packetType !== PACKET_MULTICAST)
  ) {
    if (isLinkLocal(skb)) return false;
    // Only who listens at the slave itself gets it (RX_HANDLER_EXACT), and taps did.
    slave.device.statistics.rxNohandler++;
    stack.drop(skb, DropReason.UNHANDLED_PROTO);
    return true;
  }
  skb.device = bond;
  if (parameters.mode === BOND_MODE_ALB && skb.packetType === PACKET_HOST && bond.master !== null && !readdress(slave, skb)) return true;
  netifReceive(skb);
  return true;
}

/** 01:80:c2:00:00:0X, which no bridge passes on. */
function isLinkLocal({ view, bytes, macHeader }: PacketBuffer): boolean {
  return view.getUint32(macHeader) === 0x0180_c200 && bytes[macHeader + 4] === 0 && (bytes[macHeader + 5]! & 0xf0) === 0;
}

/** A bridge knows the bond by its own address, not by the slave's. False: there was no memory, the packet is gone. */
function readdress({ bond }: Slave, skb: PacketBuffer): boolean {
  if (!bond.stack.pool.makeWritable(skb)) {
    bond.stack.drop(skb, DropReason.NOMEM);
    return false;
  }
  for (let i = 0; i < ADDRESS_BYTES; i++) skb.bytes[skb.macHeader + i] = bond.address[i]!;
  return true;
}
