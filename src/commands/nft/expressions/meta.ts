import * as wire from '../../../netlink/nfnl/expressions/meta.js';
import type { Expr, MetaExpr } from '../ast.js';
import { ifnameType, integerType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { etherType, inetProtocolType } from '../datatypes/inet.js';
import * as types from '../datatypes/meta.js';
import { dateType, dayType, hourType } from '../datatypes/time.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

interface MetaKey {
  readonly key: number;
  readonly name: string;
  readonly type: Datatype;
  readonly bits: number;
  readonly byteorder: ByteOrder;
  /** May stand without "meta". */
  readonly bare: boolean;
}

const of = (key: number, name: string, type: Datatype, bare = false, bits = type.bits, byteorder: ByteOrder = 'host'): MetaKey => ({
  key,
  name,
  type,
  bits,
  byteorder,
  bare,
});

/** In the order in which errors name them. */
const keys: readonly MetaKey[] = [
  of(wire.NFT_META_LEN, 'length', integerType, false, 32),
  of(wire.NFT_META_PROTOCOL, 'protocol', etherType, false, 16, 'big'),
  of(wire.NFT_META_PRIORITY, 'priority', types.classidType),
  of(wire.NFT_META_MARK, 'mark', types.markType, true),
  of(wire.NFT_META_IIF, 'iif', types.ifindexType, true),
  of(wire.NFT_META_OIF, 'oif', types.ifindexType, true),
  of(wire.NFT_META_IIFNAME, 'iifname', ifnameType, true),
  of(wire.NFT_META_OIFNAME, 'oifname', ifnameType, true),
  of(wire.NFT_META_IIFTYPE, 'iiftype', types.arphrdType, true),
  of(wire.NFT_META_OIFTYPE, 'oiftype', types.arphrdType, true),
  of(wire.NFT_META_SKUID, 'skuid', types.uidType, true),
  of(wire.NFT_META_SKGID, 'skgid', types.gidType, true),
  of(wire.NFT_META_NFTRACE, 'nftrace', integerType, true, 1),
  of(wire.NFT_META_RTCLASSID, 'rtclassid', types.realmType, true),
  of(wire.NFT_META_SECMARK, 'secmark', integerType, false, 32),
  of(wire.NFT_META_NFPROTO, 'nfproto', types.nfProtoType),
  of(wire.NFT_META_L4PROTO, 'l4proto', inetProtocolType, false, 8, 'big'),
  of(wire.NFT_META_BRI_IIFNAME, 'ibrname', ifnameType, true),
  of(wire.NFT_META_BRI_OIFNAME, 'obrname', ifnameType, true),
  of(wire.NFT_META_PKTTYPE, 'pkttype', types.pktTypeType, true),
  of(wire.NFT_META_CPU, 'cpu', integerType, true, 32),
  of(wire.NFT_META_IIFGROUP, 'iifgroup', types.devgroupType, true),
  of(wire.NFT_META_OIFGROUP, 'oifgroup', types.devgroupType, true),
  of(wire.NFT_META_CGROUP, 'cgroup', integerType, true, 32),
  of(wire.NFT_META_PRANDOM, 'random', integerType, false, 32, 'big'),
  of(wire.NFT_META_SECPATH, 'ipsec', types.booleanType, false, 8),
  of(wire.NFT_META_IIFKIND, 'iifkind', ifnameType),
  of(wire.NFT_META_OIFKIND, 'oifkind', ifnameType),
  of(wire.NFT_META_BRI_IIFPVID, 'ibrpvid', integerType, false, 16),
  of(wire.NFT_META_BRI_IIFVPROTO, 'ibrvproto', etherType, false, 16, 'big'),
  of(wire.NFT_META_TIME_NS, 'time', dateType, true),
  of(wire.NFT_META_TIME_DAY, 'day', dayType, true, 8),
  of(wire.NFT_META_TIME_HOUR, 'hour', hourType, true),
  of(wire.NFT_META_SDIF, 'sdif', types.ifindexType),
  of(wire.NFT_META_SDIFNAME, 'sdifname', ifnameType),
];
const byKey = new Map(keys.map((key) => [key.key, key]));
const byName = new Map(keys.map((key) => [key.name, key]));

/** Older names. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['ibriport', 'ibrname'],
  ['obriport', 'obrname'],
  ['ibridgename', 'ibrname'],
  ['obridgename', 'obrname'],
  ['secpath', 'ipsec'],
]);

/** Shown without "meta". */
const shownBare: ReadonlySet<number> = new Set([
  wire.NFT_META_IIF,
  wire.NFT_META_OIF,
  wire.NFT_META_IIFNAME,
  wire.NFT_META_OIFNAME,
  wire.NFT_META_IIFGROUP,
  wire.NFT_META_OIFGROUP,
]);

export function metaExpr(loc: Location, key: number): MetaExpr {
  const found = byKey.get(key);
  if (found === undefined) return { kind: 'meta', key, ...typed(loc, integerType, 32, 'host') };
  return { kind: 'meta', key, ...typed(loc, found.type, found.bits, found.byteorder) };
}

const keyNamed = (name: string) => byName.get(aliases.get(name) ?? name);

const unknownKey = (name: string) => `syntax error, unexpected ${name}, known keys are ${keys.map((key) => key.name).join(', ')}`;

function parse(p: Parser, word: Token): Expr {
  if (word.text !== 'meta') return metaExpr(word.loc, keyNamed(word.text)!.key);
  const token = p.peek();
  if (token.kind !== 'word') return p.unexpected();
  const key = keyNamed(token.text);
  if (key === undefined) {
    if (!p.isName()) return p.unexpected();
    p.take();
    if (p.acceptWord('set')) p.argument();
    return fail(unknownKey(token.text), p.since(word.loc));
  }
  p.take();
  return metaExpr(p.since(word.loc), key.key);
}

export const metaName = (key: number): string => byKey.get(key)?.name ?? 'unknown';

export const meta: SelectorKind<MetaExpr> = {
  kind: 'meta',
  words: ['meta', ...keys.filter(({ bare }) => bare).map(({ name }) => name), 'ibriport', 'obriport'],
  parse,
  load: (e, register, code) => code.emit(wire.meta, { dreg: register, key: e.key }),
  store: (e, register, code) => code.emit(wire.meta, { sreg: register, key: e.key }),
  print: (e) => (shownBare.has(e.key) ? metaName(e.key) : `meta ${metaName(e.key)}`),
  json: (e) => ({ meta: { key: metaName(e.key) } }),
  jsonNames: ['meta'],
  fromJson(_name, value, r) {
    const name = typeof value === 'string' ? value : r.string(r.member(value, 'key'));
    const key = keyNamed(name);
    return key === undefined ? r.fail(unknownKey(name)) : metaExpr(r.loc, key.key);
  },
  typeof: { id: 9, save: (e) => [[0, e.key]], restore: (numbers, loc) => metaExpr(loc, numbers.get(0) ?? 0) },
};
