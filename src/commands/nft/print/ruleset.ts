import { showWith } from '../show.js';
import {
  NFT_CHAIN_HW_OFFLOAD,
  NFT_FLOWTABLE_COUNTER,
  NFT_FLOWTABLE_HW_OFFLOAD,
  NFT_SET_CONSTANT,
  NFT_SET_EVAL,
  NFT_SET_INTERVAL,
  NFT_SET_MAP,
  NFT_SET_OBJECT,
  NFT_SET_POL_MEMORY,
  NFT_SET_TIMEOUT,
  NFT_TABLE_F_DORMANT,
  NFT_TABLE_F_OWNER,
} from '../../../netlink/nfnl/nf-tables.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { defaultTimeout } from '../ct-timeouts.js';
import type { OutputStyle } from '../datatypes/datatype.js';
import { timeText } from '../datatypes/time.js';
import { priorityText } from '../priority.js';
import { objectKindNames } from '../statements/objref.js';
import { limitText, quotaText } from '../statements/stateful.js';
import { synproxyFlagNames } from '../statements/synproxy.js';
import { printElement } from './expression.js';

/** Tables and what is in them, as `nft list` shows them. */

const handleOf = (item: { readonly handle?: number }, style: OutputStyle): string =>
  style.handle && item.handle !== undefined ? ` # handle ${item.handle}` : '';

export const tableFlagNames = (flags: number): string[] => [
  ...((flags & NFT_TABLE_F_DORMANT) === 0 ? [] : ['dormant']),
  ...((flags & NFT_TABLE_F_OWNER) === 0 ? [] : ['owner']),
];

export function tableHeader(table: ast.TableDecl, style: OutputStyle): string {
  let text = `table ${table.family} ${table.name} {${handleOf(table, style)}`;
  if (table.owner !== undefined) text += ` # progname nft`;
  text += '\n';
  const flags = tableFlagNames(table.flags ?? 0);
  if (flags.length > 0) text += `\tflags ${flags.join(',')}\n`;
  if (table.comment !== undefined) text += `\tcomment "${table.comment}"\n`;
  return text;
}

export function chainHeader(chain: ast.ChainDecl, family: ast.Family, style: OutputStyle): string {
  let text = `\tchain ${chain.name} {${handleOf(chain, style)}\n`;
  if (chain.comment !== undefined) text += `\t\tcomment "${chain.comment}"\n`;
  return text + hookText(chain, family, style);
}

function hookText(chain: ast.ChainDecl, family: ast.Family, style: OutputStyle): string {
  const { hook } = chain;
  if (hook === undefined) return '';
  const devices = hook.deviceNames ?? [];
  let where = '';
  if (devices.length === 1) where = ` device "${devices[0]}"`;
  else if (devices.length > 1) where = ` devices = { ${devices.map((name) => `"${name}"`).join(', ')} }`;
  const priority = priorityText(hook.priorityValue ?? 0, family, hook.hook, style.numericPriority);
  const policy = chain.policy === undefined ? '' : ` policy ${chain.policy};`;
  const offload = ((chain.flags ?? 0) & NFT_CHAIN_HW_OFFLOAD) === 0 ? '' : '\t\tflags offload\n';
  return `\t\ttype ${hook.type} hook ${hook.hook}${where} priority ${priority};${policy}\n${offload}`;
}

export function ruleText(rule: ast.RuleDecl, style: OutputStyle): string {
  const statements = rule.statements.map((s) => showWith(style).statement(s)).join(' ');
  return `${statements}${rule.comment === undefined ? '' : ` comment "${rule.comment}"`}${handleOf(rule, style)}`;
}

/** How many elements stand in a line, by the type of the key; one of all others. */
// biome-ignore format: a table
const perLine: Readonly<Record<string, number>> = {
  ipv4_addr: 2, ct_state: 2, ct_status: 2, pkt_type: 2, tcp_flag: 5, iface_index: 5, nf_proto: 5, integer: 5, inet_proto: 5, inet_service: 5, mark: 5,
  classid: 5, uid: 5, gid: 5, ct_dir: 5, arp_op: 5,
};

export function setText(set: ast.SetDecl, style: OutputStyle, word = setWord(set)): string {
  return `\t${word} ${set.name} {${handleOf(set, style)}\n${setBody(set, style)}\t}\n`;
}

export const isMap = (set: ast.SetDecl): boolean => (set.flags & (NFT_SET_MAP | NFT_SET_OBJECT)) !== 0;
export const isMeter = (set: ast.SetDecl): boolean => (set.flags & NFT_SET_EVAL) !== 0 && (set.flags & 1) !== 0;
export const setWord = (set: ast.SetDecl): string => (isMap(set) ? 'map' : isMeter(set) ? 'meter' : 'set');

export function setTypeText(set: ast.SetDecl, style: OutputStyle): string {
  const byExpression = set.keyTypeof !== undefined;
  let text = byExpression ? `typeof ${showWith(style).expr(set.keyTypeof!)}` : `type ${set.keyType.name}`;
  if (!isMap(set)) return text;
  const interval = set.dataInterval === true ? 'interval ' : '';
  if (set.objectType !== undefined) text += ` : ${objectKindNames.get(set.objectType) ?? 'unknown'}`;
  else if (byExpression && set.dataTypeof !== undefined) text += ` : ${interval}${showWith(style).expr(set.dataTypeof)}`;
  else text += ` : ${interval}${set.dataType?.name ?? 'invalid'}`;
  return text;
}

export const setFlagNames = (set: ast.SetDecl): string[] => {
  const names: string[] = [];
  if ((set.flags & NFT_SET_CONSTANT) !== 0) names.push('constant');
  if ((set.flags & NFT_SET_EVAL) !== 0) names.push('dynamic');
  if ((set.flags & NFT_SET_INTERVAL) !== 0) names.push('interval');
  if ((set.flags & NFT_SET_TIMEOUT) !== 0) names.push('timeout');
  return names;
};

function setBody(set: ast.SetDecl, style: OutputStyle): string {
  let text = `\t\t${setTypeText(set, style)}\n`;
  if (set.policy === NFT_SET_POL_MEMORY) text += '\t\tpolicy memory\n';
  if ((set.size ?? 0) > 0 && (set.flags & NFT_SET_CONSTANT) === 0) text += `\t\tsize ${set.size}\n`;
  const timedOnly = set.timeout !== undefined && set.timeout > 0;
  let flags = setFlagNames(set);
  // A default timeout says as much as the flag.
  if (timedOnly && flags.length === 1 && flags[0] === 'timeout') flags = [];
  if (flags.length > 0) text += `\t\tflags ${flags.join(',')}\n`;
  if (!isMeter(set) && set.statements.length > 0)
    text += `\t\t${set.statements.map((s) => showWith({ ...style, stateless: true }).statement(s)).join(' ')}\n`;
  if (set.autoMerge === true) text += '\t\tauto-merge\n';
  if (timedOnly) text += `\t\ttimeout ${timeText(set.timeout!, style)}\n`;
  if ((set.gcInterval ?? 0) > 0) text += `\t\tgc-interval ${timeText(set.gcInterval!, style)}\n`;
  if (set.comment !== undefined) text += `\t\tcomment "${set.comment}"\n`;
  if (!style.terse && set.elements !== undefined && set.elements.elements.length > 0) text += elementsText(set, set.elements, style);
  return text;
}

function elementsText(set: ast.SetDecl, e: ast.SetExpr, style: OutputStyle): string {
  const count = set.keyType.parts === undefined ? (perLine[set.keyType.name] ?? 1) : 1;
  let text = '\t\telements = { ';
  e.elements.forEach((element, index) => {
    if (index > 0) text += index % count === 0 ? ',\n\t\t\t     ' : ', ';
    text += printElement(element, showWith(style));
  });
  return `${text} }\n`;
}

const protocolName = (number: number) => (number === 6 ? 'tcp' : number === 17 ? 'udp' : String(number));
export const l3protoName = (family: number): string =>
  new Map([
    [NFPROTO_IPV4, 'ip'],
    [NFPROTO_IPV6, 'ip6'],
    [NFPROTO_INET, 'inet'],
  ]).get(family) ?? 'unknown';

export function objectText(object: ast.ObjectDecl, style: OutputStyle): string {
  let text = `\t${objectKindNames.get(object.type) ?? 'unknown'} ${object.name} {${handleOf(object, style)}\n`;
  if (object.comment !== undefined) text += `\t\tcomment "${object.comment}"\n`;
  return `${text}${objectBody(object, style)}\t}\n`;
}

function objectBody(object: ast.ObjectDecl, style: OutputStyle): string {
  switch (object.type) {
    case objects.NFT_OBJECT_COUNTER:
      return style.stateless ? '' : `\t\tpackets ${object.counter?.packets ?? 0} bytes ${object.counter?.bytes ?? 0}\n`;
    case objects.NFT_OBJECT_QUOTA:
      return `\t\t${quotaText(object.quota!, style.stateless)}\n`;
    case objects.NFT_OBJECT_LIMIT:
      return `\t\t${limitText(object.limit!)}\n`;
    case objects.NFT_OBJECT_SECMARK:
      return `\t\t"${object.secmark?.context ?? ''}"\n`;
    case objects.NFT_OBJECT_SYNPROXY: {
      const flags = synproxyFlagNames(object.synproxy?.flags ?? 0);
      return `\t\tmss ${object.synproxy?.mss ?? 0}\n\t\twscale ${object.synproxy?.wscale ?? 0}\n${flags.length === 0 ? '' : `\t\t${flags.join(' ')}\n`}`;
    }
    case objects.NFT_OBJECT_CT_HELPER:
      return `\t\ttype "${object.helper!.name}" protocol ${protocolName(object.helper!.protocol)}\n\t\tl3proto ${l3protoName(object.helper!.l3proto)}\n`;
    case objects.NFT_OBJECT_CT_TIMEOUT: {
      const { protocol, l3proto, policy } = object.timeout!;
      const shown = [...policy].filter(([state, seconds]) => defaultTimeout(protocol, state) !== seconds);
      return `\t\tprotocol ${protocolName(protocol)}\n\t\tl3proto ${l3protoName(l3proto)}\n\t\tpolicy = { ${shown.map(([state, seconds]) => `${state} : ${seconds}`).join(', ')} }\n`;
    }
    case objects.NFT_OBJECT_CT_EXPECT: {
      const e = object.expectation!;
      return `\t\tprotocol ${protocolName(e.protocol)}\n\t\tdport ${e.dport}\n\t\ttimeout ${timeText(e.timeout, style)}\n\t\tsize ${e.size}\n\t\tl3proto ${l3protoName(e.l3proto)}\n`;
    }
    default:
      return '';
  }
}

export function flowtableText(flowtable: ast.FlowtableDecl, family: ast.Family, style: OutputStyle): string {
  let text = `\tflowtable ${flowtable.name} {${handleOf(flowtable, style)}\n`;
  text += `\t\thook ${flowtable.hook ?? 'ingress'} priority ${priorityText(flowtable.priorityValue ?? 0, family, 'ingress', style.numericPriority)}\n`;
  const devices = flowtable.deviceNames ?? [];
  if (devices.length > 0) text += `\t\tdevices = { ${devices.map((name) => name).join(', ')} }\n`;
  if ((flowtable.flags & NFT_FLOWTABLE_HW_OFFLOAD) !== 0) text += '\t\tflags offload\n';
  if ((flowtable.flags & NFT_FLOWTABLE_COUNTER) !== 0) text += '\t\tcounter\n';
  return `${text}\t}\n`;
}
