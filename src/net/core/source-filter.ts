/** Filter modes, linux/in.h: MCAST_EXCLUDE, MCAST_INCLUDE. */
export const MCAST_EXCLUDE = 0;
export const MCAST_INCLUDE = 1;

/** A source that filters of a group name (struct ip_sf_list, ip6_sf_list). */
export class FilteredSource<A> {
  readonly address: A;
  /** How many filters exclude it ([MCAST_EXCLUDE]) and include it ([MCAST_INCLUDE]). */
  readonly counts: [number, number] = [0, 0];
  /** It was part of what the host told the routers before the change in hand. */
  wasIn = false;
  /** A query has asked for it. */
  asked = false;
  /** Reports that are still to tell of its change. */
  changes = 0;

  constructor(address: A) {
    this.address = address;
  }
}

/**
 * What all the sockets of a host on one link want of one group, joined into one filter: RFC 3376 3.2, RFC 3810 4.2. `A` is how
 * the family writes an address. Linux: struct ip_mc_list, ifmcaddr6
 */
export class GroupFilter<A> {
  readonly group: A;
  /** MCAST_*: what the link's filter is. */
  mode: number;
  /** How many filters exclude and include. */
  readonly counts: [number, number] = [0, 0];
  sources: FilteredSource<A>[] = [];
  /** Sources that are no longer part of it, while reports still tell of that. */
  gone: FilteredSource<A>[] = [];
  /** Reports that are still to tell of its change of mode. */
  changes = 0;
  readonly #same: (a: A, b: A) => boolean;

  constructor(group: A, mode: number, same: (a: A, b: A) => boolean) {
    this.group = group;
    this.mode = mode;
    this.counts[mode]!++;
    this.#same = same;
  }

  find(address: A): FilteredSource<A> | null {
    for (let i = 0; i < this.sources.length; i++) if (this.#same(this.sources[i]!.address, address)) return this.sources[i]!;
    return null;
  }

  /** Whether packets from `source` are wanted by somebody. */
  accepts(source: A): boolean {
    if (this.sources.length === 0) return this.counts[MCAST_EXCLUDE] !== 0;
    const known = this.find(source);
    if (known === null) return this.counts[MCAST_EXCLUDE] !== 0;
    return known.counts[MCAST_INCLUDE] !== 0 || known.counts[MCAST_EXCLUDE] !== this.counts[MCAST_EXCLUDE];
  }

  /**
   * A filter of `mode` comes (`whole`), or sources come to one. True: the routers are to hear of it, `robustness` times.
   * Linux: ip_mc_add_src()
   */
  add(mode: number, sources: readonly A[], whole: boolean, robustness: number): boolean {
    this.#mark();
    const excluded = this.mode === MCAST_EXCLUDE;
    if (whole) this.counts[mode]!++;
    for (const address of sources) {
      let source = this.find(address);
      if (source === null) {
        source = new FilteredSource(address);
        this.sources.push(source);
      }
      source.counts[mode]!++;
    }
    if (excluded !== (this.counts[MCAST_EXCLUDE] !== 0)) {
      this.mode = excluded ? MCAST_INCLUDE : MCAST_EXCLUDE;
      this.#modeChanged(robustness);
      return true;
    }
    return this.#settle(robustness);
  }

  /** The reverse of add(). Linux: ip_mc_del_src() */
  remove(mode: number, sources: readonly A[], whole: boolean, robustness: number): boolean {
    this.#mark();
    if (whole && this.counts[mode]! > 0) this.counts[mode]!--;
    for (const address of sources) {
      const source = this.find(address);
      if (source !== null && source.counts[mode]! > 0) source.counts[mode]!--;
    }
    if (this.mode === MCAST_EXCLUDE && this.counts[MCAST_EXCLUDE] === 0 && this.counts[MCAST_INCLUDE] !== 0) {
      this.mode = MCAST_INCLUDE;
      this.sources = this.sources.filter(inUse);
      this.#modeChanged(robustness);
      return true;
    }
    const changed = this.#settle(robustness);
    this.sources = this.sources.filter(inUse);
    return changed;
  }

  /** Routers of an older version are there: nothing more is told of what went. */
  forgetGone(): void {
    this.gone.length = 0;
  }

  /** It is part of the group's state as the routers have it. Linux: sf_markstate() */
  #isIn(source: FilteredSource<A>): boolean {
    if (this.counts[MCAST_EXCLUDE] === 0) return source.counts[MCAST_INCLUDE] !== 0;
    return source.counts[MCAST_INCLUDE] === 0 && source.counts[MCAST_EXCLUDE] === this.counts[MCAST_EXCLUDE];
  }

  #mark(): void {
    for (const source of this.sources) source.wasIn = this.#isIn(source);
  }

  /** A change of mode tells of all sources at once. */
  #modeChanged(robustness: number): void {
    this.changes = robustness;
    for (const source of this.sources) source.changes = 0;
  }

  /** Sources that became part of the filter, or ceased to be, are told of. Linux: sf_setstate() */
  #settle(robustness: number): boolean {
    let changed = false;
    for (const source of this.sources) {
      const now = this.#isIn(source);
      if (now === source.wasIn) continue;
      changed = true;
      const index = this.gone.findIndex((other) => this.#same(other.address, source.address));
      if (now) {
        if (index >= 0) this.gone.splice(index, 1);
        source.changes = robustness;
        continue;
      }
      source.changes = 0;
      const known = index >= 0 ? this.gone[index]! : new FilteredSource(source.address);
      known.changes = robustness;
      if (index < 0) this.gone.push(known);
    }
    return changed;
  }
}

const inUse = (source: FilteredSource<unknown>): boolean => source.counts[0] > 0 || source.counts[1] > 0;
