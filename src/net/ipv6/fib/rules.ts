import { EACCES, EAGAIN, EINVAL, ENETUNREACH } from '../../../base/errno.js';
import { RTPROT_KERNEL, RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import { FIB_RULE_FIND_SADDR, FR_ACT_PROHIBIT, FR_ACT_TO_TBL, FR_ACT_UNREACHABLE } from '../../../netlink/rtnl/rule.js';
import { copyAddress, type In6, samePrefix } from '../../../wire/ipv6.js';
import { anyRule, type FibRule, FibRuleList, NONE, type RuleFamily } from '../../core/fib-rules.js';
import type { Fib6 } from './fib.js';
import { type Fib6Result, LOOKUP_HAS_SADDR, policyLookup } from './lookup.js';

/** A rule of IPv6 (struct fib6_rule). `tos` is the DSCP of the traffic class. */
export interface Fib6Rule extends FibRule {
  readonly source: In6;
  readonly destination: In6;
}

const NO_ADDRESS: In6 = new Uint32Array(4);

export const anyIpv6Rule: Fib6Rule = { ...anyRule, source: NO_ADDRESS, destination: NO_ADDRESS };

/** INET_DSCP_MASK: of the traffic class, all but ECN. */
const DSCP_MASK = 0xfc;

/** net/ipv6/fib6_rules.c */
function ipv6Family(fib: Fib6): RuleFamily<Fib6Rule, Fib6Result> {
  const wouldBe = new Uint32Array(4);
  return {
    // Linux: fib6_rule_match()
    matches(rule, flow, flags) {
      if (rule.destinationLength !== 0 && !samePrefix(flow.destination6, rule.destination, rule.destinationLength)) return false;
      if (rule.sourceLength !== 0) {
        if ((flags & LOOKUP_HAS_SADDR) !== 0) {
          if (!samePrefix(flow.source6, rule.source, rule.sourceLength)) return false;
        } else if ((rule.flags & FIB_RULE_FIND_SADDR) === 0) return false;
      }
      return rule.tos === 0 || rule.tos === (flow.tos & DSCP_MASK);
    },
    // Linux: fib6_rule_action()
    act(rule, tableId, flow, result, flags) {
      result.info = null;
      if (rule.action === FR_ACT_UNREACHABLE) return -ENETUNREACH;
      if (rule.action === FR_ACT_PROHIBIT) return -EACCES;
      if (rule.action !== FR_ACT_TO_TBL) return -EINVAL;
      const table = fib.table(tableId);
      if (table === null) return -EAGAIN;
      const { ipv6 } = fib.namespace;
      const info = policyLookup(ipv6.routes, table, flow, flags, result.skb);
      if (info === null) return -EAGAIN;
      // Linux: fib6_rule_saddr()
      if ((rule.flags & FIB_RULE_FIND_SADDR) !== 0 && rule.sourceLength !== 0 && (flags & LOOKUP_HAS_SADDR) === 0) {
        if (!ipv6.addresses.select(info.device, flow.destination6, wouldBe)) return -EAGAIN;
        if (!samePrefix(wouldBe, rule.source, rule.sourceLength)) return -EAGAIN;
        copyAddress(wouldBe, flow.source6);
      }
      result.info = info;
      return -info.error;
    },
    // Linux: fib6_rule_suppress()
    suppresses(rule, result) {
      const info = result.info!;
      const unwanted =
        info.prefixLength <= rule.suppressPrefixLength || (rule.suppressGroup !== NONE && info.device.group === rule.suppressGroup);
      if (unwanted) result.info = null;
      return unwanted;
    },
    sameAddresses: (a: Fib6Rule, b: Fib6Rule) =>
      a.sourceLength === b.sourceLength &&
      a.destinationLength === b.destinationLength &&
      a.tos === b.tos &&
      a.source.every((word, i) => word === b.source[i]) &&
      a.destination.every((word, i) => word === b.destination[i]),
    flush: () => fib.flushCache(),
  };
}

const tableRule = (priority: number, tableId: number): Fib6Rule => ({
  ...anyIpv6Rule,
  priority,
  action: FR_ACT_TO_TBL,
  tableId,
  protocol: RTPROT_KERNEL,
});

/** The rules of IPv6 in a namespace; at first local and main. */
export class Fib6Rules extends FibRuleList<Fib6Rule, Fib6Result> {
  constructor(fib: Fib6) {
    super(fib.namespace, ipv6Family(fib), [tableRule(0, RT_TABLE_LOCAL), tableRule(0x7ffe, RT_TABLE_MAIN)]);
  }
}
