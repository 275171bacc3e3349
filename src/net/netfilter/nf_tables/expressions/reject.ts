import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as rejects from '../../../../netlink/nfnl/expressions/reject.js';
import { NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../../netlink/nfnl/nfnetlink.js';
import { FORWARD, LOCAL_IN, LOCAL_OUT, PRE_ROUTING } from '../../../core/hooks.js';
import { sendUnreachable4, sendUnreachable6 } from '../../reject/unreachable.js';
import { sendReset4, sendReset6 } from '../../reject/reset.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_DROP } from '../verdict.js';

/** NFT_REJECT_ICMPX_* in IPv4's codes and in IPv6's. */
const icmpCodes = [0, 3, 1, 13];
const icmpv6Codes = [0, 4, 3, 1];

class Reject extends Expression {
  constructor(
    readonly type: number,
    readonly code: number,
    readonly family: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const four = packet.networkFamily === NFPROTO_IPV4;
    if (!four && packet.networkFamily !== NFPROTO_IPV6) return NF_DROP;
    if (this.type === rejects.NFT_REJECT_TCP_RST) {
      if (four) sendReset4(packet);
      else sendReset6(packet);
      return NF_DROP;
    }
    let { code } = this;
    if (this.type === rejects.NFT_REJECT_ICMPX_UNREACH) code = (four ? icmpCodes : icmpv6Codes)[code]!;
    if (four) sendUnreachable4(packet, code);
    else sendUnreachable6(packet, code);
    return NF_DROP;
  }

  override validate(base: BaseChain): void {
    const { hook } = base;
    if (this.family === NFPROTO_BRIDGE) {
      if (hook !== PRE_ROUTING && hook !== LOCAL_IN) fail(EOPNOTSUPP);
    } else if (this.family === NFPROTO_NETDEV) {
      if (hook !== 0) fail(EOPNOTSUPP);
    } else if (hook !== LOCAL_IN && hook !== FORWARD && hook !== LOCAL_OUT && hook !== PRE_ROUTING && hook !== 5) fail(EOPNOTSUPP);
  }

  describe() {
    return { type: this.type, ...(this.type === rejects.NFT_REJECT_TCP_RST ? {} : { code: this.code }) };
  }
}

export const reject = expressionKind(rejects.reject, (values, { table }) => {
  const type = values.type ?? fail(EINVAL);
  const both = table.family === NFPROTO_INET || table.family === NFPROTO_BRIDGE || table.family === NFPROTO_NETDEV;
  if (type === rejects.NFT_REJECT_TCP_RST) return new Reject(type, 0, table.family);
  if (type !== rejects.NFT_REJECT_ICMP_UNREACH && (type !== rejects.NFT_REJECT_ICMPX_UNREACH || !both)) return fail(EINVAL);
  const code = values.code ?? fail(EINVAL);
  if (type === rejects.NFT_REJECT_ICMPX_UNREACH && code > rejects.NFT_REJECT_ICMPX_ADMIN_PROHIBITED) return fail(EINVAL);
  return new Reject(type, code, table.family);
});
