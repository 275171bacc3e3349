import type { TunnelMetadata } from '../core/tunnel-metadata.js';

// Flags of a VLAN on a port or on the bridge itself.
const PRESENT = 1;
const UNTAGGED = 2;

const IDS = 4096;

/** Packets of one VLAN, without their Ethernet headers; received: into the bridge (struct br_vlan_stats). */
export class VlanCounters {
  rxBytes = 0;
  rxPackets = 0;
  txBytes = 0;
  txPackets = 0;
}

/** The VLANs that a port, or the bridge as a device, is in (struct net_bridge_vlan_group). */
export class VlanSet {
  readonly #flags = new Uint8Array(IDS);
  /** BR_STATE_* of each VLAN. */
  readonly #states = new Uint8Array(IDS).fill(3);
  readonly #counters = new Map<number, VlanCounters>();
  /** Tunnel ids of VLANs (vlan_tunnel), and back. */
  readonly tunnels = new Map<number, number>();
  readonly tunnelVlans = new Map<number, number>();
  /** What packets of a VLAN take along into its tunnel. */
  readonly tunnelMetadata = new Map<number, TunnelMetadata>();
  /** VLAN of what comes without a tag; 0: that is dropped. */
  pvid = 0;

  has(id: number): boolean {
    return (this.#flags[id]! & PRESENT) !== 0;
  }

  untagged(id: number): boolean {
    return (this.#flags[id]! & UNTAGGED) !== 0;
  }

  state(id: number): number {
    return this.#states[id]!;
  }

  setState(id: number, state: number): void {
    this.#states[id] = state;
  }

  /** True: something changed. Linux: __vlan_add_flags() */
  add(id: number, untagged: boolean, pvid: boolean): boolean {
    const flags = PRESENT | (untagged ? UNTAGGED : 0);
    const oldPvid = this.pvid;
    const changed = this.#flags[id] !== flags;
    this.#flags[id] = flags;
    if (pvid) this.pvid = id;
    else if (this.pvid === id) this.pvid = 0;
    return changed || this.pvid !== oldPvid;
  }

  delete(id: number): void {
    this.#flags[id] = 0;
    this.#states[id] = 3;
    if (this.pvid === id) this.pvid = 0;
    this.#counters.delete(id);
    this.deleteTunnel(id);
  }

  counters(id: number): VlanCounters {
    let counters = this.#counters.get(id);
    if (counters === undefined) {
      counters = new VlanCounters();
      this.#counters.set(id, counters);
    }
    return counters;
  }

  deleteTunnel(id: number): void {
    const tunnel = this.tunnels.get(id);
    if (tunnel === undefined) return;
    this.tunnels.delete(id);
    this.tunnelMetadata.delete(id);
    this.tunnelVlans.delete(tunnel);
  }

  ids(): number[] {
    const ids: number[] = [];
    for (let id = 1; id < IDS; id++) if (this.has(id)) ids.push(id);
    return ids;
  }
}
