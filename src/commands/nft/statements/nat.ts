import * as masqWire from '../../../netlink/nfnl/expressions/masq.js';
import * as wire from '../../../netlink/nfnl/expressions/nat.js';
import * as redirWire from '../../../netlink/nfnl/expressions/redir.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type { Expr, NatStatement } from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import type { JsonValue } from '../datatypes/datatype.js';
import { inetServiceType } from '../datatypes/inet.js';
import { fail } from '../errors.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import { isRanged } from '../evaluate/sets.js';
import type { Code } from '../linearise/code.js';
import type { Parser } from '../parser/parser.js';
import { concatType } from '../datatypes/registry.js';
import type { Show } from '../show.js';
import type { StatementKind } from './statement.js';
import { ip, ip6 } from '../protocols/network.js';
import { NETWORK, TRANSPORT } from '../protocols/protocol.js';
import { th } from '../protocols/transport.js';

const flagNames: readonly (readonly [number, string])[] = [
  [wire.NF_NAT_RANGE_PROTO_RANDOM, 'random'],
  [wire.NF_NAT_RANGE_PROTO_RANDOM_FULLY, 'fully-random'],
  [wire.NF_NAT_RANGE_PERSISTENT, 'persistent'],
];

const jsonFlagNames: typeof flagNames = [...flagNames, [wire.NF_NAT_RANGE_NETMAP, 'netmap']];

/** random, fully-random, persistent: any of them, in any order. */
export function parseNatFlags(p: Parser): number {
  let flags = 0;
  const names = flagNames.map(([, name]) => name);
  if (!names.some((name) => p.isWord(name))) return 0;
  do {
    const word = p.expectWord(...names).text;
    flags |= flagNames.find(([, name]) => name === word)![0];
  } while (p.acceptSign(',') !== null);
  return flags;
}

export const natFlagText = (flags: number): string => {
  const names = flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? '' : ` ${names.join(',')}`;
};

function parse(p: Parser, s: NatStatement): NatStatement {
  const family = s.verb === 'snat' || s.verb === 'dnat' ? p.acceptWord('ip', 'ip6') : null;
  if (family !== null) s.family = family.text as 'ip' | 'ip6';
  if (s.verb === 'snat' || s.verb === 'dnat') {
    if (p.acceptWord('interval')) s.interval = true;
    else if (p.acceptWord('prefix')) s.prefix = true;
    else if (p.acceptWord('addr')) {
      p.expectSign('.');
      p.expectWord('port');
      s.concat = true;
    }
    // In the old form an address may follow at once.
    if (!p.acceptWord('to') && (p.isSign(':') || p.atSeparator || p.isSign('}')))
      return p.unexpected('to', ...(family === null ? ['ip', 'ip6'] : []));
    if (!p.isSign(':')) s.address = p.argument();
    if (p.acceptSign(':')) s.port = p.argument();
  } else if (p.acceptWord('to')) {
    if (p.acceptSign(':')) s.port = p.argument();
    else if (s.verb === 'redirect') s.port = p.argument();
    else return p.unexpected('colon');
  }
  s.flags |= parseNatFlags(p);
  return s;
}

function evaluate(s: NatStatement, context: Evaluation): void {
  const word = { ...s.loc, end: Math.min(s.loc.end, s.loc.start + s.verb.length) };
  if (context.family !== 'ip' && context.family !== 'ip6' && context.family !== 'inet') fail('NAT is only supported for IPv4/IPv6', s.loc);
  if (s.family === undefined && s.address !== undefined) {
    if (context.family === 'ip' || context.family === 'ip6') s.family = context.family;
    else if (context.family === 'inet') {
      const network = context.protocols.at(NETWORK);
      if (network === ip) s.family = 'ip';
      else if (network === ip6) s.family = 'ip6';
      else s.family = familyOf(s.address) ?? fail('ip or ip6 must be specified with address for inet tables.', word);
    } else fail('NAT is only supported for ip, ip6 and inet', s.loc);
  }
  if (s.family !== undefined && (context.family === 'ip' || context.family === 'ip6') && s.family !== context.family)
    fail(`conflicting protocols specified: ${context.family} vs. ${s.family}. You must specify ip or ip6 family in nat statement`, word);
  const address = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
  if (s.address !== undefined) {
    if (s.address.kind === 'map') evaluateMap(s, context, address);
    else {
      s.address = context.argument(s, s.address, address, address.bits, 'big');
    }
  }
  if (s.port !== undefined) {
    if (!context.protocols.hasTransport)
      fail('transport protocol mapping is only valid after transport protocol match', s.port.loc, {
        ...s.loc,
        end: s.loc.start + s.verb.length,
      });
    s.port = context.argument(s, s.port, inetServiceType, 16, 'big');
    s.flags |= wire.NF_NAT_RANGE_PROTO_SPECIFIED;
  }
  if (s.prefix === true) s.flags |= wire.NF_NAT_RANGE_NETMAP;
}

function familyOf(address: Expr): 'ip' | 'ip6' | undefined {
  if (address.kind === 'symbol') return address.text.includes(':') ? 'ip6' : undefined;
  return undefined;
}

/** Does a key of a map tell of a transport? */
function mapSelectsTransport(key: Expr): boolean {
  if (key.kind === 'concat') return key.parts.some((part) => mapSelectsTransport(part));
  return key.kind === 'payload' && key.base === TRANSPORT && key.protocol !== th;
}

/** What a map gives, before it is evaluated: a concatenation, or ranges? */
function mapDataShape(mappings: Expr, context: Evaluation): { concat: boolean; interval: boolean } {
  if (mappings.kind === 'setref') {
    const set = mappings.set ?? context.ruleset.findSet(mappings.name, mappings.loc);
    return { concat: set.dataType?.parts !== undefined, interval: set.dataInterval === true };
  }
  if (mappings.kind !== 'set') return { concat: false, interval: false };
  const data = mappings.elements.map((element) => element.data).filter((e) => e !== undefined);
  return { concat: data.some((e) => e.kind === 'concat'), interval: data.some(isRanged) };
}

/** Addresses, addresses and ports, or ranges of them, from a map. */
function evaluateMap(s: NatStatement, context: Evaluation, address: typeof ipv4AddressType): void {
  const map = s.address!;
  if (map.kind !== 'map') return;
  const data = mapDataShape(map.mappings, context);
  const withPort = s.concat === true || data.concat;
  if (withPort && !context.protocols.hasTransport && !mapSelectsTransport(map.key))
    fail('transport protocol mapping is only valid after transport protocol match', map.loc, {
      ...s.loc,
      end: s.loc.start + s.verb.length,
    });
  const type = withPort ? concatType([address, inetServiceType]) : address;
  s.address = context.argument(s, map, type, type.bits, 'big');
  if (withPort) s.concat = true;
  if (s.address.kind === 'map' && mapDataShape(s.address.mappings, context).interval) s.interval = true;
}

function linearise(s: NatStatement, code: Code): void {
  const values: Record<string, number> = {};
  const used: number[] = [];
  const load = (e: Expr, min: string, max: string) => {
    if (e.kind === 'range' || e.kind === 'prefix') {
      const [low, high] = code.bounds(e);
      const first = code.allocate(low.bits);
      used.push(low.bits);
      code.load(low, first);
      values[min] = first;
      const second = code.allocate(high.bits);
      used.push(high.bits);
      code.load(high, second);
      values[max] = second;
      return;
    }
    const first = code.allocate(e.bits);
    used.push(e.bits);
    code.load(e, first);
    values[min] = first;
    if (e.kind !== 'map') return;
    const address = s.family === 'ip6' ? 128 : 32;
    const second = code.subRegister(first, address);
    if (s.concat === true && s.interval === true) {
      const third = code.subRegister(second, 16);
      values['regProtoMin'] = second;
      values['regAddrMax'] = third;
      values['regProtoMax'] = code.subRegister(third, address);
    } else if (s.concat === true) values['regProtoMin'] = second;
    else if (s.interval === true && min === 'regAddrMin') values[max] = second;
  };
  if (s.address !== undefined) load(s.address, 'regAddrMin', 'regAddrMax');
  if (s.port !== undefined) load(s.port, 'regProtoMin', 'regProtoMax');
  for (const bits of used.reverse()) code.release(bits);
  const flags = s.flags === 0 ? {} : { flags: s.flags };
  if (s.verb === 'masquerade') code.emit(masqWire.masq, { ...values, ...flags });
  else if (s.verb === 'redirect') code.emit(redirWire.redir, { ...values, ...flags });
  else
    code.emit(wire.nat, {
      type: s.verb === 'snat' ? wire.NFT_NAT_SNAT : wire.NFT_NAT_DNAT,
      family: s.family === 'ip6' ? NFPROTO_IPV6 : NFPROTO_IPV4,
      ...values,
      ...flags,
    });
}

function print(s: NatStatement, show: Show, family: string | undefined): string {
  let text: string = s.verb;
  if (s.address !== undefined || s.port !== undefined) {
    if (family !== undefined) text += ` ${family}`;
    if (s.prefix === true) text += ' prefix';
    text += ' to';
  }
  if (s.address !== undefined) text += ` ${addressText(s, show)}`;
  if (s.port !== undefined) text += `${s.address === undefined ? ' ' : ''}:${show.expr(s.port)}`;
  return text + natFlagText(s.flags);
}

function addressText(s: NatStatement, show: Show): string {
  const e = s.address!;
  if (s.port === undefined || s.family !== 'ip6' || e.kind === 'map') return show.expr(e);
  if (e.kind === 'range') return `[${show.expr(e.left)}]-[${show.expr(e.right)}]`;
  return `[${show.expr(e)}]`;
}

export const nat: StatementKind<NatStatement> = {
  kind: 'nat',
  words: ['snat', 'dnat', 'masquerade', 'redirect'],
  parse(p, word) {
    const s = parse(p, { kind: 'nat', verb: word.text as NatStatement['verb'], flags: 0, loc: word.loc });
    s.loc = p.since(word.loc);
    return s;
  },
  evaluate,
  linearise,
  print: (s, show) => print(s, show, s.family !== undefined && s.shownFamily === true ? s.family : undefined),
  json(s, show) {
    const names = jsonFlagNames.filter(([bit]) => (s.flags & bit) !== 0).map(([, name]) => name);
    const body: Record<string, JsonValue> = {
      ...(s.family !== undefined && s.shownFamily === true ? { family: s.family } : {}),
      ...(s.address === undefined ? {} : { addr: show.exprJson(s.address) }),
      ...(s.port === undefined ? {} : { port: show.exprJson(s.port) }),
      ...(names.length === 0 ? {} : { flags: names.length === 1 ? names[0]! : names }),
      ...(s.prefix === true ? { type_flags: 'prefix' } : {}),
    };
    return { [s.verb]: Object.keys(body).length === 0 ? null : body };
  },
  jsonNames: ['snat', 'dnat', 'masquerade', 'redirect'],
  fromJson(name, value, r) {
    const s: NatStatement = { kind: 'nat', verb: name as NatStatement['verb'], flags: 0, loc: r.loc };
    if (value === null) return s;
    const family = r.optionalString(value, 'family');
    if (family === 'ip' || family === 'ip6') s.family = family;
    else if (family !== undefined) return r.fail(`Invalid nat family '${family}'.`);
    if (r.has(value, 'addr')) s.address = r.expression(r.member(value, 'addr'));
    if (r.has(value, 'port')) s.port = r.expression(r.member(value, 'port'));
    if (r.has(value, 'flags'))
      for (const flag of r.list(r.member(value, 'flags'))) {
        const bit = jsonFlagNames.find(([, known]) => known === flag)?.[0];
        if (bit === undefined) return r.fail('Unknown nat flag.');
        s.flags |= bit;
      }
    if (r.has(value, 'type_flags'))
      for (const flag of r.list(r.member(value, 'type_flags'))) {
        if (flag === 'prefix') s.prefix = true;
        else if (flag === 'interval') s.interval = true;
        else if (flag === 'concat') s.concat = true;
      }
    return s;
  },
  terminal: () => true,
};
