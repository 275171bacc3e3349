import { DropReason } from '../../net/core/drop-reason.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { devQueueXmit } from '../../net/core/transmit.js';
import type { BondDevice } from './device.js';
import { transmitHash } from './hash.js';
import type { Slave } from './slave.js';

/** Linux: bond_tx_drop() */
export function dropAtBond(bond: BondDevice, skb: PacketBuffer): void {
  bond.statistics.txDropped++;
  bond.stack.drop(skb, DropReason.NOT_SPECIFIED);
}

/** Linux: bond_dev_queue_xmit() */
export function sendBy(bond: BondDevice, slave: Slave | null, skb: PacketBuffer): void {
  if (slave === null) {
    dropAtBond(bond, skb);
    return;
  }
  skb.device = slave.device;
  devQueueXmit(skb);
}

/** One of the slaves that packets are spread over. Linux: bond_xmit_3ad_xor_slave_get() */
export function byHash(bond: BondDevice, skb: PacketBuffer): Slave | null {
  const { usable } = bond;
  if (usable.length === 0) return null;
  return usable[transmitHash(bond.parameters.hashPolicy, skb) % usable.length]!;
}
