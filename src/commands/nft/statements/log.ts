import * as wire from '../../../netlink/nfnl/expressions/log.js';
import type { LogStatement } from '../ast.js';
import type { JsonValue } from '../datatypes/datatype.js';
import { fail } from '../errors.js';
import type { Parser } from '../parser/parser.js';
import type { StatementKind } from './statement.js';

const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];
const DEFAULT_LEVEL = wire.NFT_LOGLEVEL_WARNING;

const jsonFlags: readonly (readonly [number, string])[] = [
  [wire.NF_LOG_TCPSEQ, 'tcp sequence'],
  [wire.NF_LOG_TCPOPT, 'tcp options'],
  [wire.NF_LOG_IPOPT, 'ip options'],
  [wire.NF_LOG_UID, 'skuid'],
  [wire.NF_LOG_MACDECODE, 'ether'],
];

function flags(p: Parser): number {
  if (p.acceptWord('tcp')) {
    let bits = 0;
    do bits |= p.expectWord('sequence', 'options', 'seq').text === 'options' ? wire.NF_LOG_TCPOPT : wire.NF_LOG_TCPSEQ;
    while (p.acceptSign(',') !== null);
    return bits;
  }
  if (p.acceptWord('ip')) {
    p.expectWord('options');
    return wire.NF_LOG_IPOPT;
  }
  const word = p.expectWord('tcp', 'ip', 'skuid', 'ether', 'all').text;
  if (word === 'skuid') return wire.NF_LOG_UID;
  return word === 'ether' ? wire.NF_LOG_MACDECODE : wire.NF_LOG_MASK;
}

function flagText(bits: number): string {
  if ((bits & wire.NF_LOG_MASK) === wire.NF_LOG_MASK) return ' flags all';
  const tcp = [(bits & wire.NF_LOG_TCPSEQ) !== 0 ? 'sequence' : '', (bits & wire.NF_LOG_TCPOPT) !== 0 ? 'options' : ''].filter(Boolean);
  return [
    tcp.length > 0 && ` flags tcp ${tcp.join(',')}`,
    (bits & wire.NF_LOG_IPOPT) !== 0 && ' flags ip options',
    (bits & wire.NF_LOG_UID) !== 0 && ' flags skuid',
    (bits & wire.NF_LOG_MACDECODE) !== 0 && ' flags ether',
  ]
    .filter((part) => part !== false)
    .join('');
}

export const log: StatementKind<LogStatement> = {
  kind: 'log',
  words: ['log'],
  parse(p, word) {
    const s: LogStatement = { kind: 'log', loc: word.loc };
    const once = (name: keyof LogStatement) => {
      if (s[name] !== undefined) fail(`Duplicate log option`, p.last.loc);
    };
    for (;;) {
      if (p.acceptWord('prefix')) {
        once('prefix');
        s.prefix = p.isSign('$') ? prefixVariable(p) : p.expectString().text;
      } else if (p.acceptWord('group')) {
        once('group');
        s.group = p.expectNumber();
      } else if (p.acceptWord('snaplen')) {
        once('snaplen');
        s.snaplen = p.expectNumber();
      } else if (p.acceptWord('queue-threshold')) {
        once('queueThreshold');
        s.queueThreshold = p.expectNumber();
      } else if (p.acceptWord('level')) {
        const level = p.expectString();
        once('level');
        s.level = levels.indexOf(level.text === 'warning' ? 'warn' : level.text);
        if (s.level === -1) return fail('invalid log level', level.loc);
      } else if (p.acceptWord('flags')) s.flags = (s.flags ?? 0) | flags(p);
      else break;
    }
    s.loc = p.since(word.loc);
    return s;
  },
  evaluate(s, context) {
    const word = { ...s.loc, end: Math.min(s.loc.end, s.loc.start + 'log'.length) };
    if ((s.group ?? s.snaplen ?? s.queueThreshold) !== undefined && (s.level !== undefined || s.flags !== undefined))
      fail(`${s.level !== undefined ? 'level' : 'flags'} and group are mutually exclusive`, word);
    if (s.level === wire.NFT_LOGLEVEL_AUDIT && (s.prefix ?? s.flags) !== undefined)
      fail("log level audit doesn't support any further options", word);
    if (s.prefix !== undefined && new TextEncoder().encode(s.prefix).length > 127) fail('log prefix is too long', s.loc);
    void context;
  },
  linearise(s, code) {
    code.emit(wire.log, {
      ...(s.prefix === undefined ? {} : { prefix: s.prefix }),
      ...(s.group === undefined
        ? {
            ...(s.level === undefined ? {} : { level: s.level }),
            ...(s.flags === undefined ? {} : { flags: s.flags }),
          }
        : {
            group: s.group,
            ...(s.snaplen === undefined ? {} : { snaplen: s.snaplen }),
            ...(s.queueThreshold === undefined ? {} : { qthreshold: s.queueThreshold }),
          }),
    });
  },
  print(s) {
    let text = 'log';
    if (s.prefix !== undefined) text += ` prefix "${s.prefix}"`;
    if (s.group !== undefined) text += ` group ${s.group}`;
    if (s.snaplen !== undefined && s.snaplen !== 0) text += ` snaplen ${s.snaplen}`;
    if (s.queueThreshold !== undefined && s.queueThreshold !== 0) text += ` queue-threshold ${s.queueThreshold}`;
    if (s.level !== undefined && s.level !== DEFAULT_LEVEL) text += ` level ${levels[s.level] ?? 'unknown'}`;
    return text + flagText(s.flags ?? 0);
  },
  json(s) {
    const flags = s.flags ?? 0;
    const names =
      (flags & wire.NF_LOG_MASK) === wire.NF_LOG_MASK ? ['all'] : jsonFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
    const body: Record<string, JsonValue> = {
      ...(s.prefix === undefined ? {} : { prefix: s.prefix }),
      ...(s.group === undefined ? {} : { group: s.group }),
      ...((s.snaplen ?? 0) === 0 ? {} : { snaplen: s.snaplen! }),
      ...((s.queueThreshold ?? 0) === 0 ? {} : { 'queue-threshold': s.queueThreshold! }),
      ...(s.level === undefined || s.level === DEFAULT_LEVEL ? {} : { level: levels[s.level] ?? 'unknown' }),
      ...(names.length === 0 ? {} : { flags: names.length === 1 ? names[0]! : names }),
    };
    return { log: Object.keys(body).length === 0 ? null : body };
  },
  jsonNames: ['log'],
  fromJson(_name, value, r) {
    const s: LogStatement = { kind: 'log', loc: r.loc };
    if (value === null) return s;
    const prefix = r.optionalString(value, 'prefix');
    if (prefix !== undefined) s.prefix = prefix;
    const numbers = [
      ['group', 'group'],
      ['snaplen', 'snaplen'],
      ['queue-threshold', 'queueThreshold'],
    ] as const;
    for (const [name, key] of numbers) {
      const found = r.optionalNumber(value, name);
      if (found !== undefined) s[key] = found;
    }
    const level = r.optionalString(value, 'level');
    if (level !== undefined) {
      s.level = levels.indexOf(level);
      if (s.level === -1) return r.fail(`Invalid log level '${level}'.`);
    }
    if (r.has(value, 'flags'))
      for (const flag of r.list(r.member(value, 'flags'))) {
        const name = r.string(flag);
        const bit = name === 'all' ? wire.NF_LOG_MASK : jsonFlags.find(([, known]) => known === name)?.[0];
        if (bit === undefined) return r.fail(`Invalid log flag '${name}'.`);
        s.flags = (s.flags ?? 0) | bit;
      }
    return s;
  },
};

function prefixVariable(p: Parser): string {
  const e = p.variable();
  return e.kind === 'symbol' ? e.text : fail('invalid log prefix', e.loc);
}
