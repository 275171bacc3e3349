import { EACCES, EAGAIN, EINVAL, ENETUNREACH } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { FR_ACT_PROHIBIT, FR_ACT_TO_TBL, FR_ACT_UNREACHABLE } from '../../../netlink/rtnl/rule.js';
import { anyRule, type FibRule, FibRuleList } from '../fib-rules.js';
import type { Flow } from '../flow.js';
import type { Namespace } from '../namespace.js';
import { Notifier } from '../notifier.js';
import { type MfcEvent, type MrFamily, MrTable } from './table.js';

/** IPMR_RULE_DEFAULT */
const DEFAULT_PRIORITY = 0x7fff;
const MAX_TABLE = 1_000_000_000;

/** What a lookup by rules finds; reused. */
class Found<A> {
  table: MrTable<A> | null = null;
}

/** The tables of multicast routes of one family in a namespace, and the rules that choose among them (`ip mrule`). */
export class MrTables<A> {
  readonly events = new Notifier<MfcEvent<A>>();
  readonly defaultTable: number;
  readonly rules: FibRuleList<FibRule, Found<A>>;
  readonly #namespace: Namespace;
  readonly #family: MrFamily<A>;
  readonly #tables = new Map<number, MrTable<A>>();
  readonly #found = new Found<A>();

  constructor(namespace: Namespace, family: MrFamily<A>, defaultTable: number) {
    this.#namespace = namespace;
    this.#family = family;
    this.defaultTable = defaultTable;
    const first: FibRule = { ...anyRule, priority: DEFAULT_PRIORITY, action: FR_ACT_TO_TBL, tableId: defaultTable };
    this.rules = new FibRuleList<FibRule, Found<A>>(
      namespace,
      {
        // Linux: ipmr_rule_match(): all that these rules know is in the common part.
        matches: () => true,
        act: (rule, tableId, _flow, found) => this.#act(rule, tableId, found),
        suppresses: () => false,
        sameAddresses: () => true,
        flush: () => undefined,
      },
      [first],
    );
    this.obtain(defaultTable);
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type !== 'unregister') return;
      for (const table of this.#tables.values())
        for (let i = 0; i < table.maxVif; i++) if (table.vifs[i]?.device === device) table.deleteVif(i, true);
    });
  }

  get(id: number): MrTable<A> | null {
    return this.#tables.get(id) ?? null;
  }

  all(): Iterable<MrTable<A>> {
    return this.#tables.values();
  }

  /** The table of that number, made if need be. EINVAL. Linux: ipmr_new_table() */
  obtain(id: number): MrTable<A> {
    if (id !== this.defaultTable && id >= MAX_TABLE) fail(EINVAL);
    let table = this.#tables.get(id);
    if (table === undefined) {
      table = new MrTable<A>(id, this.#family, this.#namespace.stack, this.events);
      this.#tables.set(id, table);
    }
    return table;
  }

  /** The table for a packet; null: a rule forbids it, or none fits. Linux: ipmr_fib_lookup() */
  lookup(flow: Flow): MrTable<A> | null {
    this.#found.table = null;
    return this.rules.lookup(flow, this.#found, 0) === 0 ? this.#found.table : null;
  }

  destroy(): void {
    for (const table of this.#tables.values()) table.destroy();
  }

  // Linux: ipmr_rule_action()
  #act(rule: FibRule, tableId: number, found: Found<A>): number {
    if (rule.action === FR_ACT_TO_TBL) {
      found.table = this.#tables.get(tableId) ?? null;
      return found.table === null ? -EAGAIN : 0;
    }
    if (rule.action === FR_ACT_UNREACHABLE) return -ENETUNREACH;
    return rule.action === FR_ACT_PROHIBIT ? -EACCES : -EINVAL;
  }
}
