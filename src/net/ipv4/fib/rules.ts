import { EACCES, EAGAIN, EINVAL, ENETUNREACH } from '../../../base/errno.js';
import { RTPROT_KERNEL, RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import { FR_ACT_PROHIBIT, FR_ACT_TO_TBL, FR_ACT_UNREACHABLE } from '../../../netlink/rtnl/rule.js';
import { anyRule, type FibRule, FibRuleList, NONE, type RuleFamily } from '../../core/fib-rules.js';
import type { Flow } from '../../core/flow.js';
import type { Fib } from './fib.js';
import type { FibResult } from './result.js';

/** A rule of IPv4 (struct fib4_rule). */
export interface Fib4Rule extends FibRule {
  readonly source: number;
  readonly sourceMask: number;
  readonly destination: number;
  readonly destinationMask: number;
}

export const anyIpv4Rule: Fib4Rule = { ...anyRule, source: 0, sourceMask: 0, destination: 0, destinationMask: 0 };

/** net/ipv4/fib_rules.c */
function ipv4Family(fib: Fib): RuleFamily<Fib4Rule, FibResult> {
  return {
    // Linux: fib4_rule_match()
    matches: (rule: Fib4Rule, flow: Flow) =>
      ((flow.source ^ rule.source) & rule.sourceMask) === 0 &&
      ((flow.destination ^ rule.destination) & rule.destinationMask) === 0 &&
      (rule.tos === 0 || rule.tos === flow.tos),
    // Linux: fib4_rule_action()
    act(rule, tableId, flow, result, flags) {
      if (rule.action === FR_ACT_TO_TBL) {
        const table = fib.table(tableId);
        if (table === null) return -EAGAIN;
        const error = table.lookup(flow, result, flags);
        result.realms = rule.realms;
        return error;
      }
      if (rule.action === FR_ACT_UNREACHABLE) return -ENETUNREACH;
      return rule.action === FR_ACT_PROHIBIT ? -EACCES : -EINVAL;
    },
    // Linux: fib4_rule_suppress()
    suppresses(rule, result) {
      if (result.prefixLength <= rule.suppressPrefixLength) return true;
      return rule.suppressGroup !== NONE && result.nexthop?.device?.group === rule.suppressGroup;
    },
    sameAddresses: (a, b) =>
      a.source === b.source &&
      a.destination === b.destination &&
      a.sourceLength === b.sourceLength &&
      a.destinationLength === b.destinationLength &&
      a.tos === b.tos &&
      a.realms === b.realms,
    flush: () => fib.flushCache(),
  };
}

const tableRule = (priority: number, tableId: number): Fib4Rule => ({
  ...anyIpv4Rule,
  priority,
  action: FR_ACT_TO_TBL,
  tableId,
  protocol: RTPROT_KERNEL,
});

/** The rules of IPv4 in a namespace; at first local, main and default. */
export class FibRules extends FibRuleList<Fib4Rule, FibResult> {
  constructor(fib: Fib) {
    super(fib.namespace, ipv4Family(fib), [
      tableRule(0, RT_TABLE_LOCAL),
      tableRule(0x7ffe, RT_TABLE_MAIN),
      tableRule(0x7fff, RT_TABLE_DEFAULT),
    ]);
  }
}
