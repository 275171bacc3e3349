import { BOND_ARP_FILTER, BOND_ARP_TARGETS_ALL, BOND_STATE_ACTIVE, BOND_STATE_BACKUP } from '../../netlink/rtnl/link/bond.js';
import * as arp from '../../wire/arp.js';
import { ADDRESS_BYTES, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../../net/core/device.js';
import { PACKET_LOOPBACK, PACKET_OTHERHOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import type { BondDevice } from './device.js';
import type { Slave } from './slave.js';

// What the ARP monitor makes of what slaves receive.

const source = new Uint32Array(4);
const destination = new Uint32Array(4);

/** Whether the slave did something in the last `count` intervals, half of one allowed more. Linux: bond_time_in_interval() */
export function inInterval(bond: BondDevice, atUs: number, count: number): boolean {
  const deltaUs = bond.parameters.arpIntervalMs * 1000;
  const { nowUs } = bond.stack;
  return nowUs >= atUs - deltaUs && nowUs <= atUs + count * deltaUs + deltaUs / 2;
}

/** When it received last what counts. Linux: slave_last_rx() */
export function lastReceived(bond: BondDevice, slave: Slave): number {
  const { arpAllTargets, arpTargets } = bond.parameters;
  if (arpAllTargets !== BOND_ARP_TARGETS_ALL || arpTargets.length === 0) return slave.lastReceivedUs;
  let oldest = slave.targetReceivedUs[0]!;
  for (let i = 1; i < arpTargets.length; i++) oldest = Math.min(oldest, slave.targetReceivedUs[i]!);
  return oldest;
}

/** Sees a frame that a slave received; it stays the caller's. Linux: bond_rcv_validate() */
export function noteReceived(bond: BondDevice, slave: Slave, skb: PacketBuffer): void {
  const { arpValidate } = bond.parameters;
  const asked = skb.protocol === ETH_P_ARP || skb.protocol === ETH_P_IPV6;
  const state = slave.backup ? BOND_STATE_BACKUP : BOND_STATE_ACTIVE;
  if ((arpValidate & (1 << state)) === 0) {
    if ((arpValidate & BOND_ARP_FILTER) === 0 || asked) slave.lastReceivedUs = bond.stack.nowUs;
  } else if (skb.packetType === PACKET_OTHERHOST || skb.packetType === PACKET_LOOPBACK) return;
  else if (skb.protocol === ETH_P_ARP) noteArp(bond, slave, skb);
  else if (skb.protocol === ETH_P_IPV6) noteAdvertisement(bond, slave, skb);
}

// Linux: bond_arp_rcv()
function noteArp(bond: BondDevice, slave: Slave, skb: PacketBuffer): void {
  const { view, data } = skb;
  if (skb.tail - data < arp.PACKET || arp.hardwareLength(view, data) !== ADDRESS_BYTES || arp.protocolLength(view, data) !== 4) return;
  if (arp.protocolType(view, data) !== ETH_P_IP) return;
  const from = arp.sender(view, data);
  const to = arp.target(view, data);
  // A backup slave sees the active one's requests, by the switch; before one is active, answers to the slave that is tried.
  if (!slave.backup) acceptArp(bond, slave, from, to);
  else if (trustsBackup(bond)) acceptArp(bond, slave, to, from);
  else if (arp.operation(view, data) === arp.ARPOP_REPLY && wasTried(bond)) acceptArp(bond, slave, from, to);
}

function trustsBackup(bond: BondDevice): boolean {
  const { active } = bond;
  return active !== null && lastReceived(bond, active) > active.lastLinkUpUs;
}

const wasTried = (bond: BondDevice): boolean => bond.tried !== null && inInterval(bond, bond.tried.lastSentUs, 1);

// Linux: bond_validate_arp()
function acceptArp(bond: BondDevice, slave: Slave, from: number, to: number): void {
  if (from === 0 || !has(bond, to)) return;
  const at = bond.parameters.arpTargets.indexOf(from);
  if (at < 0) return;
  accepted(bond, slave, at);
}

function accepted(bond: BondDevice, slave: Slave, target: number): void {
  slave.lastReceivedUs = bond.stack.nowUs;
  slave.targetReceivedUs[target] = bond.stack.nowUs;
}

/** Whether the bond, or a device upon it, has the address. Linux: bond_has_this_ip() */
function has(device: NetDevice, address: number): boolean {
  for (const held of device.ipv4?.addresses ?? []) if (held.local === address) return true;
  for (const upper of device.uppers) if (has(upper, address)) return true;
  return false;
}

// Linux: bond_na_rcv()
function noteAdvertisement(bond: BondDevice, slave: Slave, skb: PacketBuffer): void {
  const { view, data } = skb;
  if (skb.tail - data < ip6.HEADER + icmpv6.HEADER || ip6.nextHeader(view, data) !== icmpv6.PROTOCOL) return;
  const type = icmpv6.type(view, data + ip6.HEADER);
  if (type !== icmpv6.NEIGHBOUR_ADVERTISEMENT && type !== icmpv6.NEIGHBOUR_SOLICITATION) return;
  ip6.readAddress(view, data + ip6.SOURCE, source);
  ip6.readAddress(view, data + ip6.DESTINATION, destination);
  const answer = type === icmpv6.NEIGHBOUR_ADVERTISEMENT;
  if (!slave.backup) {
    if (answer) acceptAdvertisement(bond, slave, source, destination);
  } else if (trustsBackup(bond)) acceptAdvertisement(bond, slave, source, destination);
  else if (answer && wasTried(bond)) acceptAdvertisement(bond, slave, source, destination);
}

// Linux: bond_validate_na()
function acceptAdvertisement(bond: BondDevice, slave: Slave, from: ip6.In6, to: ip6.In6): void {
  if (ip6.isAny(from) || (!ip6.equalAddress(to, ip6.ALL_NODES) && !has6(bond, to))) return;
  const { nsTargets } = bond.parameters;
  for (let i = 0; i < nsTargets.length; i++) if (ip6.equalAddress(nsTargets[i]!, from)) accepted(bond, slave, i);
}

function has6(device: NetDevice, address: ip6.In6): boolean {
  for (const held of device.ipv6?.addresses ?? []) if (ip6.equalAddress(held.address, address)) return true;
  for (const upper of device.uppers) if (has6(upper, address)) return true;
  return false;
}
