import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENFILE, ENOBUFS, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Timer } from '../../../base/timer-wheel.js';
import type { NetDevice } from '../device.js';
import { addAllMulticast } from '../device-state.js';
import { unregisterDevice } from '../device-registry.js';
import { DropReason } from '../drop-reason.js';
import type { Notifier } from '../notifier.js';
import type { PacketBuffer } from '../packet-buffer.js';
import type { Socket } from '../socket.js';
import type { Stack } from '../stack.js';

/** MAXVIFS, MAXMIFS */
export const MAX_VIFS = 32;
/** In `ttls`: packets do not go there. */
export const NO_FORWARD = 255;
/** Groups and sources that wait for the daemon at once, and packets of each. */
const MAX_UNRESOLVED = 10;
const MAX_WAITING = 4;
const US_PER_SECOND = 1_000_000;
const UNRESOLVED_US = 10 * US_PER_SECOND;
/** MFC_ASSERT_THRESH */
const ASSERT_US = 3 * US_PER_SECOND;

/** Upcalls, linux/mroute.h and mroute6.h: IGMPMSG_*, MRT6MSG_*. */
export const NOCACHE = 1;
export const WRONGVIF = 2;
export const WHOLEPKT = 3;
export const WRVIFWHOLE = 4;

/** MRT_FLUSH_*: what is emptied. */
export const FLUSH_MFC = 1;
export const FLUSH_MFC_STATIC = 2;
export const FLUSH_VIFS = 4;
export const FLUSH_VIFS_STATIC = 8;

/** An interface as the multicast router numbers it (struct vif_device). */
export interface Vif {
  readonly device: NetDevice;
  /** VIFF_*, MIFF_* of the user. */
  readonly flags: number;
  /** Packets to the daemon instead of to a wire (VIFF_REGISTER). */
  readonly register: boolean;
  /** Not the daemon's, it stays when that goes. */
  readonly fixed: boolean;
  readonly link: number;
  /** As the user gave them: u32 in network order, or an ifindex. */
  readonly local: number;
  readonly remote: number;
  readonly rateLimit: number;
  bytesIn: number;
  packetsIn: number;
  bytesOut: number;
  packetsOut: number;
}

/** Where packets of a source to a group go (struct mr_mfc). An origin or group of all zeros: any. */
export class MfcEntry<A> {
  readonly origin: A;
  readonly group: A;
  /** The VIF they must come in by; -1: not resolved yet. */
  parent = -1;
  /** By VIF, the TTL that a packet must exceed; NO_FORWARD: not there. */
  readonly ttls = new Uint8Array(MAX_VIFS).fill(NO_FORWARD);
  minVif = MAX_VIFS;
  maxVif = 0;
  fixed = false;
  packets = 0;
  bytes = 0;
  wrongIf = 0;
  lastUseUs = 0;
  lastAssertUs = Number.NEGATIVE_INFINITY;
  /** Packets that wait for the daemon's decision. */
  waiting: PacketBuffer[] = [];
  expiresUs = 0;
  /** Of the bucket it is in. */
  next: MfcEntry<A> | null = null;

  constructor(origin: A, group: A) {
    this.origin = origin;
    this.group = group;
  }

  get resolved(): boolean {
    return this.parent >= 0;
  }
}

/** What IPv4 or IPv6 say of addresses and packets. None of it allocates for a packet. */
export interface MrFamily<A> {
  readonly any: A;
  hash(origin: A, group: A): number;
  same(a: A, b: A): boolean;
  isGroup(address: A): boolean;
  ttl(skb: PacketBuffer): number;
  /** Tells the daemon; false: nobody is there, or its queue is full. */
  report(table: MrTable<A>, skb: PacketBuffer, vif: number, kind: number): boolean;
  /** Sends by a VIF; takes ownership. */
  transmit(table: MrTable<A>, skb: PacketBuffer, vif: number): void;
  /** A VIF has come or gone: mc_forwarding of its device counts them. */
  counted(device: NetDevice, by: number): void;
}

export interface MfcEvent<A> {
  readonly type: 'new' | 'delete';
  readonly table: MrTable<A>;
  readonly entry: MfcEntry<A>;
}

/** One table of multicast routes: interfaces, entries, and what waits for the daemon. Linux: struct mr_table, net/ipv4/ipmr_base.c */
export class MrTable<A> {
  readonly id: number;
  readonly family: MrFamily<A>;
  readonly stack: Stack;
  readonly events: Notifier<MfcEvent<A>>;
  readonly vifs: (Vif | null)[] = new Array(MAX_VIFS).fill(null);
  /** One above the highest VIF. */
  maxVif = 0;
  /** The VIF that stands for packets to the daemon; -1: none. */
  registerVif = -1;
  /** The daemon's socket (mroute_sk). */
  socket: Socket | null = null;
  asserts = false;
  pim = false;
  /** With a wrong interface the whole packet goes up, too. */
  wholeOnWrongVif = false;
  /** In the order in which they came, for dumps. */
  readonly entries: MfcEntry<A>[] = [];
  readonly unresolved: MfcEntry<A>[] = [];
  readonly #buckets: (MfcEntry<A> | null)[] = new Array(256).fill(null);
  readonly #timer = new Timer(() => this.#expire());

  constructor(id: number, family: MrFamily<A>, stack: Stack, events: Notifier<MfcEvent<A>>) {
    this.id = id;
    this.family = family;
    this.stack = stack;
    this.events = events;
  }

  // Interfaces

  vifOf(device: NetDevice): number {
    for (let i = this.maxVif - 1; i >= 0; i--) if (this.vifs[i] !== null && this.vifs[i]!.device === device) return i;
    return -1;
  }

  /** EADDRINUSE. Linux: vif_add(), mif6_add() */
  addVif(index: number, vif: Omit<Vif, 'bytesIn' | 'packetsIn' | 'bytesOut' | 'packetsOut'>): void {
    if (this.vifs[index] != null) fail(EADDRINUSE);
    if (!vif.register) addAllMulticast(vif.device, 1);
    this.vifs[index] = { ...vif, bytesIn: 0, packetsIn: 0, bytesOut: 0, packetsOut: 0 };
    if (vif.register) this.registerVif = index;
    this.maxVif = Math.max(this.maxVif, index + 1);
    this.family.counted(vif.device, 1);
  }

  /** EADDRNOTAVAIL. `leaving`: its device is on its way out. Linux: vif_delete() */
  deleteVif(index: number, leaving: boolean): void {
    const vif = this.vifs[index];
    if (vif == null) fail(EADDRNOTAVAIL);
    this.vifs[index] = null;
    if (this.registerVif === index) this.registerVif = -1;
    while (this.maxVif > 0 && this.vifs[this.maxVif - 1] === null) this.maxVif--;
    if (!vif.register) addAllMulticast(vif.device, -1);
    this.family.counted(vif.device, -1);
    if (vif.register && !leaving) unregisterDevice(vif.device);
  }

  // Entries

  /** The entry of just this source and group; null: there is none. */
  find(origin: A, group: A): MfcEntry<A> | null {
    const { family } = this;
    for (let entry = this.#buckets[family.hash(origin, group) & 255]!; entry !== null; entry = entry.next!)
      if (family.same(entry.origin, origin) && family.same(entry.group, group)) return entry;
    return null;
  }

  /** The entry for a packet of `origin` to `group` that comes in by `vif` (-1: by none): with a source, for any, for any group. */
  lookup(origin: A, group: A, vif: number): MfcEntry<A> | null {
    const exact = this.find(origin, group);
    return exact !== null || vif < 0 ? exact : this.#findAny(group, vif);
  }

  /** Linux: mr_mfc_find_any() */
  #findAny(group: A, vif: number): MfcEntry<A> | null {
    const { family } = this;
    const any = family.any;
    if (!family.same(group, any))
      for (let entry = this.#buckets[family.hash(any, group) & 255]!; entry !== null; entry = entry.next!) {
        if (!family.same(entry.origin, any) || !family.same(entry.group, group)) continue;
        if (entry.ttls[vif]! < NO_FORWARD) return entry;
        // It comes from the tree that a (*,*) entry spans around the parent.
        const proxy = this.#findProxy(entry.parent);
        if (proxy !== null && proxy.ttls[vif]! < NO_FORWARD) return entry;
      }
    return this.#findProxy(vif);
  }

  /** The (*,*) entry that sends to `vif`. Linux: mr_mfc_find_any_parent() */
  #findProxy(vif: number): MfcEntry<A> | null {
    const { family } = this;
    const any = family.any;
    for (let entry = this.#buckets[family.hash(any, any) & 255]!; entry !== null; entry = entry.next!)
      if (family.same(entry.origin, any) && family.same(entry.group, any) && entry.ttls[vif]! < NO_FORWARD) return entry;
    return null;
  }

  #findForChange(origin: A, group: A, parent: number): MfcEntry<A> | undefined {
    const { family } = this;
    return this.entries.find(
      (entry) => family.same(entry.origin, origin) && family.same(entry.group, group) && (parent < 0 || entry.parent === parent),
    );
  }

  /**
   * A new entry, or another way for one that is there; packets that wait for it go on. `proxy`: several with the same addresses
   * are told apart by their parents. ENFILE, EINVAL. Linux: ipmr_mfc_add(), ip6mr_mfc_add()
   */
  addEntry(origin: A, group: A, parent: number, ttls: Uint8Array, options: { readonly proxy: boolean; readonly fixed: boolean }): void {
    if (parent >= MAX_VIFS) fail(ENFILE);
    const known = this.#findForChange(origin, group, options.proxy ? parent : -1);
    const entry = known ?? new MfcEntry<A>(origin, group);
    if (known === undefined && !this.family.same(group, this.family.any) && !this.family.isGroup(group)) fail(EINVAL);
    entry.parent = parent;
    this.#setTtls(entry, ttls);
    if (options.fixed) entry.fixed = true;
    if (known === undefined) {
      this.entries.push(entry);
      const bucket = this.family.hash(origin, group) & 255;
      entry.next = this.#buckets[bucket]!;
      this.#buckets[bucket] = entry;
      this.#resolve(entry);
    }
    this.events.notify({ type: 'new', table: this, entry });
  }

  /** ENOENT. Linux: ipmr_mfc_delete() */
  deleteEntry(origin: A, group: A, parent: number): void {
    this.#remove(this.#findForChange(origin, group, parent) ?? fail(ENOENT));
  }

  #remove(entry: MfcEntry<A>): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    const bucket = this.family.hash(entry.origin, entry.group) & 255;
    if (this.#buckets[bucket] === entry) this.#buckets[bucket] = entry.next;
    else
      for (let before = this.#buckets[bucket]!; before !== null; before = before.next!)
        if (before.next === entry) {
          before.next = entry.next;
          break;
        }
    this.events.notify({ type: 'delete', table: this, entry });
  }

  /** Linux: ipmr_update_thresholds() */
  #setTtls(entry: MfcEntry<A>, ttls: Uint8Array): void {
    entry.ttls.fill(NO_FORWARD);
    entry.minVif = MAX_VIFS;
    entry.maxVif = 0;
    for (let i = 0; i < this.maxVif; i++) {
      const ttl = ttls[i] ?? 0;
      if (this.vifs[i] === null || ttl === 0 || ttl === NO_FORWARD) continue;
      entry.ttls[i] = ttl;
      entry.minVif = Math.min(entry.minVif, i);
      entry.maxVif = Math.max(entry.maxVif, i + 1);
    }
    entry.lastUseUs = this.stack.nowUs;
  }

  /** `what`: FLUSH_*. Linux: mroute_clean_tables() */
  flush(what: number): void {
    if ((what & (FLUSH_VIFS | FLUSH_VIFS_STATIC)) !== 0)
      for (let i = 0; i < this.maxVif; i++) {
        const vif = this.vifs[i];
        if (vif != null && (what & (vif.fixed ? FLUSH_VIFS_STATIC : FLUSH_VIFS)) !== 0) this.deleteVif(i, false);
      }
    if ((what & (FLUSH_MFC | FLUSH_MFC_STATIC)) === 0) return;
    for (const entry of [...this.entries]) if ((what & (entry.fixed ? FLUSH_MFC_STATIC : FLUSH_MFC)) !== 0) this.#remove(entry);
    if ((what & FLUSH_MFC) !== 0) for (const entry of this.unresolved.splice(0)) this.#giveUp(entry);
  }

  /** The namespace goes: no timer and no packet is left. */
  destroy(): void {
    this.stack.timers.cancel(this.#timer);
    for (const entry of this.unresolved.splice(0)) for (const skb of entry.waiting) this.stack.consume(skb);
  }

  // Packets

  /** Nobody knows where the packet goes: the daemon is asked, and it waits. Takes ownership. Linux: ipmr_cache_unresolved() */
  queue(skb: PacketBuffer, origin: A, group: A, vif: number): number {
    const { family, stack } = this;
    let entry = this.unresolved.find((other) => family.same(other.origin, origin) && family.same(other.group, group));
    if (entry === undefined) {
      if (this.unresolved.length >= MAX_UNRESOLVED || !family.report(this, skb, vif, NOCACHE)) {
        stack.drop(skb, DropReason.NOT_SPECIFIED);
        return -ENOBUFS;
      }
      entry = new MfcEntry<A>(origin, group);
      entry.expiresUs = stack.nowUs + UNRESOLVED_US;
      this.unresolved.push(entry);
      if (!this.#timer.armed) stack.timers.schedule(this.#timer, entry.expiresUs);
      this.events.notify({ type: 'new', table: this, entry });
    }
    if (entry.waiting.length >= MAX_WAITING) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return -ENOBUFS;
    }
    entry.waiting.push(skb);
    return 0;
  }

  #resolve(entry: MfcEntry<A>): void {
    const { family } = this;
    const index = this.unresolved.findIndex((other) => family.same(other.origin, entry.origin) && family.same(other.group, entry.group));
    if (index < 0) return;
    const [known] = this.unresolved.splice(index, 1);
    if (this.unresolved.length === 0) this.stack.timers.cancel(this.#timer);
    for (const skb of known!.waiting) this.forward(skb, skb.device!, entry, false, false);
  }

  #expire(): void {
    const { nowUs } = this.stack;
    for (const entry of [...this.unresolved])
      if (entry.expiresUs <= nowUs) {
        this.unresolved.splice(this.unresolved.indexOf(entry), 1);
        this.#giveUp(entry);
      }
    const next = this.unresolved[0];
    if (next !== undefined) this.stack.timers.schedule(this.#timer, next.expiresUs);
  }

  #giveUp(entry: MfcEntry<A>): void {
    for (const skb of entry.waiting.splice(0)) this.stack.drop(skb, DropReason.NOT_SPECIFIED);
    this.events.notify({ type: 'delete', table: this, entry });
  }

  /**
   * Copies of a packet that came in by `device` go where `entry` says. `keep`: the packet stays the caller's, for receivers here; else
   * ownership is taken. `own`: it was sent by this host. Linux: ip_mr_forward(), ip6_mr_forward()
   */
  forward(skb: PacketBuffer, device: NetDevice, entry: MfcEntry<A>, keep: boolean, own: boolean): void {
    const { family, stack } = this;
    const bytes = skb.tail - skb.data;
    const parent = entry.parent;
    const vif = this.vifOf(device);
    entry.packets++;
    entry.bytes += bytes;
    entry.lastUseUs = stack.nowUs;
    const anySource = family.same(entry.origin, family.any);
    if (!this.#comesRight(skb, device, entry, vif, anySource, own)) {
      if (!keep) stack.consume(skb);
      return;
    }
    const upstream = this.vifs[parent];
    if (upstream != null) {
      upstream.packetsIn++;
      upstream.bytesIn += bytes;
    }
    const ttl = family.ttl(skb);
    let last = -1;
    if (anySource && family.same(entry.group, family.any)) {
      // Of a tree for all groups: what does not come from upstream goes there, and nowhere else.
      if (vif >= 0 && vif !== parent && ttl > entry.ttls[parent]!) last = parent;
    } else
      for (let i = entry.maxVif - 1; i >= entry.minVif; i--) {
        if ((anySource && i === vif) || ttl <= entry.ttls[i]!) continue;
        if (last >= 0) family.transmit(this, stack.pool.clone(skb), last);
        last = i;
      }
    if (last < 0) {
      if (!keep) stack.consume(skb);
    } else family.transmit(this, keep ? stack.pool.clone(skb) : skb, last);
  }

  /** By its parent, or along the tree of a (*,G) entry. Else the daemon hears of it, now and then. */
  #comesRight(skb: PacketBuffer, device: NetDevice, entry: MfcEntry<A>, vif: number, anySource: boolean, own: boolean): boolean {
    if (anySource && vif >= 0) {
      const proxy = this.#findProxy(entry.parent);
      if (proxy !== null && proxy.ttls[vif]! < NO_FORWARD) return true;
    }
    if (this.vifs[entry.parent]?.device === device) return true;
    // Our own, looped back.
    if (own) return false;
    entry.wrongIf++;
    const { nowUs } = this.stack;
    const onTree = vif >= 0 && (this.pim || entry.ttls[vif]! < NO_FORWARD);
    if (onTree && this.asserts && nowUs > entry.lastAssertUs + ASSERT_US) {
      entry.lastAssertUs = nowUs;
      this.family.report(this, skb, vif, WRONGVIF);
      if (this.wholeOnWrongVif) this.family.report(this, skb, vif, WRVIFWHOLE);
    }
    return false;
  }
}
