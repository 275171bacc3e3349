import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { fwd as schema } from '../../../../netlink/nfnl/expressions/fwd.js';
import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../../netlink/nfnl/nfnetlink.js';
import { DropReason } from '../../../core/drop-reason.js';
import { devQueueXmit } from '../../../core/transmit.js';
import { Expression, expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_DROP, NF_STOLEN } from '../verdict.js';

/** Out of another device as it is. Linux: nf_fwd_netdev_egress() */
class Fwd extends Expression {
  constructor(
    readonly deviceWord: number,
    readonly addressWord: number | null,
    readonly nfproto: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb } = packet;
    const { namespace } = packet.tables;
    const device = namespace.deviceByIndex(packet.registers[this.deviceWord]!);
    if (device === undefined || skb.macHeader < 0) return NF_DROP;
    if (skb.shared && !namespace.stack.pool.makeWritable(skb)) {
      namespace.stack.drop(skb, DropReason.NOMEM);
      return NF_STOLEN;
    }
    skb.data = skb.macHeader;
    skb.device = device;
    devQueueXmit(skb);
    return NF_STOLEN;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.deviceWord, 1]];
  }

  describe() {
    return {
      sregDev: showRegister(this.deviceWord),
      ...(this.addressWord === null ? {} : { sregAddr: showRegister(this.addressWord), nfproto: this.nfproto }),
    };
  }
}

export const fwd = expressionKind(schema, (values, { table }) => {
  if (table.family !== NFPROTO_NETDEV) return fail(EOPNOTSUPP);
  if (values.sregDev === undefined) return fail(EINVAL);
  const device = loadRegister(values.sregDev, 4);
  if (values.sregAddr === undefined) return new Fwd(device, null, 0);
  if (values.nfproto !== NFPROTO_IPV4 && values.nfproto !== NFPROTO_IPV6) return fail(EOPNOTSUPP);
  return new Fwd(device, loadRegister(values.sregAddr, values.nfproto === NFPROTO_IPV4 ? 4 : 16), values.nfproto);
});
