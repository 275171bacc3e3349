import * as wire from '../../../netlink/nfnl/expressions/synproxy.js';
import { NFT_OBJECT_SYNPROXY } from '../../../netlink/nfnl/objects.js';
import type { SynproxyStatement } from '../ast.js';
import type { JsonValue } from '../datatypes/datatype.js';
import type { Parser } from '../parser/parser.js';
import { objectReference } from './objref.js';
import type { StatementKind } from './statement.js';

const OPTIONS = wire.NF_SYNPROXY_OPT_MSS | wire.NF_SYNPROXY_OPT_WSCALE;

/** "mss 1460 wscale 7 timestamp sack-perm" behind "synproxy"; of synproxy objects too. */
export function parseSynproxy(p: Parser, object = false): { mss: number; wscale: number; flags: number } {
  let mss = 0;
  let wscale = 0;
  let flags = 0;
  const separated = () => {
    if (object) p.skipSeparators();
  };
  for (;;) {
    if (p.acceptWord('mss')) {
      mss = p.expectNumber();
      flags |= wire.NF_SYNPROXY_OPT_MSS;
      separated();
      if (object && !p.isWord('wscale')) return p.unexpected('wscale');
    } else if (p.acceptWord('wscale')) {
      wscale = p.expectNumber();
      flags |= wire.NF_SYNPROXY_OPT_WSCALE;
      separated();
    } else if (p.acceptWord('timestamp')) flags |= wire.NF_SYNPROXY_OPT_TIMESTAMP;
    else if (p.acceptWord('sack-perm')) flags |= wire.NF_SYNPROXY_OPT_SACK_PERM;
    else return { mss, wscale, flags };
  }
}

export const synproxyFlagNames = (flags: number): string[] => [
  ...((flags & wire.NF_SYNPROXY_OPT_TIMESTAMP) === 0 ? [] : ['timestamp']),
  ...((flags & wire.NF_SYNPROXY_OPT_SACK_PERM) === 0 ? [] : ['sack-perm']),
];

export const synproxyJson = (s: { readonly mss?: number; readonly wscale?: number; readonly flags: number }): Record<string, JsonValue> => {
  const names = synproxyFlagNames(s.flags);
  return {
    ...((s.flags & wire.NF_SYNPROXY_OPT_MSS) === 0 ? {} : { mss: s.mss ?? 0 }),
    ...((s.flags & wire.NF_SYNPROXY_OPT_WSCALE) === 0 ? {} : { wscale: s.wscale ?? 0 }),
    ...(names.length === 0 ? {} : { flags: names }),
  };
};

export const synproxy: StatementKind<SynproxyStatement> = {
  kind: 'synproxy',
  words: ['synproxy'],
  parse(p, word) {
    if (p.isWord('name')) return objectReference(p, word, NFT_OBJECT_SYNPROXY);
    const values = parseSynproxy(p);
    return { kind: 'synproxy', ...values, loc: p.since(word.loc) };
  },
  linearise: (s, code) =>
    code.emit(wire.synproxy, {
      ...((s.flags & wire.NF_SYNPROXY_OPT_MSS) === 0 ? {} : { mss: s.mss ?? 0 }),
      ...((s.flags & wire.NF_SYNPROXY_OPT_WSCALE) === 0 ? {} : { wscale: s.wscale ?? 0 }),
      ...(s.flags === 0 ? {} : { flags: s.flags }),
    }),
  print(s) {
    const text = (s.flags & OPTIONS) === 0 ? 'synproxy' : `synproxy mss ${s.mss ?? 0} wscale ${s.wscale ?? 0}`;
    return [text, ...synproxyFlagNames(s.flags)].join(' ');
  },
  json(s) {
    const body = synproxyJson(s);
    return { synproxy: Object.keys(body).length === 0 ? null : body };
  },
  jsonNames: ['synproxy'],
  fromJson(_name, value, r) {
    if (value === null) return { kind: 'synproxy', flags: 0, loc: r.loc };
    if (typeof value === 'string' || r.has(value, 'map')) return r.objectReference(NFT_OBJECT_SYNPROXY, value);
    return { kind: 'synproxy', ...r.synproxy(value), loc: r.loc };
  },
};
