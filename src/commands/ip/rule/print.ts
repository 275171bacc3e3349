import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTM_DELRULE, RTN_NAT, RTPROT_KERNEL } from '../../../netlink/rtnl/constants.js';
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_TO_TBL,
  type RuleHeader,
  type ruleAttributes,
  ruleMessage,
} from '../../../netlink/rtnl/rule.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import { formatAddress } from '../../shared/address.js';
import { familyColor } from '../../shared/color.js';
import { addressBits } from '../../shared/families.js';
import { hex } from '../../shared/numbers.js';
import { protocolName } from '../../shared/protocols.js';
import type { IpContext } from '../context.js';
import { typeName } from '../route/names.js';

export interface RuleView {
  readonly message: NetlinkMessage;
  readonly header: RuleHeader;
  readonly attributes: AttributesOf<typeof ruleAttributes>;
  readonly table: number;
}

export function viewOf(message: NetlinkMessage): RuleView {
  const { header, attributes } = ruleMessage.parse(message);
  return { message, header, attributes, table: attributes.table ?? header.table };
}

/** The name files that printing rules looks into. */
export const loadRuleNames = (context: IpContext) => context.names.load('rt_tables', 'rt_protos', 'rt_realms', 'rt_dsfield', 'group');

/** One rule. Names must be loaded. */
export function printRule(context: IpContext, view: RuleView): void {
  const { out, options } = context;
  const { message, header, attributes } = view;
  if (message.type === RTM_DELRULE) out.flag('deleted', 'Deleted ');
  out.field('priority', attributes.priority ?? 0, `${attributes.priority ?? 0}:\t`);
  if ((header.flags & FIB_RULE_INVERT) !== 0) out.field('not', null, 'not ');
  out.text('from ');
  if (attributes.src !== undefined) printPrefix(context, header.family, 'src', attributes.src, header.srcLen);
  else if (header.srcLen !== 0) printPrefix(context, header.family, 'src', null, header.srcLen);
  else out.field('src', 'all', 'all');
  if (attributes.dst !== undefined || header.dstLen !== 0) {
    out.text(' to ');
    printPrefix(context, header.family, 'dst', attributes.dst ?? null, header.dstLen);
  }
  printSelectors(context, view);
  printTable(context, view);
  if (attributes.flow !== undefined) printRealms(context, attributes.flow);
  printAction(context, view);
  const { protocol } = attributes;
  if (protocol !== undefined && ((protocol !== 0 && protocol !== RTPROT_KERNEL) || options.details > 0)) {
    const name = context.names.text('rt_protos', protocol);
    out.field('protocol', name, ` proto ${name}`);
  }
  out.text('\n');
}

function printPrefix(context: IpContext, family: number, key: 'src' | 'dst', bytes: Uint8Array | null, length: number): void {
  const { out } = context;
  const whole = length === addressBits(family);
  const text = bytes === null ? '0' : whole ? context.host(family, bytes) : formatAddress(family, bytes);
  out.field(key, text, text, familyColor(family));
  if (!whole) out.field(`${key}len`, length, `/${length}`);
}

function printSelectors({ out, names, options }: IpContext, { header, attributes }: RuleView): void {
  if (header.tos !== 0) {
    const tos = names.nameOf('rt_dsfield', header.tos) ?? `0x${header.tos.toString(16).padStart(2, '0')}`;
    out.field('tos', tos, ` tos ${tos}`);
  }
  const { fwmark, fwmask } = attributes;
  if (fwmark !== undefined || fwmask !== undefined) {
    out.field('fwmark', hex(fwmark ?? 0), ` fwmark ${hex(fwmark ?? 0)}`);
    if (fwmask !== undefined && fwmask !== 0xffff_ffff) out.field('fwmask', hex(fwmask), `/${hex(fwmask)}`);
  }
  if (attributes.iifname !== undefined) {
    out.text(' iif ');
    out.field('iif', attributes.iifname, attributes.iifname, 'interface');
    if ((header.flags & FIB_RULE_IIF_DETACHED) !== 0) out.field('iif_detached', null, ' [detached]');
  }
  if (attributes.oifname !== undefined) {
    out.text(' oif ');
    out.field('oif', attributes.oifname, attributes.oifname, 'interface');
    if ((header.flags & FIB_RULE_OIF_DETACHED) !== 0) out.field('oif_detached', null, ' [detached]');
  }
  if (attributes.l3mdev !== undefined && attributes.l3mdev !== 0) out.field('l3mdev', null, ' lookup [l3mdev-table]');
  const { uidRange } = attributes;
  if (uidRange !== undefined) {
    out.field('uid_start', uidRange.start, ` uidrange ${uidRange.start}`);
    out.field('uid_end', uidRange.end, `-${uidRange.end}`);
  }
  if (attributes.ipProto !== undefined) {
    const name = protocolName(attributes.ipProto, options.numeric);
    out.field('ipproto', name, ` ipproto ${name}`);
  }
  for (const word of ['sport', 'dport'] as const) {
    const range = attributes[`${word}Range`];
    if (range === undefined) continue;
    if (range.start === range.end) out.field(word, range.start, ` ${word} ${range.start}`);
    else {
      out.field(`${word}_start`, range.start, ` ${word} ${range.start}`);
      out.field(`${word}_end`, range.end, `-${range.end}`);
    }
  }
  if (attributes.tunId !== undefined) out.field('tun_id', attributes.tunId, ` tun_id ${attributes.tunId}`);
}

function printTable({ out, names }: IpContext, { table, attributes }: RuleView): void {
  if (table === 0) return;
  const name = names.text('rt_tables', table);
  out.field('table', name, ` lookup ${name}`);
  const { suppressPrefixlength, suppressIfgroup } = attributes;
  if (suppressPrefixlength !== undefined && suppressPrefixlength !== 0xffff_ffff)
    out.field('suppress_prefixlen', suppressPrefixlength | 0, ` suppress_prefixlength ${suppressPrefixlength | 0}`);
  if (suppressIfgroup !== undefined && suppressIfgroup !== 0xffff_ffff) {
    const group = names.text('group', suppressIfgroup);
    out.field('suppress_ifgroup', group, ` suppress_ifgroup ${group}`);
  }
}

function printRealms({ out, names }: IpContext, flow: number): void {
  const from = flow >>> 16;
  const to = names.text('rt_realms', flow & 0xffff);
  if (from !== 0) {
    const name = names.text('rt_realms', from);
    out.field('flow_from', name, ` realms ${name}/`);
  } else out.text(' realms ');
  out.field('flow_to', to, to);
}

function printAction({ out, options }: IpContext, { header, attributes }: RuleView): void {
  if (header.action === FR_ACT_GOTO) {
    if (attributes.goto === undefined) out.field('goto', 'none', ' goto none');
    else out.field('goto', attributes.goto, ` goto ${attributes.goto}`);
    if ((header.flags & FIB_RULE_UNRESOLVED) !== 0) out.field('unresolved', null, ' [unresolved]');
  } else if (header.action === RTN_NAT) out.field('masquerade', null, ' masquerade');
  else if (header.action === FR_ACT_NOP) out.field('nop', null, ' nop');
  else if (header.action !== FR_ACT_TO_TBL) {
    const name = typeName(header.action, options.numeric);
    out.field('action', name, ` ${name}`);
  }
}
