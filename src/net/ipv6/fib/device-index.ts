import { equalAddress, type In6 } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { Fib6Info } from './info.js';
import { comparePrefixes, type Fib6Table } from './table.js';

/** The routes by each device: what goes down takes its own with it without a walk through all tables. */
export class RoutesByDevice {
  readonly #routes = new Map<NetDevice, Set<Fib6Info>>();
  /** Those that prefer a source address: few, as a rule. */
  readonly #sourced = new Set<Fib6Info>();

  add(info: Fib6Info): void {
    if (info.preferredSource !== null) this.#sourced.add(info);
    const held = this.#routes.get(info.device);
    if (held === undefined) this.#routes.set(info.device, new Set([info]));
    else held.add(info);
  }

  delete(info: Fib6Info): void {
    this.#sourced.delete(info);
    const held = this.#routes.get(info.device);
    if (held?.delete(info) === true && held.size === 0) this.#routes.delete(info.device);
  }

  count(device: NetDevice): number {
    return this.#routes.get(device)?.size ?? 0;
  }

  /** The address is preferred no longer by routes of the device. */
  forgetSource(address: In6, device: NetDevice): void {
    for (const info of this.#sourced) {
      if (info.device !== device || info.preferredSource === null || !equalAddress(info.preferredSource, address)) continue;
      info.preferredSource = null;
      this.#sourced.delete(info);
    }
  }

  of(device: NetDevice): Iterable<Fib6Info> {
    return this.#routes.get(device) ?? [];
  }

  /** As a walk through `tables` meets them: a list of its own, which stays while routes go. */
  inOrder(device: NetDevice, tables: readonly Fib6Table[]): Fib6Info[] {
    const place = new Map(tables.map(({ id }, at) => [id, at]));
    return [...this.of(device)].sort(
      (a, b) =>
        place.get(a.tableId)! - place.get(b.tableId)! ||
        comparePrefixes(a.destination, a.prefixLength, b.destination, b.prefixLength) ||
        a.metric - b.metric,
    );
  }
}
