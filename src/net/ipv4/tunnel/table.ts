import { hash2 } from '../../../base/hash.js';
import { isMulticast } from '../../../wire/ipv4.js';
import { GRE_KEY, type TunnelParameters } from './parameters.js';
import type { IpTunnel } from './tunnel.js';

/**
 * The tunnels of one kind in one namespace, by remote address and key: seeded, each slot the head of a chain (struct ip_tunnel_net).
 */
export class TunnelTable {
  /** Has packets that no other is set for, and their metadata with them (collect_md_tun). */
  external: IpTunnel | null = null;
  /** Has what nobody else wants. */
  fallback: IpTunnel | null = null;
  readonly #seed: number;
  #heads: (IpTunnel | null)[] = new Array(32).fill(null);
  #size = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The tunnel that a packet from `remote` to `local` is for; null: none. Linux: ip_tunnel_lookup() */
  lookup(remote: number, local: number, ifindex: number, keyed: boolean, key: number): IpTunnel | null {
    let candidate: IpTunnel | null = null;
    const exact = this.#heads[this.#slot(remote, key)]!;
    for (let t: IpTunnel | null = exact; t !== null; t = t.next) {
      const p = t.parameters;
      if (p.remote !== remote || p.local !== local || !t.device.up || !keyMatches(p, keyed, key)) continue;
      if (p.ifindex === ifindex) return t;
      candidate = t;
    }
    for (let t: IpTunnel | null = exact; t !== null; t = t.next) {
      const p = t.parameters;
      if (p.remote !== remote || p.local !== 0 || !t.device.up || !keyMatches(p, keyed, key)) continue;
      if (p.ifindex === ifindex) return t;
      candidate ??= t;
    }
    const anyRemote = this.#heads[this.#slot(0, key)]!;
    for (let t: IpTunnel | null = anyRemote; t !== null; t = t.next) {
      const p = t.parameters;
      if ((p.local !== local || p.remote !== 0) && (p.remote !== local || !isMulticast(local))) continue;
      if (!t.device.up || !keyMatches(p, keyed, key)) continue;
      if (p.ifindex === ifindex) return t;
      candidate ??= t;
    }
    for (let t: IpTunnel | null = anyRemote; t !== null; t = t.next) {
      const p = t.parameters;
      if (t === this.fallback || p.inputKey !== key || p.local !== 0 || p.remote !== 0 || !t.device.up) continue;
      if (keyed !== ((p.inputFlags & GRE_KEY) !== 0)) continue;
      if (p.ifindex === ifindex) return t;
      candidate ??= t;
    }
    if (candidate !== null) return candidate;
    if (this.external?.device.up === true) return this.external;
    return this.fallback?.device.up === true ? this.fallback : null;
  }

  /** The tunnel that is set just so. Linux: ip_tunnel_find() */
  find(wanted: TunnelParameters): IpTunnel | null {
    const keyed = (wanted.inputFlags & GRE_KEY) !== 0;
    for (let t: IpTunnel | null = this.#heads[this.#slot(slotRemote(wanted), keyed ? wanted.inputKey : 0)]!; t !== null; t = t.next) {
      const p = t.parameters;
      if (p.local === wanted.local && p.remote === wanted.remote && p.ifindex === wanted.ifindex && keyMatches(p, keyed, wanted.inputKey))
        return t;
    }
    return null;
  }

  insert(tunnel: IpTunnel): void {
    if (tunnel.external) this.external = tunnel;
    if (++this.#size > this.#heads.length) this.#grow();
    this.#hang(tunnel);
  }

  /** One that is not in it is ignored. */
  remove(tunnel: IpTunnel): void {
    if (this.external === tunnel) this.external = null;
    const slot = this.#slotOf(tunnel.parameters);
    let previous: IpTunnel | null = null;
    for (let t: IpTunnel | null = this.#heads[slot]!; t !== null; previous = t, t = t.next!) {
      if (t !== tunnel) continue;
      if (previous === null) this.#heads[slot] = t.next;
      else previous.next = t.next;
      t.next = null;
      this.#size--;
      return;
    }
  }

  #hang(tunnel: IpTunnel): void {
    const slot = this.#slotOf(tunnel.parameters);
    tunnel.next = this.#heads[slot]!;
    this.#heads[slot] = tunnel;
  }

  #grow(): void {
    const old = this.#heads;
    this.#heads = new Array(old.length * 2).fill(null);
    for (const head of old)
      for (let t: IpTunnel | null = head; t !== null; ) {
        const next: IpTunnel | null = t.next;
        this.#hang(t);
        t = next;
      }
  }

  #slotOf(p: TunnelParameters): number {
    return this.#slot(slotRemote(p), (p.inputFlags & GRE_KEY) !== 0 ? p.inputKey : 0);
  }

  #slot(remote: number, key: number): number {
    return hash2(this.#seed, remote, key) & (this.#heads.length - 1);
  }
}

/** A group is no sender: tunnels to one are found as those to anybody. */
const slotRemote = (p: TunnelParameters): number => (isMulticast(p.remote) ? 0 : p.remote);

/** Linux: ip_tunnel_key_match() */
function keyMatches(p: TunnelParameters, keyed: boolean, key: number): boolean {
  return (p.inputFlags & GRE_KEY) !== 0 ? keyed && p.inputKey === key : !keyed;
}
