import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { type RuleState, ruleFits } from '../../../net/core/fib-rules.js';
import type { Fib6Rule } from '../../../net/ipv6/fib/rules.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import { FR_ACT_TO_TBL, ruleMessage } from '../../../netlink/rtnl/rule.js';
import { equalAddress, type In6, IN6_BYTES } from '../../../wire/ipv6.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { in6, in6Bytes } from '../ipv6/in6.js';
import { type DescribedRule, describeRule } from './describe.js';
import { ruleOf } from './request.js';

const ECN_BITS = 0x03;

// Linux: fib6_rule_configure()
export function addIpv6Rule(request: NetlinkRequest, exclusive: boolean): void {
  const { fib } = request.namespace.ipv6;
  const { header, attributes } = ruleMessage.parse(request.message);
  const rule = ruleOf(header, attributes, IN6_BYTES, fib.rules.defaultPriority());
  if ((rule.tos & ECN_BITS) !== 0) fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0');
  if (rule.action === FR_ACT_TO_TBL && !rule.l3mdev) {
    if (rule.tableId === 0) fail(EINVAL, 'Invalid table');
    fib.obtainTable(rule.tableId);
  }
  // Linux: FRA_FLOW is taken, and says nothing: IPv6 has no realms.
  fib.rules.add({ ...withAddresses(rule, attributes), realms: 0 }, exclusive);
}

// Linux: fib6_rule_compare()
export function deleteIpv6Rule(request: NetlinkRequest): void {
  const { rules } = request.namespace.ipv6.fib;
  const { header, attributes } = ruleMessage.parse(request.message);
  const wanted = withAddresses(ruleOf(header, attributes, IN6_BYTES, rules.defaultPriority()), attributes);
  rules.delete(
    (rule) =>
      ruleFits(wanted, attributes.priority !== undefined, rule) &&
      (header.srcLen === 0 || (rule.sourceLength === header.srcLen && equalAddress(rule.source, wanted.source))) &&
      (header.dstLen === 0 || (rule.destinationLength === header.dstLen && equalAddress(rule.destination, wanted.destination))) &&
      (header.tos === 0 || rule.tos === header.tos),
  );
}

const address = (length: number, bytes: Uint8Array | undefined): In6 =>
  length === 0 || bytes === undefined ? new Uint32Array(4) : in6(bytes);

function withAddresses(
  rule: ReturnType<typeof ruleOf>,
  { src, dst }: { src?: Uint8Array | undefined; dst?: Uint8Array | undefined },
): Fib6Rule {
  return { ...rule, source: address(rule.sourceLength, src), destination: address(rule.destinationLength, dst) };
}

export function describeIpv6Rule(state: RuleState<Fib6Rule>): DescribedRule {
  const { header, attributes } = describeRule(AF_INET6, state);
  const { rule } = state;
  return {
    header,
    attributes: {
      ...attributes,
      ...(rule.destinationLength === 0 ? {} : { dst: in6Bytes(rule.destination) }),
      ...(rule.sourceLength === 0 ? {} : { src: in6Bytes(rule.source) }),
    },
  };
}
