import * as wire from '../../../netlink/nfnl/expressions/reject.js';
import type { Expr, RejectStatement } from '../ast.js';
import type { Datatype } from '../datatypes/datatype.js';
import { parseSymbol, printValue, symbolOf, TypeProblem } from '../datatypes/datatype.js';
import { icmpCodeType, icmpv6CodeType, icmpxCodeType } from '../datatypes/inet.js';
import { fail } from '../errors.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import { requireNetwork } from '../evaluate/headers.js';
import { metaExpr } from '../expressions/meta.js';
import { NFT_META_L4PROTO } from '../../../netlink/nfnl/expressions/meta.js';
import { arp, ip, ip6 } from '../protocols/network.js';
import { tcp } from '../protocols/transport.js';
import { NETWORK, TRANSPORT } from '../protocols/protocol.js';
import type { StatementKind } from './statement.js';

const types: Readonly<Record<'icmp' | 'icmpv6' | 'icmpx', Datatype>> = { icmp: icmpCodeType, icmpv6: icmpv6CodeType, icmpx: icmpxCodeType };
const PORT_UNREACHABLE = 3;
const PORT_UNREACHABLE6 = 4;

/** The code that "reject" alone means. */
const defaults: Readonly<Record<'icmp' | 'icmpv6' | 'icmpx', number>> = {
  icmp: PORT_UNREACHABLE,
  icmpv6: PORT_UNREACHABLE6,
  icmpx: wire.NFT_REJECT_ICMPX_PORT_UNREACH,
};

function evaluate(s: RejectStatement, context: Evaluation): void {
  const { family } = context;
  const network = context.protocols.at(NETWORK);
  if (family === 'arp') fail('cannot use reject with arp', s.loc);
  if (s.type === -1) {
    if (network === ip) s.family = 'icmp';
    else if (network === ip6) s.family = 'icmpv6';
    else s.family = 'icmpx';
    s.type = s.family === 'icmpx' ? wire.NFT_REJECT_ICMPX_UNREACH : wire.NFT_REJECT_ICMP_UNREACH;
    s.code = defaults[s.family as keyof typeof defaults];
  }
  const word = { ...s.loc, end: Math.min(s.loc.end, s.loc.start + 'reject'.length) };
  if ((family === 'bridge' || family === 'netdev') && network === arp)
    fail('cannot reject this network family', word, context.protocols.locAt(NETWORK));
  if (s.family === 'tcp') {
    const transport = context.protocols.at(TRANSPORT);
    if (transport !== undefined && transport !== tcp)
      fail('you cannot use tcp reset with this protocol', word, context.protocols.locAt(TRANSPORT));
    if (transport === undefined) context.requireFirst(metaExpr(s.loc, NFT_META_L4PROTO), 6n, tcp);
    return;
  }
  if (s.icmp !== undefined) s.code = codeOf(s, context);
  if (s.family === 'icmpx') {
    if (family === 'ip' || family === 'ip6') fail('abstracted ICMP unreachable not supported', s.icmp?.loc ?? s.loc, word);
    return;
  }
  const wanted = s.family === 'icmpv6' ? ip6 : ip;
  if (family === 'ip' || family === 'ip6') {
    if ((family === 'ip6') !== (wanted === ip6)) fail('conflicting protocols specified: ip vs ip6', s.icmp?.loc ?? s.loc, word);
  } else if (network === undefined) requireNetwork(context, wanted, s.loc);
  else if (network !== wanted) fail('conflicting protocols specified: ip vs ip6', s.icmp?.loc ?? s.loc, context.protocols.locAt(NETWORK));
}

function codeOf(s: RejectStatement, context: Evaluation): number {
  const e = s.icmp!;
  if (e.kind === 'value') return Number(e.value);
  if (e.kind !== 'symbol') return fail('invalid reject code', e.loc);
  try {
    const value = parseSymbol(types[s.family as keyof typeof types], e.text, context.names);
    return Number(Array.isArray(value) ? value[0] : value);
  } catch (error) {
    if (error instanceof TypeProblem) return fail(error.message, e.loc);
    throw error;
  }
}

export const reject: StatementKind<RejectStatement> = {
  kind: 'reject',
  words: ['reject'],
  parse(p, word) {
    const s: RejectStatement = { kind: 'reject', type: -1, loc: word.loc };
    if (p.acceptWord('with')) {
      const family = p.expectWord('icmp', 'icmpv6', 'tcp', 'icmpx').text as 'icmp' | 'icmpv6' | 'tcp' | 'icmpx';
      s.family = family;
      if (family === 'tcp') {
        p.expectWord('reset');
        s.type = wire.NFT_REJECT_TCP_RST;
        s.code = 0;
      } else {
        s.type = family === 'icmpx' ? wire.NFT_REJECT_ICMPX_UNREACH : wire.NFT_REJECT_ICMP_UNREACH;
        p.acceptWord('type');
        s.icmp = p.isSign('$') ? p.variable() : p.basicRight();
      }
    }
    s.loc = p.since(word.loc);
    return s;
  },
  evaluate,
  linearise: (s, code) => code.emit(wire.reject, { type: s.type, code: s.code ?? 0 }),
  print(s, show) {
    if (s.type === wire.NFT_REJECT_TCP_RST) return 'reject with tcp reset';
    const family = (s.family ?? 'icmp') as keyof typeof types;
    if (s.code === defaults[family] && s.shownFamily !== true) return 'reject';
    return `reject with ${family} ${printValue(types[family], BigInt(s.code ?? 0), show.style)}`;
  },
  json(s, show) {
    if (s.type === wire.NFT_REJECT_TCP_RST) return { reject: { type: 'tcp reset' } };
    const family = (s.family ?? 'icmp') as keyof typeof types;
    return { reject: { type: family, expr: symbolOf(types[family], BigInt(s.code ?? 0), show.style) ?? s.code ?? 0 } };
  },
  jsonNames: ['reject'],
  fromJson(_name, value, r) {
    const s: RejectStatement = { kind: 'reject', type: -1, loc: r.loc };
    if (value === null) return s;
    const type = r.optionalString(value, 'type');
    if (type === 'tcp reset') return { ...s, type: wire.NFT_REJECT_TCP_RST, code: 0, family: 'tcp' };
    if (type === 'icmp' || type === 'icmpv6' || type === 'icmpx') {
      s.family = type;
      s.type = type === 'icmpx' ? wire.NFT_REJECT_ICMPX_UNREACH : wire.NFT_REJECT_ICMP_UNREACH;
      if (r.has(value, 'expr')) s.icmp = r.expression(r.member(value, 'expr')) as Expr;
      else s.code = defaults[type];
    } else if (type !== undefined) return r.fail(`Unknown reject type '${type}'.`);
    return s;
  },
  terminal: () => true,
};
