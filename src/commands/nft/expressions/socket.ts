import * as wire from '../../../netlink/nfnl/expressions/socket.js';
import type { Expr, SocketExpr } from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import type { Datatype } from '../datatypes/datatype.js';
import { cgroupv2Type, markType } from '../datatypes/meta.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

/** A register of eight bits, of which one is used. */
const bitType: Datatype = { ...integerType, bits: 1, base: integerType };

const keys: readonly (readonly [number, string, Datatype, number])[] = [
  [wire.NFT_SOCKET_TRANSPARENT, 'transparent', bitType, 8],
  [wire.NFT_SOCKET_MARK, 'mark', markType, 32],
  [wire.NFT_SOCKET_WILDCARD, 'wildcard', bitType, 8],
  [wire.NFT_SOCKET_CGROUPV2, 'cgroupv2', cgroupv2Type, 64],
];

export function socketExpr(loc: Location, key: number, level?: number): SocketExpr {
  const [, , type, bits] = keys[key] ?? keys[0]!;
  return { kind: 'socket', key, ...(level === undefined ? {} : { level }), ...typed(loc, type, bits, 'host') };
}

function parse(p: Parser, word: Token): Expr {
  const key = keys.find(([, name]) => p.isWord(name));
  if (key === undefined) return p.unexpected('transparent', 'wildcard', 'cgroupv2', 'mark');
  p.take();
  if (key[0] !== wire.NFT_SOCKET_CGROUPV2) return socketExpr(p.since(word.loc), key[0]);
  p.expectWord('level');
  const level = p.expectNumber();
  return socketExpr(p.since(word.loc), key[0], level);
}

export const socket: SelectorKind<SocketExpr> = {
  kind: 'socket',
  words: ['socket'],
  parse,
  load: (e, register, code) => code.emit(wire.socket, { key: e.key, dreg: register, ...(e.level === undefined ? {} : { level: e.level }) }),
  print: (e) => `socket ${keys[e.key]?.[1]}${e.level === undefined ? '' : ` level ${e.level}`}`,
  json: (e) => ({ socket: { key: keys[e.key]?.[1] ?? '' } }),
  jsonNames: ['socket'],
  fromJson(_name, value, r) {
    const name = r.string(r.member(value, 'key'));
    const key = keys.find(([, known]) => known === name);
    return key === undefined ? r.fail('Invalid socket key value.') : socketExpr(r.loc, key[0], r.optionalNumber(value, 'level'));
  },
  typeof: {
    id: 10,
    save: (e) => [[0, e.key], ...(e.level === undefined ? [] : [[1, e.level] as const])],
    restore: (numbers, loc) => socketExpr(loc, numbers.get(0) ?? 0, numbers.get(1)),
  },
};
