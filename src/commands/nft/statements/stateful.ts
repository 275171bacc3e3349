import * as connlimitWire from '../../../netlink/nfnl/expressions/connlimit.js';
import * as counterWire from '../../../netlink/nfnl/expressions/counter.js';
import * as lastWire from '../../../netlink/nfnl/expressions/last.js';
import * as limitWire from '../../../netlink/nfnl/expressions/limit.js';
import * as quotaWire from '../../../netlink/nfnl/expressions/quota.js';
import { NFT_OBJECT_COUNTER, NFT_OBJECT_LIMIT, NFT_OBJECT_QUOTA } from '../../../netlink/nfnl/objects.js';
import type { ConnlimitStatement, CounterStatement, LastStatement, LimitStatement, QuotaStatement } from '../ast.js';
import type { JsonValue } from '../datatypes/datatype.js';
import { fail } from '../errors.js';
import type { Parser } from '../parser/parser.js';
import { bytesOfUnit, unitOf } from '../units.js';
import { objectReference } from './objref.js';
import type { StatementKind } from './statement.js';

/** Statements that count: they may stand in rules, in sets and in elements. */

export const counter: StatementKind<CounterStatement> = {
  kind: 'counter',
  words: ['counter'],
  parse(p, word) {
    if (p.isWord('name')) return objectReference(p, word, NFT_OBJECT_COUNTER);
    let packets = 0;
    let bytes = 0;
    for (;;) {
      if (p.acceptWord('packets')) packets = p.expectNumber();
      else if (p.acceptWord('bytes')) bytes = p.expectNumber();
      else break;
    }
    return { kind: 'counter', packets, bytes, loc: p.since(word.loc) };
  },
  linearise: (s, code) => code.emit(counterWire.counter, { bytes: s.bytes, packets: s.packets }),
  print: (s, show) => (show.style.stateless ? 'counter' : `counter packets ${s.packets} bytes ${s.bytes}`),
  json: (s, show) => ({ counter: show.style.stateless ? null : { packets: s.packets, bytes: s.bytes } }),
  jsonNames: ['counter'],
  fromJson(_name, value, r) {
    if (value === null) return { kind: 'counter', packets: 0, bytes: 0, loc: r.loc };
    if (typeof value === 'string' || !r.has(value, 'packets', 'bytes')) return r.objectReference(NFT_OBJECT_COUNTER, value);
    return {
      kind: 'counter',
      packets: r.optionalNumber(value, 'packets') ?? 0,
      bytes: r.optionalNumber(value, 'bytes') ?? 0,
      loc: r.loc,
    };
  },
};

export const last: StatementKind<LastStatement> = {
  kind: 'last',
  // nft 1.0.6 lists it, and cannot write it.
  words: [],
  linearise: (s, code) => code.emit(lastWire.last, { set: s.set ? 1 : 0, msecs: s.msecs }),
  print: (s) => (s.set ? `last used ${s.msecs}ms` : 'last used never'),
  json: (s) => ({ last: s.set ? { used: s.msecs } : null }),
};

const periods = ['second', 'minute', 'hour', 'day', 'week'] as const;
const seconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
const periodOf = (unit: number) => periods.find((name) => seconds[name] === unit) ?? 'error';
const DEFAULT_BURST = 5;
/** Words of limits and quotas alone. */
const scope = ['over', 'bytes'];

/** "rate over 10 mbytes/second burst 5 kbytes" behind "limit"; of limit objects too. */
export function parseLimit(p: Parser, named = false): Omit<LimitStatement, 'kind' | 'loc'> {
  return p.within(scope, () => parseRate(p, named));
}

function parseRate(p: Parser, named: boolean): Omit<LimitStatement, 'kind' | 'loc'> {
  if (!p.acceptWord('rate')) return p.unexpected(...(named ? ['name'] : []), 'rate');
  const over = p.acceptWord('over') !== null;
  if (!over) p.acceptWord('until');
  const number = p.peek().loc;
  const rate = p.expectNumber();
  let unit = 1;
  let size = 0;
  if (p.isSign('/')) {
    p.take();
    unit = period(p);
  } else if (p.peek().kind === 'word' && /^[a-z]+\/[a-z]+$/.test(p.peek().text)) {
    const [bytes, per] = p.take().text.split('/');
    size = bytesOfUnit(bytes!) ?? fail('Wrong rate format', p.since(number));
    unit = seconds[per!] ?? fail('Wrong rate format', p.since(number));
  } else if (p.peek().kind === 'word' && bytesOfUnit(p.peek().text) !== undefined) {
    size = bytesOfUnit(p.take().text)!;
    p.expectSign('/');
    unit = period(p);
  } else if (p.peek().kind === 'word' && p.isName()) {
    // "5 gbytes / second" is one thing that is wrong.
    p.take();
    if (p.isSign('/')) p.take();
    return fail('Wrong rate format', p.since(number));
  } else return p.unexpected('/', 'string', 'bytes');
  let burst = size === 0 ? DEFAULT_BURST : 0;
  if (p.acceptWord('burst')) {
    burst = p.expectNumber();
    if (size === 0) {
      if (p.isWord('bytes')) return p.unexpectedAs('bytes', 'packets');
      p.expectWord('packets');
    } else {
      const word = p.peek();
      const scale = word.kind === 'word' ? bytesOfUnit(word.text) : undefined;
      if (word.text === 'packets') return p.unexpectedAs('packets', 'string', 'bytes');
      if (scale === undefined)
        return word.kind === 'word' && p.isName() ? fail('Wrong unit format', word.loc) : p.unexpected('string', 'bytes');
      p.take();
      burst *= scale;
    }
  }
  return { rate: size === 0 ? rate : rate * size, unit, burst, bytes: size !== 0, over };
}

function period(p: Parser): number {
  const name = periods.find((candidate) => p.isWord(candidate));
  if (name === undefined) return p.unexpected();
  p.take();
  return seconds[name]!;
}

export function limitText(s: Omit<LimitStatement, 'kind' | 'loc'>): string {
  const over = s.over ? 'over ' : '';
  if (!s.bytes) {
    const burst = s.burst === 0 || s.burst === DEFAULT_BURST ? '' : ` burst ${s.burst} packets`;
    return `rate ${over}${s.rate}/${periodOf(s.unit)}${burst}`;
  }
  const rate = unitOf(s.rate);
  const burst = unitOf(s.burst);
  return `rate ${over}${rate.count} ${rate.unit}/${periodOf(s.unit)}${s.burst === 0 ? '' : ` burst ${burst.count} ${burst.unit}`}`;
}

export function limitJson(s: Omit<LimitStatement, 'kind' | 'loc'>): Readonly<Record<string, JsonValue>> {
  const rate = s.bytes ? unitOf(s.rate) : { count: s.rate, unit: undefined };
  const burst = s.bytes ? unitOf(s.burst) : { count: s.burst, unit: undefined };
  return {
    rate: rate.count,
    burst: burst.count,
    per: periodOf(s.unit),
    ...(s.over ? { inv: true } : {}),
    ...(rate.unit === undefined ? {} : { rate_unit: rate.unit }),
    ...(burst.unit === undefined ? {} : { burst_unit: burst.unit }),
  };
}

export const limit: StatementKind<LimitStatement> = {
  kind: 'limit',
  words: ['limit'],
  parse(p, word) {
    if (p.isWord('name')) return objectReference(p, word, NFT_OBJECT_LIMIT);
    const values = parseLimit(p, true);
    return { kind: 'limit', ...values, loc: p.since(word.loc) };
  },
  linearise: (s, code) =>
    code.emit(limitWire.limit, {
      rate: s.rate,
      unit: s.unit,
      burst: s.burst,
      type: s.bytes ? limitWire.NFT_LIMIT_PKT_BYTES : limitWire.NFT_LIMIT_PKTS,
      flags: s.over ? limitWire.NFT_LIMIT_F_INV : 0,
    }),
  print: (s) => `limit ${limitText(s)}`,
  json: (s) => ({ limit: limitJson(s) }),
  jsonNames: ['limit'],
  fromJson(_name, value, r) {
    if (typeof value === 'string' || !r.has(value, 'rate')) return r.objectReference(NFT_OBJECT_LIMIT, value);
    return { kind: 'limit', ...r.limit(value), loc: r.loc };
  },
};

/** "over 10 mbytes used 5 bytes" behind "quota"; of quota objects too. */
export function parseQuota(p: Parser): Omit<QuotaStatement, 'kind' | 'loc'> {
  return p.within(scope, () => parseAmounts(p));
}

function parseAmounts(p: Parser): Omit<QuotaStatement, 'kind' | 'loc'> {
  const over = p.acceptWord('over') !== null;
  if (!over) p.acceptWord('until');
  const bytes = amount(p);
  const used = p.acceptWord('used') ? amount(p) : 0;
  return { bytes, used, over };
}

function amount(p: Parser): number {
  const count = p.expectNumber();
  const word = p.peek();
  if (word.kind !== 'word' || (!p.isName() && word.text !== 'bytes')) return p.unexpected('string', 'bytes');
  const scale = bytesOfUnit(word.text);
  p.take();
  return scale === undefined ? Number.NaN : count * scale;
}

export function quotaText(s: Omit<QuotaStatement, 'kind' | 'loc'>, stateless: boolean): string {
  const bytes = unitOf(s.bytes);
  const used = unitOf(s.used);
  return `${s.over ? 'over ' : ''}${bytes.count} ${bytes.unit}${s.used === 0 || stateless ? '' : ` used ${used.count} ${used.unit}`}`;
}

export const quota: StatementKind<QuotaStatement> = {
  kind: 'quota',
  words: ['quota'],
  parse(p, word) {
    if (p.isWord('name')) return objectReference(p, word, NFT_OBJECT_QUOTA);
    const values = parseQuota(p);
    const loc = p.since(word.loc);
    if (Number.isNaN(values.bytes) || Number.isNaN(values.used)) return fail('Wrong rate format', loc);
    return { kind: 'quota', ...values, loc };
  },
  linearise: (s, code) => code.emit(quotaWire.quota, { bytes: s.bytes, flags: s.over ? quotaWire.NFT_QUOTA_F_INV : 0, consumed: s.used }),
  print: (s, show) => `quota ${quotaText(s, show.style.stateless)}`,
  json(s, show) {
    const bytes = unitOf(s.bytes);
    const used = unitOf(s.used);
    return {
      quota: {
        val: bytes.count,
        val_unit: bytes.unit,
        ...(s.over ? { inv: true } : {}),
        ...(s.used === 0 || show.style.stateless ? {} : { used: used.count, used_unit: used.unit }),
      },
    };
  },
  jsonNames: ['quota'],
  fromJson(_name, value, r) {
    if (typeof value === 'string' || !r.has(value, 'val')) return r.objectReference(NFT_OBJECT_QUOTA, value);
    const scaled = (count: string, unit: string) =>
      (r.optionalNumber(value, count) ?? 0) * (bytesOfUnit(r.optionalString(value, unit) ?? 'bytes') ?? 1);
    return { kind: 'quota', bytes: scaled('val', 'val_unit'), used: scaled('used', 'used_unit'), over: r.flag(value, 'inv'), loc: r.loc };
  },
};

export const connlimit: StatementKind<ConnlimitStatement> = {
  kind: 'connlimit',
  words: [],
  linearise: (s, code) => code.emit(connlimitWire.connlimit, { count: s.count, flags: s.over ? connlimitWire.NFT_CONNLIMIT_F_INV : 0 }),
  print: (s) => `ct count ${s.over ? 'over ' : ''}${s.count}`,
  json: (s) => ({ 'ct count': { val: s.count, ...(s.over ? { inv: true } : {}) } }),
  jsonNames: ['ct count'],
  fromJson: (_name, value, r) => ({
    kind: 'connlimit',
    count: r.number(r.member(value, 'val')),
    over: r.flag(value, 'inv'),
    loc: r.loc,
  }),
};
