import * as arp from '../../../wire/arp.js';
import { ADDRESS_BYTES, HEADER } from '../../../wire/ethernet.js';
import { arpCreate } from '../../../net/arp/send.js';
import type { PacketBuffer } from '../../../net/core/packet-buffer.js';
import { devQueueXmit } from '../../../net/core/transmit.js';
import { sameLinkAddress } from '../../../net/core/device-addresses.js';
import type { BondDevice } from '../device.js';
import type { Slave } from '../slave.js';
import { ENTRIES, ReceiveTable } from './tables.js';

// Receive load balancing: each client is told, by ARP, the address of one of the slaves, and so sends to that one.

const TICKS_PER_SECOND = 10;
/** Answers come after requests, which have drawn all clients to the active slave. Linux: RLB_UPDATE_DELAY */
const UPDATE_DELAY = 2 * TICKS_PER_SECOND;
/** Linux: RLB_UPDATE_RETRY, RLB_ARP_BURST_SIZE */
const UPDATE_RETRY = 3;
const BURST = 2;

/** What is still to be told, and when. */
export class ReceiveBalance {
  readonly table = new ReceiveTable();
  /** The slave that was given a client last. */
  last: Slave | null = null;
  pending = false;
  delay = 0;
  retries = 0;
  rebalances = false;
}

/** An ARP packet leaves: answers name a slave of the client's own. The slave it leaves by; null: the active one. Linux: rlb_arp_xmit() */
export function sendArp(bond: BondDevice, skb: PacketBuffer): Slave | null {
  const { view, data, tail } = skb;
  const at = data + HEADER;
  if (tail - at < arp.PACKET || !isOwn(bond, skb.bytes, arp.senderHardware(at))) return null;
  const operation = arp.operation(view, at);
  if (operation === arp.ARPOP_REPLY) {
    const slave = choose(bond, skb, at);
    if (slave === null || !bond.stack.pool.makeWritable(skb)) return null;
    for (let i = 0; i < ADDRESS_BYTES; i++) skb.bytes[arp.senderHardware(at) + i] = slave.device.address[i]!;
    return slave;
  }
  if (operation === arp.ARPOP_REQUEST) {
    choose(bond, skb, at);
    bond.alb.receive.delay = UPDATE_DELAY;
    redoClientsOf(bond, arp.sender(view, at));
  }
  return null;
}

function isOwn(bond: BondDevice, bytes: Uint8Array, at: number): boolean {
  for (let n = 0; n < bond.slaves.length; n++) {
    const { address } = bond.slaves[n]!.device;
    let same = true;
    for (let i = 0; i < ADDRESS_BYTES; i++) if (bytes[at + i] !== address[i]) same = false;
    if (same) return true;
  }
  return false;
}

/** Linux: rlb_choose_channel() */
function choose(bond: BondDevice, skb: PacketBuffer, at: number): Slave | null {
  const { receive } = bond.alb;
  const { table } = receive;
  const own = arp.sender(skb.view, at);
  const client = arp.target(skb.view, at);
  const slot = ReceiveTable.slot(client);
  if (table.assigned[slot] === 1) {
    if (table.own[slot] === own && table.client[slot] === client) {
      if (arp.operation(skb.view, at) === arp.ARPOP_REPLY) table.learn(slot, skb.bytes, arp.targetHardware(at));
      return table.slaves[slot]!;
    }
    // Another client has the entry: it goes to the active slave.
    if (bond.active !== null && table.slaves[slot] !== bond.active) {
      table.slaves[slot] = bond.active;
      tell(bond, slot);
    }
  }
  const slave = next(bond);
  if (slave === null) return null;
  table.assigned[slot] = 1;
  table.own[slot] = own;
  table.client[slot] = client;
  table.learn(slot, skb.bytes, arp.targetHardware(at));
  table.slaves[slot] = slave;
  table.pending[slot] = table.knows(slot) ? 1 : 0;
  if (table.pending[slot] === 1) receive.pending = true;
  return slave;
}

/** The next in turn, the fastest first. Linux: __rlb_next_rx_slave() */
function next(bond: BondDevice): Slave | null {
  const { receive } = bond.alb;
  let before: Slave | null = null;
  let after: Slave | null = null;
  let passed = false;
  for (let i = 0; i < bond.slaves.length; i++) {
    const slave = bond.slaves[i]!;
    if (slave.canTransmit) {
      if (!passed) before = faster(before, slave);
      else after = faster(after, slave);
    }
    if (slave === receive.last) passed = true;
  }
  const chosen = after === null || (before !== null && after.speedMbps < before.speedMbps) ? before : after;
  if (chosen !== null) receive.last = chosen;
  return chosen;
}

const faster = (a: Slave | null, b: Slave): Slave => (a === null || a.speedMbps < b.speedMbps ? b : a);

/** A request has told all clients the active slave's address. Linux: rlb_req_update_subnet_clients() */
function redoClientsOf(bond: BondDevice, own: number): void {
  const { receive } = bond.alb;
  const { table } = receive;
  for (let at = 0; at < ENTRIES; at++) {
    const slave = table.slaves[at]!;
    if (table.assigned[at] === 0 || slave === null || table.own[at] !== own) continue;
    if (sameLinkAddress(slave.device.address, bond.address) || !table.knows(at)) continue;
    table.pending[at] = 1;
    receive.pending = true;
  }
}

/** An ARP answer came in: the client's address is known from now on. Linux: rlb_arp_recv(), rlb_update_entry_from_arp() */
export function receiveArp(bond: BondDevice, skb: PacketBuffer): void {
  const { view, data } = skb;
  if (skb.tail - data < arp.PACKET || arp.operation(view, data) !== arp.ARPOP_REPLY) return;
  const { receive } = bond.alb;
  const { table } = receive;
  const client = arp.sender(view, data);
  const at = ReceiveTable.slot(client);
  if (table.assigned[at] === 0 || table.client[at] !== client || table.own[at] !== arp.target(view, data)) return;
  if (!table.learn(at, skb.bytes, arp.senderHardware(data))) return;
  table.pending[at] = 1;
  receive.pending = true;
}

/** Clients of `slave` hear again where to send. Linux: rlb_req_update_slave_clients() */
export function redoClientsAt(bond: BondDevice, slave: Slave): void {
  const { receive } = bond.alb;
  const { table } = receive;
  for (let at = 0; at < ENTRIES; at++) {
    if (table.slaves[at] !== slave || !table.knows(at)) continue;
    table.pending[at] = 1;
    receive.pending = true;
    receive.retries = UPDATE_RETRY;
  }
}

/** Clients of a slave that is gone go to others. Linux: rlb_clear_slave() */
export function leaveSlave(bond: BondDevice, slave: Slave): void {
  const { receive } = bond.alb;
  if (receive.last === slave) receive.last = null;
  for (let at = 0; at < ENTRIES; at++) {
    if (receive.table.slaves[at] !== slave) continue;
    const heir = next(bond);
    if (heir === null) receive.table.forget(at);
    else give(bond, at, heir);
  }
}

/** All clients are spread anew, as slaves have come. Linux: rlb_rebalance() */
function rebalance(bond: BondDevice): void {
  const { table } = bond.alb.receive;
  for (let at = 0; at < ENTRIES; at++) {
    if (table.assigned[at] === 0) continue;
    const slave = next(bond);
    if (slave !== null && slave !== table.slaves[at]) give(bond, at, slave);
  }
}

function give(bond: BondDevice, at: number, slave: Slave): void {
  const { receive } = bond.alb;
  receive.table.slaves[at] = slave;
  if (!receive.table.knows(at)) return;
  receive.table.pending[at] = 1;
  receive.pending = true;
  receive.retries = UPDATE_RETRY;
}

/** One round, a tenth of a second. */
export function receiveTick(bond: BondDevice): void {
  const { receive } = bond.alb;
  if (receive.rebalances) {
    receive.rebalances = false;
    rebalance(bond);
  }
  if (!receive.pending) return;
  if (receive.delay > 0) {
    receive.delay--;
    return;
  }
  for (let at = 0; at < ENTRIES; at++) {
    if (receive.table.pending[at] === 0) continue;
    tell(bond, at);
    if (receive.retries === 0) receive.table.pending[at] = 0;
  }
  if (receive.retries > 0) receive.retries--;
  else receive.pending = false;
}

/** An answer that nobody asked for. Linux: rlb_update_client() */
function tell(bond: BondDevice, at: number): void {
  const { table } = bond.alb.receive;
  const slave = table.slaves[at]!;
  if (slave === null || !table.knows(at)) return;
  const { device } = slave;
  const hardware = table.hardwareOf(at);
  for (let i = 0; i < BURST; i++) {
    const skb = arpCreate(device, arp.ARPOP_REPLY, table.own[at]!, table.client[at]!, hardware, device.address, hardware);
    if (skb === null) return;
    devQueueXmit(skb);
  }
}
