import * as objects from '../../../netlink/nfnl/objects.js';
import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET } from '../../../netlink/nfnl/nfnetlink.js';
import type { Named, ObjectDecl } from '../ast.js';
import { parseSpan } from '../datatypes/time.js';
import { fail } from '../errors.js';
import { timeoutStates } from '../ct-timeouts.js';
import type { Parser } from './parser.js';

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };
const l3protos: Readonly<Record<string, number>> = { ip: NFPROTO_IPV4, ip6: NFPROTO_IPV6, inet: NFPROTO_INET };

/** ct helper, ct timeout and ct expectation, in braces. */
export function ctBlock(p: Parser, kind: string, name: Named): ObjectDecl {
  p.expectSign('{');
  const type = { helper: objects.NFT_OBJECT_CT_HELPER, timeout: objects.NFT_OBJECT_CT_TIMEOUT, expectation: objects.NFT_OBJECT_CT_EXPECT }[
    kind as 'helper'
  ];
  const decl: ObjectDecl = { kind: 'object', type, name: name.text, loc: name.loc };
  let protocol = 0;
  let l3proto = 0;
  let helper = '';
  const expectation = { dport: 0, timeout: 0, size: 0 };
  const policy = new Map<string, number>();
  for (;;) {
    p.skipSeparators();
    if (p.acceptSign('}')) break;
    if (kind === 'helper' && p.acceptWord('type')) {
      const at = p.peek();
      if (at.kind !== 'quoted') return p.unexpected('quoted string');
      helper = p.take().text;
      if (helper.length > 15) fail("invalid name '" + helper + "', max length is 15", at.loc);
      p.expectWord('protocol');
      protocol = protocols[p.expectWord('tcp', 'udp').text]!;
    } else if (p.acceptWord('protocol')) protocol = protocols[p.expectWord('tcp', 'udp').text]!;
    else if (p.acceptWord('l3proto')) l3proto = l3protos[p.expectWord('ip', 'ip6', 'inet').text]!;
    else if (p.acceptWord('comment')) decl.comment = p.expectString().text;
    else if (kind === 'timeout' && p.acceptWord('policy')) policyOf(p, policy);
    else if (kind === 'expectation' && p.acceptWord('dport')) expectation.dport = p.expectNumber();
    else if (kind === 'expectation' && p.acceptWord('timeout')) expectation.timeout = p.timeSpan();
    else if (kind === 'expectation' && p.acceptWord('size')) expectation.size = p.expectNumber();
    else return p.unexpected();
    if (!p.atSeparator && !p.isSign('}')) p.unexpected('newline', 'semicolon');
  }
  if (kind === 'helper') decl.helper = { name: helper, protocol, l3proto };
  else if (kind === 'timeout') {
    for (const state of policy.keys())
      if (!timeoutStates(protocol).includes(state)) fail(`invalid state name for ${protocol === 6 ? 'tcp' : 'udp'} protocol`, name.loc);
    decl.timeout = { protocol, l3proto, policy };
  } else decl.expectation = { protocol, l3proto, ...expectation };
  return decl;
}

/** = { established : 100, close_wait : 4 } */
function policyOf(p: Parser, policy: Map<string, number>): void {
  p.expectSign('=');
  p.expectSign('{');
  for (;;) {
    p.skipNewlines();
    if (p.isSign('}')) break;
    const state = p.expectString();
    p.expectSign(':');
    const token = p.take();
    const span = parseSpan(token.text);
    if (span === null) fail('bad time format', token.loc);
    policy.set(state.text, Number(span! / 1000n));
    p.skipNewlines();
    if (!p.acceptSign(',')) break;
  }
  p.skipNewlines();
  p.expectSign('}');
}

/** The context of a secmark object, quoted. */
export function secmarkBlock(p: Parser): { context: string } {
  return { context: p.expectString().text };
}
