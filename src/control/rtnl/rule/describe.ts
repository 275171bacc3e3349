import { type FibRule, NONE, type RuleState } from '../../../net/core/fib-rules.js';
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  type RuleHeader,
  type ruleAttributes,
} from '../../../netlink/rtnl/rule.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import { tableByte } from '../route/describe.js';

export type RuleAttributes = AttributesOf<typeof ruleAttributes>;

export interface DescribedRule {
  readonly header: RuleHeader;
  readonly attributes: RuleAttributes;
}

/** What all families show of a rule. Linux: fib_nl_fill_rule() */
export function describeRule(family: number, state: RuleState<FibRule>): DescribedRule {
  const { rule } = state;
  const marked = rule.mark !== 0;
  return {
    header: {
      family,
      dstLen: rule.destinationLength,
      srcLen: rule.sourceLength,
      tos: rule.tos,
      table: tableByte(rule.tableId),
      res1: 0,
      res2: 0,
      action: rule.action,
      flags:
        rule.flags |
        (state.unresolved ? FIB_RULE_UNRESOLVED : 0) |
        (state.iifDetached ? FIB_RULE_IIF_DETACHED : 0) |
        (state.oifDetached ? FIB_RULE_OIF_DETACHED : 0),
    },
    attributes: {
      table: rule.tableId,
      suppressPrefixlength: rule.suppressPrefixLength >>> 0,
      protocol: rule.protocol,
      ...(rule.iifname === '' ? {} : { iifname: rule.iifname }),
      ...(rule.oifname === '' ? {} : { oifname: rule.oifname }),
      ...(rule.priority === 0 ? {} : { priority: rule.priority }),
      ...(marked ? { fwmark: rule.mark } : {}),
      ...(marked || rule.markMask !== 0 ? { fwmask: rule.markMask } : {}),
      ...(rule.target === 0 ? {} : { goto: rule.target }),
      ...(rule.tunnelId === 0 ? {} : { tunId: rule.tunnelId }),
      ...(rule.l3mdev ? { l3mdev: 1 } : {}),
      ...(rule.uidRange === null ? {} : { uidRange: rule.uidRange }),
      ...(rule.ipProtocol === 0 ? {} : { ipProto: rule.ipProtocol }),
      ...(rule.sourcePorts === null ? {} : { sportRange: rule.sourcePorts }),
      ...(rule.destinationPorts === null ? {} : { dportRange: rule.destinationPorts }),
      ...(rule.suppressGroup === NONE ? {} : { suppressIfgroup: rule.suppressGroup }),
      ...(rule.realms === 0 ? {} : { flow: rule.realms }),
    },
  };
}
