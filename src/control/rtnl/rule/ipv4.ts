import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { type RuleState, ruleFits } from '../../../net/core/fib-rules.js';
import type { Fib4Rule } from '../../../net/ipv4/fib/rules.js';
import { AF_INET } from '../../../netlink/constants.js';
import { FR_ACT_TO_TBL, ruleMessage } from '../../../netlink/rtnl/rule.js';
import { ipv4Mask } from '../../../wire/ipv4-address.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { fibOf, ipv4Bytes, ipv4Number } from '../ipv4.js';
import { type DescribedRule, describeRule } from './describe.js';
import { ruleOf } from './request.js';

const ADDRESS_BYTES = 4;
const ECN_BITS = 0x03;
/** IPTOS_TOS_MASK: what of the DSCP IPv4's rules know. */
const TOS_MASK = 0x1e;

// Linux: fib4_rule_configure()
export function addIpv4Rule(request: NetlinkRequest, exclusive: boolean): void {
  const { rules } = fibOf(request.namespace);
  const { header, attributes } = ruleMessage.parse(request.message);
  const rule = ruleOf(header, attributes, ADDRESS_BYTES, rules.defaultPriority());
  if ((rule.tos & ECN_BITS) !== 0) fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0');
  if ((rule.tos & ~TOS_MASK) !== 0) fail(EINVAL, 'Invalid tos');
  const needsTable = rule.tableId === 0 && !rule.l3mdev && rule.action === FR_ACT_TO_TBL;
  rules.add(withAddresses(needsTable ? { ...rule, tableId: emptyTable(request) } : rule, attributes), exclusive);
}

// Linux: fib4_rule_compare()
export function deleteIpv4Rule(request: NetlinkRequest): void {
  const { rules } = fibOf(request.namespace);
  const { header, attributes } = ruleMessage.parse(request.message);
  const wanted = withAddresses(ruleOf(header, attributes, ADDRESS_BYTES, rules.defaultPriority()), attributes);
  rules.delete(
    (rule) =>
      ruleFits(wanted, attributes.priority !== undefined, rule) &&
      (header.srcLen === 0 || (rule.sourceLength === header.srcLen && rule.source === wanted.source)) &&
      (header.dstLen === 0 || (rule.destinationLength === header.dstLen && rule.destination === wanted.destination)) &&
      (header.tos === 0 || rule.tos === header.tos) &&
      (attributes.flow === undefined || rule.realms === attributes.flow),
  );
}

function withAddresses(
  rule: ReturnType<typeof ruleOf>,
  { src, dst }: { src?: Uint8Array | undefined; dst?: Uint8Array | undefined },
): Fib4Rule {
  return {
    ...rule,
    source: rule.sourceLength === 0 || src === undefined ? 0 : ipv4Number(src),
    sourceMask: ipv4Mask(rule.sourceLength),
    destination: rule.destinationLength === 0 || dst === undefined ? 0 : ipv4Number(dst),
    destinationMask: ipv4Mask(rule.destinationLength),
  };
}

/** The first number that is no table yet. Linux: fib_empty_table() */
function emptyTable(request: NetlinkRequest): number {
  const fib = fibOf(request.namespace);
  let id = 1;
  while (fib.table(id) !== null) id++;
  return fib.obtainTable(id).id;
}

export function describeIpv4Rule(state: RuleState<Fib4Rule>): DescribedRule {
  const { header, attributes } = describeRule(AF_INET, state);
  const { rule } = state;
  return {
    header,
    attributes: {
      ...attributes,
      ...(rule.destinationLength === 0 ? {} : { dst: ipv4Bytes(rule.destination) }),
      ...(rule.sourceLength === 0 ? {} : { src: ipv4Bytes(rule.source) }),
    },
  };
}
