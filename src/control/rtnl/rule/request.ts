import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { type FibRule, NONE, type Range } from '../../../net/core/fib-rules.js';
import { FR_ACT_GOTO, type RuleHeader } from '../../../netlink/rtnl/rule.js';
import type { RuleAttributes } from './describe.js';

/** What all families read of a rule's request. Linux: fib_nl2rule() */
export function ruleOf(header: RuleHeader, attributes: RuleAttributes, addressBytes: number, defaultPriority: number): FibRule {
  checkAddress(header.srcLen, attributes.src, addressBytes, 'Invalid source address');
  checkAddress(header.dstLen, attributes.dst, addressBytes, 'Invalid dst address');
  const priority = attributes.priority ?? defaultPriority;
  const mark = attributes.fwmark ?? 0;
  if (attributes.l3mdev !== undefined && attributes.l3mdev !== 1) fail(EINVAL, 'Invalid l3mdev attribute');
  const tableId = attributes.table ?? header.table;
  if (attributes.goto !== undefined) {
    if (header.action !== FR_ACT_GOTO) fail(EINVAL, 'Unexpected goto');
    if (attributes.goto <= priority) fail(EINVAL, 'Backward goto not supported');
  } else if (header.action === FR_ACT_GOTO) fail(EINVAL, 'Missing goto target for action goto');
  if (attributes.l3mdev !== undefined && tableId !== 0) fail(EINVAL, 'l3mdev and table are mutually exclusive');
  return {
    priority,
    action: header.action,
    flags: header.flags,
    tableId,
    protocol: attributes.protocol ?? 0,
    iifname: attributes.iifname ?? '',
    oifname: attributes.oifname ?? '',
    mark,
    markMask: attributes.fwmask ?? (mark !== 0 ? 0xffff_ffff : 0),
    tunnelId: attributes.tunId ?? 0,
    l3mdev: attributes.l3mdev !== undefined,
    uidRange: range(attributes.uidRange, 0, 'Invalid uid range'),
    ipProtocol: attributes.ipProto ?? 0,
    sourcePorts: range(attributes.sportRange, 1, 'Invalid sport range'),
    destinationPorts: range(attributes.dportRange, 1, 'Invalid dport range'),
    target: attributes.goto ?? 0,
    suppressPrefixLength: (attributes.suppressPrefixlength ?? NONE) | 0,
    suppressGroup: (attributes.suppressIfgroup ?? NONE) | 0,
    sourceLength: header.srcLen,
    destinationLength: header.dstLen,
    tos: header.tos,
    realms: attributes.flow ?? 0,
  };
}

function checkAddress(length: number, address: Uint8Array | undefined, bytes: number, text: string): void {
  if (length !== 0 && (address === undefined || length > bytes * 8 || address.length !== bytes)) fail(EINVAL, text);
}

function range(given: Range | undefined, least: number, text: string): Range | null {
  if (given === undefined) return null;
  if (given.start < least || given.start > given.end) fail(EINVAL, text);
  return given;
}
