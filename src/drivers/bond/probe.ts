import { ARPOP_REQUEST } from '../../wire/arp.js';
import { copyAddress, type In6 } from '../../wire/ipv6.js';
import { VlanDevice } from '../../net/8021q/vlan-device.js';
import { arpCreate } from '../../net/arp/send.js';
import type { NetDevice } from '../../net/core/device.js';
import { Flow } from '../../net/core/flow.js';
import { devQueueXmit } from '../../net/core/transmit.js';
import { standsUpon } from '../../net/core/upper-devices.js';
import type { BondDevice } from './device.js';
import type { Slave } from './slave.js';

// The questions of the ARP monitor: who has the targets? Asked by one slave.

const flow = new Flow();

/** Linux: bond_arp_send_all(), bond_ns_send_all() */
export function askTargets(bond: BondDevice, slave: Slave): void {
  for (const target of bond.parameters.arpTargets) askByArp(bond, slave, target);
  for (const target of bond.parameters.nsTargets) askByDiscovery(bond, slave, target);
}

function askByArp(bond: BondDevice, slave: Slave, target: number): void {
  flow.reset();
  flow.destination = target;
  const route = bond.namespace.ipv4.routes.output(flow);
  // Without a route the question goes out all the same, from nobody: its answer is traffic.
  if (route.error !== 0 || route.device === null) sendArp(slave, target, 0, null);
  else if (isAbove(bond, route.device)) sendArp(slave, target, sourceFor(route.device, target), vlanOf(bond, route.device));
}

/** Whether what leaves by `device` comes to the bond. */
const isAbove = (bond: BondDevice, device: NetDevice): boolean => device === bond || standsUpon(device, bond);

/** The address of `device` in the target's net; 0: none. Linux: bond_confirm_addr() */
function sourceFor(device: NetDevice, target: number): number {
  for (const held of device.ipv4?.addresses ?? []) if (held.covers(target)) return held.local;
  return 0;
}

/** The VLAN between the bond and `device`. */
function vlanOf(bond: BondDevice, device: NetDevice): VlanDevice | null {
  if (device instanceof VlanDevice && isAbove(bond, device.lower)) return device;
  return null;
}

// Linux: bond_arp_send()
function sendArp(slave: Slave, target: number, source: number, vlan: VlanDevice | null): void {
  const { device } = slave;
  const skb = arpCreate(device, ARPOP_REQUEST, source, target, null, device.address, null);
  if (skb === null) return;
  if (vlan !== null) {
    skb.vlanTci = vlan.id;
    skb.vlanProtocol = vlan.protocol;
  }
  slave.lastSentUs = device.stack.nowUs;
  devQueueXmit(skb);
}

// Linux: bond_ns_send()
function askByDiscovery(bond: BondDevice, slave: Slave, target: In6): void {
  const { ipv6 } = bond.namespace;
  flow.reset();
  copyAddress(target, flow.destination6);
  const route = ipv6.routes.output(flow);
  if (route.error !== 0 || route.device === null || !isAbove(bond, route.device)) return;
  const { device } = slave;
  slave.lastSentUs = device.stack.nowUs;
  const source = new Uint32Array(4);
  if (!ipv6.addresses.select(route.device, target, source)) source.fill(0);
  ipv6.ndisc.sendSolicitation(device, target, null, source, 0);
}
