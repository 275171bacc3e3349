import * as wire from '../../../netlink/nfnl/expressions/ct.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type { CtExpr, Expr } from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import { integerType, invalidType, stringType } from '../datatypes/basic.js';
import { ctDirectionType, ctEventType, ctLabelType, ctStateType, ctStatusType } from '../datatypes/ct.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { inetProtocolType, inetServiceType } from '../datatypes/inet.js';
import { markType, nfProtoType } from '../datatypes/meta.js';
import { timeType } from '../datatypes/time.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

interface CtKey {
  readonly key: number;
  readonly name: string;
  readonly type: Datatype;
  readonly bits: number;
  readonly byteorder: ByteOrder;
  /** Of one direction: 'must' or 'may' be said. */
  readonly directed?: 'must' | 'may';
}

const of = (
  key: number,
  name: string,
  type: Datatype,
  bits = type.bits,
  byteorder: ByteOrder = 'host',
  directed?: CtKey['directed'],
): CtKey => ({ key, name, type, bits, byteorder, ...(directed === undefined ? {} : { directed }) });

const keys: readonly CtKey[] = [
  of(wire.NFT_CT_STATE, 'state', ctStateType),
  of(wire.NFT_CT_DIRECTION, 'direction', ctDirectionType),
  of(wire.NFT_CT_STATUS, 'status', ctStatusType),
  of(wire.NFT_CT_MARK, 'mark', markType),
  of(wire.NFT_CT_EXPIRATION, 'expiration', timeType),
  of(wire.NFT_CT_HELPER, 'helper', stringType, 128),
  of(wire.NFT_CT_L3PROTOCOL, 'l3proto', nfProtoType, 8, 'host', 'may'),
  of(wire.NFT_CT_SRC, 'saddr', invalidType, 0, 'big', 'must'),
  of(wire.NFT_CT_DST, 'daddr', invalidType, 0, 'big', 'must'),
  of(wire.NFT_CT_PROTOCOL, 'protocol', inetProtocolType, 8, 'big', 'may'),
  of(wire.NFT_CT_PROTO_SRC, 'proto-src', inetServiceType, 16, 'big', 'must'),
  of(wire.NFT_CT_PROTO_DST, 'proto-dst', inetServiceType, 16, 'big', 'must'),
  of(wire.NFT_CT_LABELS, 'label', ctLabelType),
  of(wire.NFT_CT_PKTS, 'packets', integerType, 64, 'host', 'may'),
  of(wire.NFT_CT_BYTES, 'bytes', integerType, 64, 'host', 'may'),
  of(wire.NFT_CT_AVGPKT, 'avgpkt', integerType, 64, 'host', 'may'),
  of(wire.NFT_CT_ZONE, 'zone', integerType, 16, 'host', 'may'),
  of(wire.NFT_CT_EVENTMASK, 'event', ctEventType),
  of(wire.NFT_CT_SRC_IP, 'ip saddr', ipv4AddressType, 32, 'big', 'must'),
  of(wire.NFT_CT_DST_IP, 'ip daddr', ipv4AddressType, 32, 'big', 'must'),
  of(wire.NFT_CT_SRC_IP6, 'ip6 saddr', ipv6AddressType, 128, 'big', 'must'),
  of(wire.NFT_CT_DST_IP6, 'ip6 daddr', ipv6AddressType, 128, 'big', 'must'),
  of(wire.NFT_CT_SECMARK, 'secmark', integerType, 32),
  of(wire.NFT_CT_ID, 'id', integerType, 32, 'big'),
];
const byKey = new Map(keys.map((key) => [key.key, key]));
const byName = new Map(keys.map((key) => [key.name, key]));
const directions = ['original', 'reply'];

export function ctExpr(loc: Location, key: number, direction?: number): CtExpr {
  const found = byKey.get(key);
  return {
    kind: 'ct',
    key,
    ...(direction === undefined ? {} : { direction }),
    ...(found === undefined ? typed(loc, integerType, 32, 'host') : typed(loc, found.type, found.bits, found.byteorder)),
  };
}

const scope = ['over', 'state', 'bytes'];

function parse(p: Parser, word: Token): Expr {
  const key = p.within(scope, () => parseKey(p, word));
  // The first word behind it is still read as one of these.
  const next = scope.find((name) => name !== 'over' && p.isWord(name));
  return next === undefined ? key : p.unexpectedAs(next);
}

/** Behind "ct": the key, with a direction before it. Statements that begin alike are told apart by the parser of statements. */
function parseKey(p: Parser, word: Token): Expr {
  const direction = p.acceptWord(...directions);
  let name = p.peek().kind === 'word' ? p.peek().text : '';
  if (direction !== null && (name === 'ip' || name === 'ip6')) {
    p.take();
    if (!p.isWord('saddr') && !p.isWord('daddr')) return p.unexpected('saddr', 'daddr');
    name = `${name} ${p.peek().text}`;
  }
  const key = byName.get(name);
  if (key === undefined || (direction !== null && key.directed === undefined)) return p.unexpected();
  p.take();
  return ctExpr(p.since(word.loc), key.key, direction === null ? undefined : directions.indexOf(direction.text));
}

export const ctKeyName = (key: number) => byKey.get(key)?.name ?? 'unknown';

export const ct: SelectorKind<CtExpr> = {
  kind: 'ct',
  words: ['ct'],
  parse,
  load: (e, register, code) =>
    code.emit(wire.ct, { dreg: register, key: e.key, ...(e.direction === undefined ? {} : { direction: e.direction }) }),
  store: (e, register, code) =>
    code.emit(wire.ct, { sreg: register, key: e.key, ...(e.direction === undefined ? {} : { direction: e.direction }) }),
  print: (e) => `ct ${e.direction === undefined ? '' : `${directions[e.direction]} `}${ctKeyName(e.key)}`,
  json: (e) => ({ ct: { key: ctKeyName(e.key), ...(e.direction === undefined ? {} : { dir: directions[e.direction]! }) } }),
  jsonNames: ['ct'],
  fromJson(_name, value, r) {
    const name = r.string(r.member(value, 'key'));
    const family = r.optionalString(value, 'family');
    const key = byName.get(family === undefined ? name : `${family} ${name}`);
    if (key === undefined) return r.fail(`Unknown ct key '${name}'.`);
    const dir = r.optionalString(value, 'dir');
    if (dir === undefined) return ctExpr(r.loc, key.key);
    return directions.includes(dir) ? ctExpr(r.loc, key.key, directions.indexOf(dir)) : r.fail(`Invalid direction '${dir}'.`);
  },
  typeof: {
    id: 12,
    save: (e) => [[0, e.key], ...(e.direction === undefined ? [] : [[1, e.direction] as const])],
    restore: (numbers, loc) => ctExpr(loc, numbers.get(0) ?? 0, numbers.get(1)),
  },
};

/** Addresses of a direction whose family nobody said: by that of the packets. */
export function ctOfFamily(e: CtExpr, family: number): CtExpr {
  if (e.key !== wire.NFT_CT_SRC && e.key !== wire.NFT_CT_DST) return e;
  if (family === NFPROTO_IPV4) return { ...e, ...typed(e.loc, ipv4AddressType, 32, 'big') };
  return family === NFPROTO_IPV6 ? { ...e, ...typed(e.loc, ipv6AddressType, 128, 'big') } : e;
}
