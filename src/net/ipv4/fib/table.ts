import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL } from '../../../base/errno.js';
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../../netlink/rtnl/constants.js';
import type { Flow } from '../../core/flow.js';
import { Arena } from './arena.js';
import type { FibInfo, FibNexthop } from './info.js';
import { PrefixTable } from './prefix-table.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, type FibResult } from './result.js';

/** No route of this table fits: the next rule is asked. */
export const NO_MATCH = -EAGAIN;

/** The errno that a route of each RTN_* stands for (fib_props); 0: it leads somewhere. */
export const TYPE_ERROR: readonly number[] = [0, 0, 0, 0, 0, 0, EINVAL, EHOSTUNREACH, EACCES, EAGAIN, EINVAL, EINVAL];

/** A route that stands alone at its prefix and has no TOS is all in its number: this bit, type, number of its FibInfo. */
const INLINE = 1 << 30;
const INLINE_TYPE = 26;
const INLINE_INFO = (1 << INLINE_TYPE) - 1;

/**
 * Routes by number. Where a prefix has several, each is three words: number of the FibInfo, the next route of the prefix, and type
 * and TOS. One for all tables of a namespace.
 */
export class RouteStore {
  readonly aliases = new Arena(3, 1, 64);
  /** By number; 0 is nobody's. */
  readonly infos: (FibInfo | null)[] = [null];
  readonly #freeInfos: number[] = [];

  infoOf(alias: number): FibInfo {
    return this.infos[(alias & INLINE) !== 0 ? alias & INLINE_INFO : this.aliases.words[alias * 3]!]!;
  }

  next(alias: number): number {
    return (alias & INLINE) !== 0 ? 0 : this.aliases.words[alias * 3 + 1]!;
  }

  type(alias: number): number {
    return ((alias & INLINE) !== 0 ? alias >>> INLINE_TYPE : this.aliases.words[alias * 3 + 2]!) & 0xf;
  }

  tos(alias: number): number {
    return (alias & INLINE) !== 0 ? 0 : this.aliases.words[alias * 3 + 2]! >>> 4;
  }

  /** A route in three words, in front of `next`. */
  create(type: number, tos: number, info: number, next: number): number {
    const alias = this.aliases.take(1);
    const { words } = this.aliases;
    words[alias * 3] = info;
    words[alias * 3 + 1] = next;
    words[alias * 3 + 2] = type | (tos << 4);
    return alias;
  }

  list(info: FibInfo): void {
    info.id = this.#freeInfos.pop() ?? this.infos.length;
    this.infos[info.id] = info;
  }

  unlist(info: FibInfo): void {
    this.infos[info.id] = null;
    this.#freeInfos.push(info.id);
    info.id = 0;
  }
}

/** One routing table. Routes of one prefix are in the order of TOS downwards, then of priority upwards, then of age. */
export class FibTable {
  readonly id: number;
  readonly store: RouteStore;
  readonly prefixes = new PrefixTable();
  /** Number of routes. */
  size = 0;

  constructor(id: number, store: RouteStore) {
    this.id = id;
    this.store = store;
  }

  /**
   * The best route for `flow`: 0 and `result` filled, or the negative errno of the route (-EAGAIN: none, or a throw route).
   * Linux: fib_table_lookup()
   */
  lookup(flow: Flow, result: FibResult, flags: number): number {
    const destination = flow.destination;
    const words = this.store.aliases.words;
    const infos = this.store.infos;
    let alias = this.prefixes.lookup(destination);
    let length = this.prefixes.matchedLength;
    while (alias !== 0) {
      do {
        const alone = (alias & INLINE) !== 0;
        const word = alone ? (alias >>> INLINE_TYPE) & 0xf : words[alias * 3 + 2]!;
        const tos = word >>> 4;
        const info = infos[alone ? alias & INLINE_INFO : words[alias * 3]!]!;
        if ((tos === 0 || tos === flow.tos) && info.scope >= flow.scope) {
          const type = word & 0xf;
          const error = info.blackhole ? EINVAL : TYPE_ERROR[type]!;
          const nexthop = error !== 0 || (info.flags & RTNH_F_DEAD) !== 0 ? null : goodNexthop(info, flow.oif, flags);
          if (error !== 0 || nexthop !== null) {
            result.type = type;
            result.info = info;
            result.nexthop = nexthop;
            result.table = this;
            result.prefixLength = length;
            result.alias = alias;
            result.tos = tos;
            return 0 - error;
          }
        }
        alias = alone ? 0 : words[alias * 3 + 1]!;
      } while (alias !== 0);
      if (length === 0) break;
      alias = this.prefixes.lookupShorter(destination, length - 1);
      length = this.prefixes.matchedLength;
    }
    return NO_MATCH;
  }

  /** The first route of a prefix, 0: none. */
  first(prefix: number, length: number): number {
    return this.prefixes.get(prefix, length);
  }

  /** Puts a route of `info` before `before` (0: at the end) in the list of its prefix; returns its number. */
  insert(prefix: number, length: number, tos: number, type: number, info: FibInfo, before: number): number {
    const { store } = this;
    const { aliases } = store;
    this.size++;
    const held = this.first(prefix, length);
    if (held === 0 && tos === 0) {
      const alone = INLINE | (type << INLINE_TYPE) | info.id;
      this.prefixes.set(prefix, length, alone);
      return alone;
    }
    // A route that stood alone does so no longer.
    const first = (held & INLINE) !== 0 ? store.create(store.type(held), 0, held & INLINE_INFO, 0) : held;
    const next = before === held ? first : before;
    const alias = store.create(type, tos, info.id, next);
    if (next === first) this.prefixes.set(prefix, length, alias);
    else {
      if (first !== held) this.prefixes.set(prefix, length, first);
      let previous = first;
      while (aliases.words[previous * 3 + 1] !== next) previous = aliases.words[previous * 3 + 1]!;
      aliases.words[previous * 3 + 1] = alias;
    }
    return alias;
  }

  /** Takes a route out. */
  remove(prefix: number, length: number, alias: number): void {
    const { store } = this;
    const { words } = store.aliases;
    this.size--;
    const next = store.next(alias);
    const first = this.first(prefix, length);
    if (first === alias) {
      if (next === 0) this.prefixes.delete(prefix, length);
      else this.prefixes.set(prefix, length, next);
    } else {
      let previous = first;
      while (words[previous * 3 + 1] !== alias) previous = words[previous * 3 + 1]!;
      words[previous * 3 + 1] = next;
    }
    if ((alias & INLINE) === 0) store.aliases.give(alias, 1);
  }
}

/** fib_lookup_good_nhc() over the ways of a route: the first that lives and leaves by `oif`. */
function goodNexthop(info: FibInfo, oif: number, flags: number): FibNexthop | null {
  const nexthops = info.nexthops;
  for (let i = 0; i < nexthops.length; i++) {
    const nexthop = nexthops[i]!;
    const state = nexthop.flags;
    if ((state & RTNH_F_DEAD) !== 0) continue;
    if ((state & RTNH_F_LINKDOWN) !== 0 && (flags & FIB_LOOKUP_IGNORE_LINKSTATE) === 0) {
      if (nexthop.device!.ipv4?.ignoresLinkDown() === true) continue;
    }
    if (oif !== 0 && oif !== nexthop.oif) continue;
    return nexthop;
  }
  return null;
}
