import { EEXIST, EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { VxlanDevice } from './device.js';
import { type Endpoint, isGroup, isNowhere, nowhere, type Remote } from './remote.js';
import { isTaken } from './underlay.js';

/** One VNI that a device takes (struct vxlan_vni_node). */
export class VniNode {
  readonly vni: number;
  /** Where frames go that nothing is known of; nowhere: where the device's do. */
  remote: Endpoint = nowhere();
  rxBytes = 0;
  rxPkts = 0;
  rxDrops = 0;
  rxErrors = 0;
  txBytes = 0;
  txPkts = 0;
  txDrops = 0;
  txErrors = 0;

  constructor(vni: number) {
    this.vni = vni;
  }
}

/** The VNIs of one device that filters by them (struct vxlan_vni_group). Linux: drivers/net/vxlan/vxlan_vnifilter.c */
export class VniFilter {
  /** Set by rtnetlink: RTM_NEWTUNNEL (`gone` false), RTM_DELTUNNEL. */
  onChange: ((node: VniNode, gone: boolean) => void) | null = null;
  readonly #device: VxlanDevice;
  readonly #nodes = new Map<number, VniNode>();

  constructor(device: VxlanDevice) {
    this.#device = device;
  }

  find(vni: number): VniNode | undefined {
    return this.#nodes.get(vni);
  }

  /** In the order of their numbers. */
  nodes(): VniNode[] {
    return [...this.#nodes.values()].sort((a, b) => a.vni - b.vni);
  }

  /** One that is there already gets another remote. EEXIST: another device takes it. Linux: vxlan_vni_add() */
  add(vni: number, remote: Endpoint): void {
    const known = this.#nodes.get(vni);
    if (known !== undefined) {
      if (this.#changeRemote(known, remote, false)) this.onChange?.(known, false);
      return;
    }
    const device = this.#device;
    if (isTaken(device.underlay, device.settings, vni, device)) fail(EEXIST, 'VNI in use');
    const node = new VniNode(vni);
    this.#changeRemote(node, remote, true);
    this.#nodes.set(vni, node);
    device.attachVni(vni);
    this.onChange?.(node, false);
  }

  /** ENOENT. Linux: vxlan_vni_del() */
  delete(vni: number): void {
    const node = this.#nodes.get(vni) ?? fail(ENOENT);
    const device = this.#device;
    const remote = this.#effective(node);
    if (!isNowhere(remote)) device.database.forgetDefault(this.#entry(vni, remote), vni);
    if (device.up && isGroup(node.remote)) device.changeMembership(node.remote, false);
    this.#nodes.delete(vni);
    device.detachVni(vni);
    this.onChange?.(node, true);
  }

  /** The remote of the device itself has changed: those without one of their own follow. Linux: vxlan_vnilist_update_group() */
  defaultChanged(before: Endpoint, after: Endpoint): void {
    for (const { vni, remote } of this.#nodes.values())
      if (isNowhere(remote)) this.#replaceEntry(vni, isNowhere(before) ? null : before, isNowhere(after) ? null : after);
  }

  /** The groups of VNIs are joined or left with the device. Linux: vxlan_multicast_join_vnigrp() */
  changeMemberships(join: boolean): void {
    for (const { remote } of this.#nodes.values()) if (isGroup(remote)) this.#device.changeMembership(remote, join);
  }

  /** Refuses a group that there is no device to join on. */
  checkRemote(remote: Endpoint): void {
    if (isGroup(remote) && this.#device.settings.ifindex === 0) fail(EINVAL, 'Local interface required for multicast remote group');
  }

  #effective({ remote }: VniNode): Endpoint {
    return isNowhere(remote) ? this.#device.settings.remote : remote;
  }

  /** True: something has changed. Linux: vxlan_vni_update_group() */
  #changeRemote(node: VniNode, remote: Endpoint, created: boolean): boolean {
    const own = node.remote;
    const wanted = isNowhere(remote) ? this.#device.settings.remote : remote;
    const after = isNowhere(wanted) ? null : wanted;
    // Linux: what it had stays, and the new one comes beside it; only where there is none to come does it go.
    const before = created || after !== null || isNowhere(own) ? null : own;
    if (before === null && after === null) return false;
    this.#replaceEntry(node.vni, before, after);
    node.remote = { address: remote.address, address6: remote.address6?.slice() ?? null };
    const device = this.#device;
    if (!device.up) return true;
    if (before !== null && isGroup(before)) device.changeMembership(before, false);
    if (after !== null && isGroup(after)) device.changeMembership(after, true);
    return true;
  }

  /** Linux: vxlan_update_default_fdb_entry() */
  #replaceEntry(vni: number, before: Endpoint | null, after: Endpoint | null): void {
    const { database } = this.#device;
    if (after !== null) database.addDefault(this.#entry(vni, after), vni);
    if (before !== null) database.forgetDefault(this.#entry(vni, before), vni);
  }

  #entry(vni: number, { address, address6 }: Endpoint): Remote {
    const { port, ifindex } = this.#device.settings;
    return { address, address6, port, vni, ifindex };
  }
}
