import type { Chain } from './chain.js';
import type { PacketInfo } from './packet-info.js';
import type { Rule } from './rule.js';
import { traceEnd, traceRule } from './trace.js';
import { BREAK, CONTINUE, GOTO, JUMP, MAX_JUMPS, NF_DROP, RETURN } from './verdict.js';

/**
 * The interpreter: the rules of `first` from number `from` on, and of the chains that they lead to. A verdict, or CONTINUE where
 * nobody decides. It is the reference that compiled rules are held against. Linux: nft_do_chain()
 */
export function evaluate(first: Chain, packet: PacketInfo, from: number): number {
  const { stackChains, stackRules } = packet;
  let chain = first;
  let rules: readonly Rule[] = chain.active;
  let at = from;
  let depth = 0;
  for (;;) {
    let verdict = CONTINUE;
    let rule: Rule | null = null;
    while (at < rules.length) {
      rule = rules[at++]!;
      const { expressions } = rule;
      verdict = CONTINUE;
      for (let i = 0; i < expressions.length; i++) {
        verdict = expressions[i]!.run(packet);
        if (verdict !== CONTINUE) break;
      }
      if (verdict === BREAK) {
        verdict = CONTINUE;
        continue;
      }
      if (verdict === CONTINUE) {
        if (packet.skb.trace !== 0) traceRule(packet, chain, rule, CONTINUE);
        continue;
      }
      break;
    }
    if (verdict >= 0) {
      if (packet.skb.trace !== 0) traceRule(packet, chain, rule!, verdict);
      return verdict;
    }
    if (verdict === JUMP || verdict === GOTO) {
      if (packet.skb.trace !== 0) traceRule(packet, chain, rule!, verdict);
      if (verdict === JUMP) {
        // The depth was checked when the rules came; packets must not loop whatever happens.
        if (depth === MAX_JUMPS) return NF_DROP;
        stackChains[depth] = chain;
        stackRules[depth] = at;
        depth++;
      }
      chain = packet.target!;
      rules = chain.active;
      at = 0;
      continue;
    }
    // The end of a chain, or RETURN: back to where the jump was.
    if (packet.skb.trace !== 0) {
      if (verdict === RETURN) traceRule(packet, chain, rule!, RETURN);
      else traceEnd(packet, chain);
    }
    if (depth === 0) return CONTINUE;
    depth--;
    chain = stackChains[depth]!;
    rules = chain.active;
    at = stackRules[depth]!;
  }
}
