import { ADDRESS_BYTES, ETH_P_IP, ETH_P_IPV6, isMulticast, type as etherType } from '../../../wire/ethernet.js';
import { DropReason } from '../../../net/core/drop-reason.js';
import type { PacketBuffer } from '../../../net/core/packet-buffer.js';
import { transmitHash } from '../hash.js';
import type { BondDevice } from '../device.js';
import { byHash, dropAtBond, sendBy } from '../send.js';
import type { Slave } from '../slave.js';

/** balance-tlb: each flow leaves by the slave with the most to spare; all comes in by the active one. Linux: bond_xmit_tlb_slave_get() */
export function sendBalanced(bond: BondDevice, skb: PacketBuffer): void {
  let slave: Slave | null = null;
  const protocol = etherType(skb.view, skb.data);
  if (!isMulticast(skb.bytes, skb.data) && (protocol === ETH_P_IP || protocol === ETH_P_IPV6)) {
    const { tlbDynamic, hashPolicy } = bond.parameters;
    slave = tlbDynamic ? bond.alb.transmit.choose(bond.slaves, transmitHash(hashPolicy, skb), skb.length) : byHash(bond, skb);
  }
  sendChosen(bond, slave, skb);
}

/** By the chosen slave, from its own address; by the active one where there is none. Linux: bond_do_alb_xmit() */
export function sendChosen(bond: BondDevice, chosen: Slave | null, skb: PacketBuffer): void {
  const { tlbDynamic } = bond.parameters;
  const slave = chosen ?? bond.active;
  if (chosen === null && tlbDynamic) bond.alb.transmit.unbalanced += skb.length;
  if (slave === null || !slave.canTransmit) {
    if (slave !== null && tlbDynamic) bond.alb.transmit.clear(slave, false);
    dropAtBond(bond, skb);
    return;
  }
  if (slave !== bond.active) {
    if (!bond.stack.pool.makeWritable(skb)) {
      bond.statistics.txDropped++;
      bond.stack.drop(skb, DropReason.NOMEM);
      return;
    }
    const { address } = slave.device;
    for (let i = 0; i < ADDRESS_BYTES; i++) skb.bytes[skb.data + ADDRESS_BYTES + i] = address[i]!;
  }
  sendBy(bond, slave, skb);
}
