import { EACCES, EAGAIN, EEXIST, EHOSTUNREACH, EINVAL, ENETUNREACH, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { RTPROT_KERNEL, RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import type { Flow } from '../../core/flow.js';
import { Notifier } from '../../core/notifier.js';
import type { Fib } from './fib.js';
import type { FibResult } from './result.js';

// linux/fib_rules.h: FR_ACT_*
export const FR_ACT_TO_TBL = 1;
export const FR_ACT_GOTO = 2;
export const FR_ACT_NOP = 3;
export const FR_ACT_BLACKHOLE = 6;
export const FR_ACT_UNREACHABLE = 7;
export const FR_ACT_PROHIBIT = 8;

/** One rule of policy routing (struct fib_rule, struct fib4_rule). 0 in a selector: any. */
export interface FibRule {
  readonly priority: number;
  /** FR_ACT_* */
  readonly action: number;
  readonly tableId: number;
  readonly protocol: number;
  readonly flags: number;
}

/** The rules of a namespace, in the order in which they are asked. */
export class FibRules {
  readonly events = new Notifier<{ readonly type: 'new' | 'delete'; readonly rule: FibRule }>();
  /** local, main, default and nothing else: then a lookup asks the tables without the rules. */
  onlyDefaults = true;
  #rules: readonly FibRule[] = [tableRule(0, RT_TABLE_LOCAL), tableRule(0x7ffe, RT_TABLE_MAIN), tableRule(0x7fff, RT_TABLE_DEFAULT)];
  readonly #fib: Fib;

  constructor(fib: Fib) {
    this.#fib = fib;
  }

  get list(): readonly FibRule[] {
    return this.#rules;
  }

  /** EEXIST where the same stands there already. */
  add(rule: FibRule): void {
    if (this.#rules.some((other) => sameRule(other, rule))) fail(EEXIST);
    const after = this.#rules.findIndex((other) => other.priority > rule.priority);
    this.#rules = this.#rules.toSpliced(after < 0 ? this.#rules.length : after, 0, rule);
    this.#changed('new', rule);
  }

  /** ENOENT */
  delete(wanted: (rule: FibRule) => boolean): void {
    const rule = this.#rules.find(wanted) ?? fail(ENOENT);
    this.#rules = this.#rules.filter((other) => other !== rule);
    this.#changed('delete', rule);
  }

  /** The first rule whose table has a route decides: 0, or a negative errno. Linux: fib_rules_lookup() */
  lookup(flow: Flow, result: FibResult, flags: number): number {
    const rules = this.#rules;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      const error = this.#act(rule, flow, result, flags);
      if (error !== -EAGAIN) return error;
    }
    return -ENETUNREACH;
  }

  #act(rule: FibRule, flow: Flow, result: FibResult, flags: number): number {
    switch (rule.action) {
      case FR_ACT_TO_TBL: {
        const table = this.#fib.table(rule.tableId);
        return table === null ? -EAGAIN : table.lookup(flow, result, flags);
      }
      case FR_ACT_NOP:
        return -EAGAIN;
      case FR_ACT_UNREACHABLE:
        return -EHOSTUNREACH;
      case FR_ACT_PROHIBIT:
        return -EACCES;
      default:
        return -EINVAL;
    }
  }

  #changed(type: 'new' | 'delete', rule: FibRule): void {
    this.onlyDefaults = false;
    this.#fib.flushCache();
    this.events.notify({ type, rule });
  }
}

function tableRule(priority: number, tableId: number): FibRule {
  return { priority, action: FR_ACT_TO_TBL, tableId, protocol: RTPROT_KERNEL, flags: 0 };
}

function sameRule(a: FibRule, b: FibRule): boolean {
  return a.priority === b.priority && a.action === b.action && a.tableId === b.tableId;
}
