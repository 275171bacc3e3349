import { IFF_MULTICAST } from '../../netlink/rtnl/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { ALL_NODES, ALL_ROUTERS, type In6, multicastScope, solicitedNode } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { Membership } from '../core/group-reporter.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { MCAST_EXCLUDE } from '../core/source-filter.js';
import type { Ipv6 } from './ipv6.js';
import { MldReporter } from './mld/reporter.js';

const NONE: readonly Membership<In6>[] = [];

/** The groups that devices of a namespace listen to; what routers are told of them is with each device's MldReporter. Linux: net/ipv6/mcast.c */
export class Multicast6 {
  readonly ipv6: Ipv6;
  readonly #reporters = new Map<NetDevice, MldReporter>();
  readonly #scratch = new Uint32Array(4);

  constructor(ipv6: Ipv6) {
    this.ipv6 = ipv6;
  }

  /** In the order of `ip maddr`: newest first. */
  groupsOf(device: NetDevice): readonly Membership<In6>[] {
    return this.#reporters.get(device)?.groups ?? NONE;
  }

  reporterOf(device: NetDevice): MldReporter | undefined {
    return this.#reporters.get(device);
  }

  /** Whether packets to `group` from `source` (null: from anybody) are for this host. Linux: ipv6_chk_mcast_addr() */
  isMember(device: NetDevice, group: In6, source: In6 | null = null): boolean {
    const member = this.#reporters.get(device)?.find(group) ?? null;
    if (member !== null) return source === null || member.accepts(source);
    // Linux: ::1 and the interface-local all-nodes group are everywhere.
    return multicastScope(group) === 1 && group[3] === 1 && (group[1]! | group[2]!) === 0;
  }

  /** One more user, with a filter that lets nothing (MCAST_INCLUDE) or all in. Linux: __ipv6_dev_mc_inc() */
  join(device: NetDevice, group: In6, mode: number = MCAST_EXCLUDE): void {
    let reporter = this.#reporters.get(device);
    if (reporter === undefined) {
      reporter = new MldReporter(this.ipv6, device);
      this.#reporters.set(device, reporter);
    }
    reporter.join(reporter.find(group) === null ? group.slice() : group, mode);
  }

  /** ipv6_dev_mc_dec(); false: the device did not listen to it. */
  leave(device: NetDevice, group: In6): boolean {
    const reporter = this.#reporters.get(device);
    if (reporter === undefined || reporter.find(group) === null) return false;
    reporter.leave(group);
    return true;
  }

  /** A socket's filter of `mode` comes (`whole`), or sources come to it. */
  addSources(device: NetDevice, group: In6, mode: number, sources: readonly In6[], whole: boolean): void {
    const reporter = this.#reporters.get(device);
    const member = reporter?.find(group) ?? null;
    if (member !== null) reporter!.addSources(member, mode, sources, whole);
  }

  removeSources(device: NetDevice, group: In6, mode: number, sources: readonly In6[], whole: boolean): void {
    const reporter = this.#reporters.get(device);
    const member = reporter?.find(group) ?? null;
    if (member !== null) reporter!.removeSources(member, mode, sources, whole);
  }

  joinSolicitedNode(device: NetDevice, address: In6): void {
    this.join(device, solicitedNode(address, this.#scratch));
  }

  leaveSolicitedNode(device: NetDevice, address: In6): void {
    this.leave(device, solicitedNode(address, this.#scratch));
  }

  /** The first link-local address may be spoken from: now routers can be told of the groups. Linux: ipv6_mc_dad_complete() */
  dadComplete(device: NetDevice): void {
    this.#reporters.get(device)?.dadComplete();
  }

  /** ipv6_mc_init_dev(), ipv6_add_dev(): interface-local and link-local all-nodes. */
  attach(device: NetDevice): void {
    this.join(device, INTERFACE_ALL_NODES);
    this.join(device, ALL_NODES);
    if (device.ipv6!.forwards() && (device.flags & IFF_MULTICAST) !== 0) this.join(device, ALL_ROUTERS);
  }

  // Linux: ipv6_mc_up()
  deviceUp(device: NetDevice): void {
    this.#reporters.get(device)?.deviceUp();
  }

  // Linux: ipv6_mc_down(), ipv6_mc_destroy_dev()
  deviceDown(device: NetDevice, gone: boolean): void {
    this.#reporters.get(device)?.deviceDown();
    if (gone) this.#reporters.delete(device);
  }

  /** Whether `skb` (`networkHeader` set) is a message of MLD: such are heard whoever they are for. */
  isReport(skb: PacketBuffer): boolean {
    const found = skipHeaders(skb.view, skb.networkHeader, skb.tail);
    if (found.protocol !== icmpv6.PROTOCOL || found.offset < 0 || found.offset >= skb.tail) return false;
    const type = skb.view.getUint8(found.offset);
    return (type >= icmpv6.MLD_QUERY && type <= icmpv6.MLD_DONE) || type === icmpv6.MLD2_REPORT;
  }

  destroy(): void {
    for (const reporter of this.#reporters.values()) reporter.stop();
    this.#reporters.clear();
  }
}

const INTERFACE_ALL_NODES: In6 = Uint32Array.of(0xff01_0000, 0, 0, 1);
