import * as wire from '../../../netlink/nfnl/expressions/xfrm.js';
import type { Expr, XfrmExpr } from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import { integerType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

const directions = ['in', 'out'];
const keys: readonly (readonly [number, string, Datatype, number, ByteOrder])[] = [
  [wire.NFT_XFRM_KEY_DADDR_IP4, 'ip daddr', ipv4AddressType, 32, 'big'],
  [wire.NFT_XFRM_KEY_DADDR_IP6, 'ip6 daddr', ipv6AddressType, 128, 'big'],
  [wire.NFT_XFRM_KEY_SADDR_IP4, 'ip saddr', ipv4AddressType, 32, 'big'],
  [wire.NFT_XFRM_KEY_SADDR_IP6, 'ip6 saddr', ipv6AddressType, 128, 'big'],
  [wire.NFT_XFRM_KEY_REQID, 'reqid', integerType, 32, 'host'],
  [wire.NFT_XFRM_KEY_SPI, 'spi', integerType, 32, 'big'],
];

export function xfrmExpr(loc: Location, direction: number, spnum: number, key: number): XfrmExpr {
  const [, , type, bits, byteorder] = keys.find(([number]) => number === key) ?? keys[4]!;
  return { kind: 'xfrm', direction, spnum, key, ...typed(loc, type, bits, byteorder) };
}

function parse(p: Parser, word: Token): Expr {
  const direction = directions.indexOf(p.expectWord('in', 'out').text);
  const spnum = p.acceptWord('spnum') ? p.expectNumber() : 0;
  let name = p.peek().text;
  if (name === 'ip' || name === 'ip6') {
    p.take();
    name = `${name} ${p.peek().text}`;
  }
  const key = keys.find(([, known]) => known === name);
  if (key === undefined) return p.unexpected('ip', 'ip6', 'spi', 'reqid');
  p.take();
  return xfrmExpr(p.since(word.loc), direction, spnum, key[0]);
}

const nameOf = (key: number) => keys.find(([number]) => number === key)?.[1] ?? 'unknown';

export const xfrm: SelectorKind<XfrmExpr> = {
  kind: 'xfrm',
  words: ['ipsec'],
  parse,
  load: (e, register, code) => code.emit(wire.xfrm, { dreg: register, key: e.key, dir: e.direction, spnum: e.spnum }),
  print: (e) => `ipsec ${directions[e.direction]} ${e.spnum === 0 ? '' : `spnum ${e.spnum} `}${nameOf(e.key)}`,
  json(e) {
    const [family, name] = nameOf(e.key).split(' ');
    return {
      ipsec: {
        key: name ?? family!,
        ...(name === undefined ? {} : { family: family! }),
        dir: directions[e.direction]!,
        spnum: e.spnum,
      },
    };
  },
  jsonNames: ['ipsec'],
  fromJson(_name, value, r) {
    const family = r.optionalString(value, 'family');
    const name = r.string(r.member(value, 'key'));
    const key = keys.find(([, known]) => known === (family === undefined ? name : `${family} ${name}`));
    const direction = directions.indexOf(r.string(r.member(value, 'dir')));
    if (key === undefined || direction === -1) return r.fail('Invalid ipsec expression.');
    return xfrmExpr(r.loc, direction, r.optionalNumber(value, 'spnum') ?? 0, key[0]);
  },
  typeof: {
    id: 27,
    save: (e) => [
      [0, e.key],
      [1, e.spnum],
      [2, e.direction],
    ],
    restore: (numbers, loc) => xfrmExpr(loc, numbers.get(2) ?? 0, numbers.get(1) ?? 0, numbers.get(0) ?? 0),
  },
};
