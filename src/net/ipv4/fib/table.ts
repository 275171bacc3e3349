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

/**
 * Routes of one prefix, each three words: number of the FibInfo, the next route of the prefix, and type, TOS and prefix length.
 * One for all tables of a namespace.
 */
export class RouteStore {
  readonly aliases = new Arena(3, 1, 64);
  /** By number; 0 is nobody's. */
  readonly infos: (FibInfo | null)[] = [null];
  readonly #freeInfos: number[] = [];

  infoOf(alias: number): FibInfo {
    return this.infos[this.aliases.words[alias * 3]!]!;
  }

  next(alias: number): number {
    return this.aliases.words[alias * 3 + 1]!;
  }

  type(alias: number): number {
    return this.aliases.words[alias * 3 + 2]! & 0xf;
  }

  tos(alias: number): number {
    return (this.aliases.words[alias * 3 + 2]! >>> 4) & 0xff;
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
        const word = words[alias * 3 + 2]!;
        const tos = (word >>> 4) & 0xff;
        const info = infos[words[alias * 3]!]!;
        if ((tos === 0 || tos === flow.tos) && info.scope >= flow.scope) {
          const type = word & 0xf;
          const error = TYPE_ERROR[type]!;
          if (error !== 0) {
            result.type = type;
            result.info = info;
            result.table = this;
            result.prefixLength = length;
            result.alias = alias;
            result.tos = tos;
            result.nexthop = null;
            return -error;
          }
          if ((info.flags & RTNH_F_DEAD) === 0) {
            const nexthop = goodNexthop(info, flow.oif, flags);
            if (nexthop !== null) {
              result.type = type;
              result.info = info;
              result.nexthop = nexthop;
              result.table = this;
              result.prefixLength = length;
              result.alias = alias;
              result.tos = tos;
              return 0;
            }
          }
        }
        alias = words[alias * 3 + 1]!;
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
    const { aliases } = this.store;
    const alias = aliases.take(1);
    aliases.words[alias * 3] = info.id;
    aliases.words[alias * 3 + 1] = before;
    aliases.words[alias * 3 + 2] = type | (tos << 4) | (length << 12);
    const first = this.first(prefix, length);
    if (first === before) this.prefixes.set(prefix, length, alias);
    else {
      let previous = first;
      while (aliases.words[previous * 3 + 1] !== before) previous = aliases.words[previous * 3 + 1]!;
      aliases.words[previous * 3 + 1] = alias;
    }
    this.size++;
    return alias;
  }

  /** Takes a route out. */
  remove(prefix: number, length: number, alias: number): void {
    const { aliases } = this.store;
    const next = aliases.words[alias * 3 + 1]!;
    const first = this.first(prefix, length);
    if (first === alias) {
      if (next === 0) this.prefixes.delete(prefix, length);
      else this.prefixes.set(prefix, length, next);
    } else {
      let previous = first;
      while (aliases.words[previous * 3 + 1] !== alias) previous = aliases.words[previous * 3 + 1]!;
      aliases.words[previous * 3 + 1] = next;
    }
    aliases.give(alias, 1);
    this.size--;
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
      const ipv4 = nexthop.device!.ipv4;
      if (ipv4 !== null && ipv4.ignoresLinkDown()) continue;
    }
    if (oif !== 0 && oif !== nexthop.oif) continue;
    return nexthop;
  }
  return null;
}
