import { NFT_TRACETYPE_POLICY, NFT_TRACETYPE_RETURN, NFT_TRACETYPE_RULE } from '../../../netlink/nfnl/nf-tables.js';
import type { Chain } from './chain.js';
import type { PacketInfo } from './packet-info.js';
import type { Rule } from './rule.js';
import { CONTINUE, RETURN } from './verdict.js';

/** A step of a packet whose way is told of (struct nft_traceinfo). */
export interface TraceStep {
  /** NFT_TRACETYPE_* */
  readonly type: number;
  readonly chain: Chain;
  readonly rule: Rule | null;
  readonly verdict: number;
}

/** A rule of `chain` has matched, with `verdict`. */
export function traceRule(packet: PacketInfo, chain: Chain, rule: Rule, verdict: number): void {
  tell(packet, { type: verdict === RETURN ? NFT_TRACETYPE_RETURN : NFT_TRACETYPE_RULE, chain, rule, verdict });
}

/** No rule of `chain` has decided. */
export function traceEnd(packet: PacketInfo, chain: Chain): void {
  tell(packet, { type: NFT_TRACETYPE_RETURN, chain, rule: null, verdict: CONTINUE });
}

/** A base chain's policy decides. */
export function tracePolicy(packet: PacketInfo, chain: Chain, policy: number): void {
  tell(packet, { type: NFT_TRACETYPE_POLICY, chain, rule: null, verdict: policy });
}

function tell(packet: PacketInfo, step: TraceStep): void {
  packet.tables.onTrace?.(packet, step);
}
