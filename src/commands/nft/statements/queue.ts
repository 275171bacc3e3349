import * as wire from '../../../netlink/nfnl/expressions/queue.js';
import type { Expr, QueueStatement } from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import type { Parser } from '../parser/parser.js';
import type { StatementKind } from './statement.js';

const flagNames: readonly (readonly [number, string])[] = [
  [wire.NFT_QUEUE_FLAG_BYPASS, 'bypass'],
  [wire.NFT_QUEUE_FLAG_CPU_FANOUT, 'fanout'],
];

function flagOf(p: Parser): number {
  const word = p.expectWord('bypass', 'fanout').text;
  return flagNames.find(([, name]) => name === word)![0];
}

/** Numbers, a hash or counter, or a map by something of the packet. */
function queueExpression(p: Parser): Expr {
  const e = p.argument();
  if (['meta', 'payload', 'ct', 'concat'].includes(e.kind)) return p.unexpected('.', 'map');
  return e;
}

/** The highest number that an expression gives. */
const highest = (e: Expr): number => {
  if (e.kind === 'hash' || e.kind === 'numgen') return e.modulus + e.offset - 1;
  return 0;
};

export const queue: StatementKind<QueueStatement> = {
  kind: 'queue',
  words: ['queue'],
  parse(p, word) {
    const s: QueueStatement = { kind: 'queue', flags: 0, loc: word.loc };
    if (p.acceptWord('flags')) {
      do s.flags |= flagOf(p);
      while (p.acceptSign(',') !== null);
    }
    const start = p.peek().loc;
    if (p.acceptWord('to')) s.queues = queueExpression(p);
    else if (p.acceptWord('num')) {
      // Only numbers: an expression takes "to".
      if (p.peek().kind !== 'number' && !p.isSign('$')) return p.unexpected('number', "'$'");
      s.queues = p.argumentPart();
      s.queues.loc = p.since(start);
    }
    if (p.isWord('bypass') || p.isWord('fanout')) {
      do s.flags |= flagOf(p);
      while (p.acceptSign(',') !== null);
    }
    return s;
  },
  evaluate(s, context) {
    if (s.queues === undefined) return;
    s.queues = context.argument(s, s.queues, integerType, 16, 'host');
    if (s.queues.kind === 'range' || s.queues.kind === 'value') return;
    if (highest(s.queues) > 0xffff) fail('queue expression max value exceeds 65535', s.queues.loc);
    if ((s.flags & wire.NFT_QUEUE_FLAG_CPU_FANOUT) !== 0) fail('fanout requires a range to be specified', s.queues.loc);
  },
  linearise(s, code) {
    const flags = s.flags === 0 ? {} : { flags: s.flags };
    const e = s.queues;
    if (e === undefined) code.emit(wire.queue, { num: 0, total: 1, ...flags });
    else if (e.kind === 'value') code.emit(wire.queue, { num: Number(e.value), total: 1, ...flags });
    else if (e.kind === 'range') {
      const [low, high] = code.bounds(e).map((bound) => Number(bound.value));
      code.emit(wire.queue, { num: low!, total: high! - low! + 1, ...flags });
    } else {
      const register = code.loadNew(e);
      code.release(e.bits);
      code.emit(wire.queue, { sregQnum: register, ...flags });
    }
  },
  print(s, show) {
    const names = flagNames.filter(([bit]) => (s.flags & bit) !== 0).map(([, name]) => name);
    return `queue${names.length === 0 ? '' : ` flags ${names.join(',')}`}${s.queues === undefined ? '' : ` to ${show.expr(s.queues)}`}`;
  },
  json(s, show) {
    const names = flagNames.filter(([bit]) => (s.flags & bit) !== 0).map(([, name]) => name);
    const body = {
      ...(s.queues === undefined ? {} : { num: show.exprJson(s.queues) }),
      ...(names.length === 0 ? {} : { flags: names.length === 1 ? names[0]! : names }),
    };
    return { queue: Object.keys(body).length === 0 ? null : body };
  },
  jsonNames: ['queue'],
  fromJson(_name, value, r) {
    const s: QueueStatement = { kind: 'queue', flags: 0, loc: r.loc };
    if (value === null) return s;
    if (r.has(value, 'num')) s.queues = r.expression(r.member(value, 'num'));
    if (r.has(value, 'flags'))
      for (const flag of r.list(r.member(value, 'flags'))) {
        const bit = flagNames.find(([, name]) => name === flag)?.[0];
        if (bit === undefined) return r.fail(`Invalid queue flag.`);
        s.flags |= bit;
      }
    return s;
  },
  terminal: () => true,
};
