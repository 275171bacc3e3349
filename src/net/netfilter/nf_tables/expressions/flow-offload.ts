import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { flowOffload as schema } from '../../../../netlink/nfnl/expressions/flow-offload.js';
import { NFT_FLOWTABLE_COUNTER } from '../../../../netlink/nfnl/nf-tables.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as tcp from '../../../../wire/tcp.js';
import * as udp from '../../../../wire/udp.js';
import { FORWARD } from '../../../core/hooks.js';
import { directionOf, HELPER, IP_CT_ESTABLISHED, IP_CT_ESTABLISHED_REPLY, IPS_SEQ_ADJUST, STATE } from '../../conntrack/layout.js';
import { ESTABLISHED, FLAG_BE_LIBERAL } from '../../conntrack/tcp.js';
import { TCP_DIRECTION_WORDS, TCP_SENT } from '../../conntrack/layout.js';
import type { BaseChain } from '../chain.js';
import type { Flowtable } from '../flowtable.js';
import { expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import type { Transaction } from '../transaction.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';

/** [ flow_offload flowtable ft ]: further packets of the connection take the flowtable's short way. Linux: nft_flow_offload_eval() */
class FlowOffload extends ConntrackUser {
  constructor(readonly flowtable: Flowtable) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb, input, transport, protocol } = packet;
    const id = skb.conntrack;
    const info = skb.conntrackInfo;
    if (id === 0 || input === null || skb.dst === null) return BREAK;
    if (info !== IP_CT_ESTABLISHED && info !== IP_CT_ESTABLISHED_REPLY) return BREAK;
    // Options are for the ordinary way.
    if (packet.networkFamily === NFPROTO_IPV4 && transport - skb.networkHeader > 20) return BREAK;
    const { table } = packet.tables.namespace.conntrack;
    if ((table.get(id, HELPER) & 0xff) !== 0 || (table.status(id) & IPS_SEQ_ADJUST) !== 0) return BREAK;
    const isTcp = protocol === tcp.PROTOCOL;
    if (isTcp) {
      if (transport + tcp.HEADER > skb.tail || (tcp.flags(skb.view, transport) & (tcp.FIN | tcp.RST)) !== 0) return BREAK;
      if (table.get(id, STATE) !== ESTABLISHED) return BREAK;
    } else if (protocol !== udp.PROTOCOL) return BREAK;
    const counts = (this.flowtable.flags & NFT_FLOWTABLE_COUNTER) !== 0;
    if (!packet.tables.flows.add(this.flowtable, counts, id, directionOf(info), skb.dst, input)) return BREAK;
    if (isTcp)
      for (let direction = 0; direction < 2; direction++) {
        const at = TCP_SENT + direction * TCP_DIRECTION_WORDS + 3;
        table.set(id, at, table.get(id, at) | FLAG_BE_LIBERAL);
      }
    return CONTINUE;
  }

  override validate({ hook }: BaseChain): void {
    if (hook !== FORWARD) fail(EOPNOTSUPP);
  }

  override activate(transaction: Transaction): void {
    super.activate(transaction);
    this.flowtable.use++;
  }

  override deactivate(transaction: Transaction): void {
    super.deactivate(transaction);
    this.flowtable.use--;
  }

  describe() {
    return { tableName: this.flowtable.name };
  }
}

export const flowOffload = expressionKind(schema, (values, { table, namespace }) => {
  const flowtable = table.flowtables.get(values.tableName ?? fail(EINVAL)) ?? fail(ENOENT);
  return inNamespace(new FlowOffload(flowtable), namespace);
});
