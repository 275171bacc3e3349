import * as wire from '../../../netlink/nfnl/expressions/rt.js';
import type { Expr, RtExpr } from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import { integerType, invalidType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { booleanType, realmType } from '../datatypes/meta.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import { exthdr } from './exthdr.js';
import type { SelectorKind } from './selector.js';

/** "rt nexthop" whose family is not known yet. */
export const NEXTHOP = -1;

const keys: readonly (readonly [number, string, Datatype, number, ByteOrder])[] = [
  [wire.NFT_RT_CLASSID, 'classid', realmType, 32, 'host'],
  [wire.NFT_RT_NEXTHOP4, 'ip nexthop', ipv4AddressType, 32, 'big'],
  [wire.NFT_RT_NEXTHOP6, 'ip6 nexthop', ipv6AddressType, 128, 'big'],
  [wire.NFT_RT_TCPMSS, 'mtu', integerType, 16, 'host'],
  [wire.NFT_RT_XFRM, 'ipsec', booleanType, 8, 'host'],
  [NEXTHOP, 'nexthop', invalidType, 0, 'big'],
];

export function rtExpr(loc: Location, key: number): RtExpr {
  const [, , type, bits, byteorder] = keys.find(([number]) => number === key) ?? keys[0]!;
  return { kind: 'rt', key, ...typed(loc, type, bits, byteorder) };
}

/** Of the route, and of IPv6's routing header, which begins alike. */
function parse(p: Parser, word: Token): Expr {
  let name = p.peek().text;
  if (p.peek().kind === 'word' && (name === 'ip' || name === 'ip6')) {
    p.take();
    name = `${name} ${p.peek().text}`;
  }
  const key = keys.find(([, known]) => known === name);
  if (key === undefined) return exthdr.parse(p, word);
  p.take();
  return rtExpr(p.since(word.loc), key[0]);
}

const nameOf = (key: number) => keys.find(([number]) => number === key)?.[1] ?? 'unknown';

export const rt: SelectorKind<RtExpr> = {
  kind: 'rt',
  words: ['rt'],
  parse,
  load: (e, register, code) => code.emit(wire.rt, { dreg: register, key: e.key }),
  print: (e) => `rt ${nameOf(e.key)}`,
  json(e) {
    const [family, name] = nameOf(e.key).split(' ');
    return { rt: name === undefined ? { key: family! } : { key: name, family: family! } };
  },
  jsonNames: ['rt'],
  fromJson(_name, value, r) {
    const family = r.optionalString(value, 'family');
    const name = r.string(r.member(value, 'key'));
    const key = keys.find(([, known]) => known === (family === undefined ? name : `${family} ${name}`));
    return key === undefined ? r.fail(`Unknown rt key '${name}'.`) : rtExpr(r.loc, key[0]);
  },
  typeof: { id: 25, save: (e) => [[0, e.key]], restore: (numbers, loc) => rtExpr(loc, numbers.get(0) ?? 0) },
};
