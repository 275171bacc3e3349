import * as icmpv6 from '../../wire/icmpv6.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { ALL_NODES, ALL_ROUTERS, equalAddress, type In6, multicastScope, solicitedNode } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { Notifier } from '../core/notifier.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Ipv6 } from './ipv6.js';

/** A group that a device listens to (struct ifmcaddr6). */
export interface Membership6 {
  readonly group: In6;
  users: number;
}

/** `joined` and `left` come once for the first and the last user of a group; MLD tells the routers. */
export interface MembershipEvent {
  readonly type: 'joined' | 'left';
  readonly device: NetDevice;
  readonly group: In6;
}

/** The groups that devices of a namespace listen to. Linux: net/ipv6/mcast.c */
export class Multicast6 {
  readonly ipv6: Ipv6;
  readonly events = new Notifier<MembershipEvent>();
  /** MLD listens to it. */
  onDadComplete: ((device: NetDevice) => void) | null = null;
  readonly #groups = new Map<NetDevice, Membership6[]>();
  readonly #scratch = new Uint32Array(4);

  constructor(ipv6: Ipv6) {
    this.ipv6 = ipv6;
  }

  /** In the order of `ip maddr`: newest first. */
  groupsOf(device: NetDevice): readonly Membership6[] {
    return this.#groups.get(device) ?? [];
  }

  isMember(device: NetDevice, group: In6): boolean {
    const groups = this.#groups.get(device);
    if (groups === undefined) return false;
    for (let i = 0; i < groups.length; i++) if (equalAddress(groups[i]!.group, group)) return true;
    // Linux: ::1 and the interface-local all-nodes group are everywhere.
    return multicastScope(group) === 1 && group[3] === 1 && (group[1]! | group[2]!) === 0;
  }

  /** ipv6_dev_mc_inc() */
  join(device: NetDevice, group: In6): void {
    let groups = this.#groups.get(device);
    if (groups === undefined) {
      groups = [];
      this.#groups.set(device, groups);
    }
    const known = groups.find((held) => equalAddress(held.group, group));
    if (known !== undefined) {
      known.users++;
      return;
    }
    const held = { group: group.slice(), users: 1 };
    groups.unshift(held);
    this.events.notify({ type: 'joined', device, group: held.group });
  }

  /** ipv6_dev_mc_dec(); false: the device did not listen to it. */
  leave(device: NetDevice, group: In6): boolean {
    const groups = this.#groups.get(device);
    const at = groups?.findIndex((held) => equalAddress(held.group, group)) ?? -1;
    if (groups === undefined || at < 0) return false;
    const held = groups[at]!;
    if (--held.users > 0) return true;
    groups.splice(at, 1);
    this.events.notify({ type: 'left', device, group: held.group });
    return true;
  }

  joinSolicitedNode(device: NetDevice, address: In6): void {
    this.join(device, solicitedNode(address, this.#scratch));
  }

  leaveSolicitedNode(device: NetDevice, address: In6): void {
    this.leave(device, solicitedNode(address, this.#scratch));
  }

  /** The first link-local address may be spoken from: now routers can be told of the groups. Linux: ipv6_mc_dad_complete() */
  dadComplete(device: NetDevice): void {
    this.onDadComplete?.(device);
  }

  /** ipv6_mc_init_dev(), ipv6_add_dev(): interface-local and link-local all-nodes. */
  attach(device: NetDevice): void {
    this.join(device, INTERFACE_ALL_NODES);
    this.join(device, ALL_NODES);
    if (device.ipv6!.forwards()) this.join(device, ALL_ROUTERS);
  }

  deviceUp(device: NetDevice): void {
    for (const held of this.groupsOf(device)) this.events.notify({ type: 'joined', device, group: held.group });
  }

  deviceDown(device: NetDevice, gone: boolean): void {
    if (gone) this.#groups.delete(device);
  }

  /** Whether `skb` (`networkHeader` set) is a message of MLD: such are heard whoever they are for. */
  isReport(skb: PacketBuffer): boolean {
    const found = skipHeaders(skb.view, skb.networkHeader, skb.tail);
    if (found.protocol !== icmpv6.PROTOCOL || found.offset < 0 || found.offset >= skb.tail) return false;
    const type = skb.view.getUint8(found.offset);
    return (type >= icmpv6.MLD_QUERY && type <= icmpv6.MLD_DONE) || type === icmpv6.MLD2_REPORT;
  }

  destroy(): void {
    this.#groups.clear();
  }
}

const INTERFACE_ALL_NODES: In6 = Uint32Array.of(0xff01_0000, 0, 0, 1);
