import * as objects from '../../../netlink/nfnl/objects.js';
import { NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../netlink/nfnl/nfnetlink.js';
import type { Named, ObjectDecl } from '../ast.js';
import { fail } from '../errors.js';
import { timeoutStates } from '../ct-timeouts.js';
import { endOfLine, parseBlock } from './block.js';
import type { Parser } from './parser.js';

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };
const families: Readonly<Record<string, number>> = {
  ip: NFPROTO_IPV4,
  ip6: NFPROTO_IPV6,
  inet: NFPROTO_INET,
  arp: NFPROTO_ARP,
  bridge: NFPROTO_BRIDGE,
  netdev: NFPROTO_NETDEV,
};

/** ct helper, ct timeout and ct expectation, in braces. */
export function ctBlock(p: Parser, kind: string, name: Named): ObjectDecl {
  const type = { helper: objects.NFT_OBJECT_CT_HELPER, timeout: objects.NFT_OBJECT_CT_TIMEOUT, expectation: objects.NFT_OBJECT_CT_EXPECT }[
    kind as 'helper'
  ];
  const decl: ObjectDecl = { kind: 'object', type, name: name.text, loc: name.loc };
  let protocol = 0;
  let l3proto = 0;
  let helper = '';
  const expectation = { dport: 0, timeout: 0, size: 0 };
  const policy = new Map<string, number>();
  parseBlock(p, () => {
    if (kind === 'helper' && p.acceptWord('type')) {
      const at = p.peek();
      if (at.kind !== 'quoted') return p.unexpected('quoted string');
      helper = p.take().text;
      if (helper.length > 15) fail("invalid name '" + helper + "', max length is 15", at.loc);
      p.expectWord('protocol');
      protocol = protocols[p.expectWord('tcp', 'udp').text]!;
    } else if (kind !== 'helper' && p.acceptWord('protocol')) protocol = protocols[p.expectWord('tcp', 'udp').text]!;
    else if (p.acceptWord('l3proto')) l3proto = families[p.acceptWord(...Object.keys(families))?.text ?? p.unexpected()]!;
    else if (p.acceptWord('comment')) decl.comment = p.expectString().text;
    else if (kind === 'timeout' && p.acceptWord('policy')) policyOf(p, policy);
    else if (kind === 'expectation' && p.acceptWord('dport')) expectation.dport = p.expectNumber();
    else if (kind === 'expectation' && p.acceptWord('timeout')) expectation.timeout = p.timeSpan();
    else if (kind === 'expectation' && p.acceptWord('size')) expectation.size = p.expectNumber();
    else return p.unexpected();
    endOfLine(p);
  });
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
    policy.set(state.text, p.expectNumber());
    p.skipNewlines();
    if (!p.acceptSign(',')) break;
  }
  p.skipNewlines();
  if (!p.isSign('}')) return p.unexpected('comma', "'}'");
  p.take();
}

/** The context of a secmark object, quoted. */
export function secmarkBlock(p: Parser): { context: string } {
  return { context: p.expectString().text };
}
