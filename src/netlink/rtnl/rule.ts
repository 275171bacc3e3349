import { attributes, binary, custom, layout, string, struct, u8, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';

/** struct fib_rule_hdr, linux/fib_rules.h. */
export const fibRuleHeader = layout({
  family: 'u8',
  dstLen: 'u8',
  srcLen: 'u8',
  tos: 'u8',
  table: 'u8',
  res1: 'u8',
  res2: 'u8',
  /** FR_ACT_* */
  action: 'u8',
  /** FIB_RULE_* */
  flags: 'u32',
});

const tunnelId = custom<number>(12, {
  read: (source, start) => source.view.getUint32(start) * 2 ** 32 + source.view.getUint32(start + 4),
  write(writer, value) {
    writer.be32(Math.floor(value / 2 ** 32));
    writer.be32(value >>> 0);
  },
});

/** FRA_*, linux/fib_rules.h, in the order of Linux's fib_nl_fill_rule(). */
export const ruleAttributes = attributes('FRA', {
  table: u32(15),
  suppressPrefixlength: u32(14),
  protocol: u8(21),
  iifname: string(3, { max: 15 }),
  oifname: string(17, { max: 15 }),
  priority: u32(6),
  fwmark: u32(10),
  fwmask: u32(16),
  goto: u32(4),
  tunId: tunnelId,
  l3mdev: u8(19),
  uidRange: struct(20, { start: 'u32', end: 'u32' }),
  ipProto: u8(22),
  sportRange: struct(23, { start: 'u16', end: 'u16' }),
  dportRange: struct(24, { start: 'u16', end: 'u16' }),
  suppressIfgroup: u32(13),
  dst: binary(1, { max: 16 }),
  src: binary(2, { max: 16 }),
  /** Realms: the one that packets come from in the upper half. */
  flow: u32(11),
});

/** RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE. */
export const ruleMessage = message('rule', fibRuleHeader, ruleAttributes);
export type RuleHeader = HeaderOf<typeof ruleMessage>;

// linux/fib_rules.h: FR_ACT_*
export const FR_ACT_TO_TBL = 1;
export const FR_ACT_GOTO = 2;
export const FR_ACT_NOP = 3;
export const FR_ACT_BLACKHOLE = 6;
export const FR_ACT_UNREACHABLE = 7;
export const FR_ACT_PROHIBIT = 8;

// linux/fib_rules.h: FIB_RULE_*
export const FIB_RULE_PERMANENT = 0x1;
export const FIB_RULE_INVERT = 0x2;
export const FIB_RULE_UNRESOLVED = 0x4;
export const FIB_RULE_IIF_DETACHED = 0x8;
export const FIB_RULE_OIF_DETACHED = 0x10;
/** IPv6: a rule for a source also holds for packets that have none yet and would get one within it. */
export const FIB_RULE_FIND_SADDR = 0x0001_0000;
