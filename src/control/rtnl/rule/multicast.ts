import { type FibRule, ruleFits, type RuleState } from '../../../net/core/fib-rules.js';
import { ruleMessage } from '../../../netlink/rtnl/rule.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { MrouteFamily } from '../mroute/family.js';
import { type DescribedRule, describeRule } from './describe.js';
import { ruleOf } from './request.js';

// Rules of `ip mrule`: what all families have, no addresses. Linux: ipmr_rules_ops, ip6mr_rules_ops

export function addMulticastRule<A>(family: MrouteFamily<A>, request: NetlinkRequest, exclusive: boolean): void {
  const { rules } = family.tables(request.namespace);
  const { header, attributes } = ruleMessage.parse(request.message);
  rules.add(ruleOf(header, attributes, family.addressBits / 8, rules.defaultPriority()), exclusive);
}

export function deleteMulticastRule<A>(family: MrouteFamily<A>, request: NetlinkRequest): void {
  const { rules } = family.tables(request.namespace);
  const { header, attributes } = ruleMessage.parse(request.message);
  const wanted = ruleOf(header, attributes, family.addressBits / 8, rules.defaultPriority());
  rules.delete((rule) => ruleFits(wanted, attributes.priority !== undefined, rule));
}

export const describeMulticastRule = <A>(family: MrouteFamily<A>, state: RuleState<FibRule>): DescribedRule =>
  describeRule(family.family, state);
