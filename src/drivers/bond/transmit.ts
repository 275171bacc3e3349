import {
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_BROADCAST,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_TLB,
  BOND_MODE_XOR,
} from '../../netlink/rtnl/link/bond.js';
import { ETH_P_IP, HEADER, type as etherType } from '../../wire/ethernet.js';
import * as ip from '../../wire/ipv4.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { sendBalancedAll } from './alb/send-all.js';
import { sendBalanced } from './alb/transmit-balance.js';
import type { BondDevice } from './device.js';
import { byHash, dropAtBond, sendBy } from './send.js';
import type { Slave } from './slave.js';

/** A frame, link header at `skb.data`, leaves by a slave, as the mode has it. Takes ownership. Linux: bond_start_xmit() */
export function sendByMode(bond: BondDevice, skb: PacketBuffer): void {
  switch (bond.parameters.mode) {
    case BOND_MODE_ROUNDROBIN:
      sendBy(bond, inTurn(bond, skb), skb);
      break;
    case BOND_MODE_ACTIVEBACKUP:
      sendBy(bond, bond.active, skb);
      break;
    case BOND_MODE_XOR:
    case BOND_MODE_8023AD:
      sendBy(bond, byHash(bond, skb), skb);
      break;
    case BOND_MODE_BROADCAST:
      sendByAll(bond, skb);
      break;
    case BOND_MODE_TLB:
      sendBalanced(bond, skb);
      break;
    case BOND_MODE_ALB:
      sendBalancedAll(bond, skb);
      break;
    default:
      dropAtBond(bond, skb);
  }
}

/** Linux: bond_xmit_roundrobin_slave_get() */
function inTurn(bond: BondDevice, skb: PacketBuffer): Slave | null {
  const { slaves } = bond;
  if (slaves.length === 0) return null;
  // Membership reports keep to one slave, so that a switch sends the groups' traffic there.
  if (isIgmp(skb)) return bond.active ?? slaves[0]!;
  return nextUsable(slaves, nextNumber(bond) % slaves.length);
}

function isIgmp({ view, data, tail }: PacketBuffer): boolean {
  return etherType(view, data) === ETH_P_IP && tail - data >= HEADER + ip.HEADER && ip.protocol(view, data + HEADER) === ip.PROTOCOL_IGMP;
}

/** The slave at `start`, else the next behind it that may send. Linux: bond_get_slave_by_id() */
function nextUsable(slaves: readonly Slave[], start: number): Slave | null {
  for (let i = 0; i < slaves.length; i++) {
    const slave = slaves[(start + i) % slaves.length]!;
    if (slave.canTransmit) return slave;
  }
  return null;
}

// Linux: bond_rr_gen_slave_id()
function nextNumber(bond: BondDevice): number {
  const { packetsPerSlave } = bond.parameters;
  if (packetsPerSlave === 0) return bond.stack.random.u32();
  const count = bond.sent;
  bond.sent = (count + 1) >>> 0;
  return packetsPerSlave === 1 ? count : Math.floor(count / packetsPerSlave);
}

/** Each slave gets a copy. Linux: bond_xmit_broadcast() */
function sendByAll(bond: BondDevice, skb: PacketBuffer): void {
  const { slaves } = bond;
  let last: Slave | null = null;
  for (let i = 0; i < slaves.length; i++) {
    const slave = slaves[i]!;
    if (!slave.running || slave.link !== BOND_LINK_UP) continue;
    if (last !== null) sendBy(bond, last, bond.stack.pool.clone(skb));
    last = slave;
  }
  sendBy(bond, last, skb);
}
