import { notrack as schema } from '../../../../netlink/nfnl/expressions/notrack.js';
import { IP_CT_UNTRACKED } from '../../conntrack/layout.js';
import { Expression, expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';

class Notrack extends Expression {
  run(packet: PacketInfo): number {
    const { skb } = packet;
    // What is tracked already stays so.
    if (skb.conntrack === 0) skb.conntrackInfo = IP_CT_UNTRACKED;
    return CONTINUE;
  }

  describe() {
    return {};
  }
}

export const notrack = expressionKind(schema, () => new Notrack());
