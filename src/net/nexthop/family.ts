import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { NexthopObject } from './object.js';

/** Who keeps something by a nexthop object: routes, forwarding entries. */
export interface NexthopUser {
  /** The object has been replaced, or is a group whose members are others now. */
  changed(object: NexthopObject): void;
  /** The object, or a member of it, was replaced and that was told: what is kept by it is told of, as it is now. */
  tell?(object: NexthopObject): void;
  /** The object is nobody's any more; `object.members` are still what they were. */
  gone(object: NexthopObject): void;
}

/** One next hop before it is known where it leads. */
export interface NexthopWay {
  /** 0: to be found by the gateway. */
  readonly oif: number;
  /** Of IPv4, 0: none. */
  readonly gateway: number;
  /** Of IPv6, null: none. */
  readonly gateway6: In6 | null;
  /** RTNH_F_* */
  readonly flags: number;
}

export interface ReachedNexthop {
  readonly device: NetDevice;
  /** RT_SCOPE_* of what is at the other side. */
  readonly scope: number;
  /** RTNH_F_*, those of the way and what was found out. */
  readonly flags: number;
}

/** What a family of routes knows about next hops of its addresses. */
export interface NexthopFamily extends NexthopUser {
  /** AF_INET, AF_INET6 */
  readonly family: number;
  /** By which device a way leads, for a route of table `tableId` (0: main). Throws with Linux's errno and text. */
  reach(way: NexthopWay, tableId: number): ReachedNexthop;
  /** Throws where `object` may not lead by `ways` from now on, for the sake of what uses it; without it: any will do. */
  mayBecome?(object: NexthopObject, ways: readonly NexthopObject[]): void;
}
