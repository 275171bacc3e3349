import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/rt.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { FORWARD, LOCAL_OUT, POST_ROUTING } from '../../../core/hooks.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { swap32 } from './bytes.js';

const TCP_HEADERS4 = 40;
const TCP_HEADERS6 = 60;

class Rt extends Expression {
  constructor(
    readonly key: number,
    readonly word: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb, registers } = packet;
    const { dst } = skb;
    if (dst === null) return BREAK;
    const { ipv4, ipv6 } = packet.tables.namespace;
    const four = packet.networkFamily === NFPROTO_IPV4;
    const at = skb.networkHeader;
    if (this.key === keys.NFT_RT_CLASSID) registers[this.word] = four && 'realms' in dst ? (dst.realms as number) : 0;
    else if (this.key === keys.NFT_RT_NEXTHOP4) {
      if (!four) return BREAK;
      const { gateway } = ipv4.asRoute(dst);
      registers[this.word] = swap32(gateway !== 0 ? gateway : skb.view.getUint32(at + 16));
    } else if (this.key === keys.NFT_RT_NEXTHOP6) {
      if (four) return BREAK;
      const { gateway } = ipv6.asRoute(dst);
      for (let i = 0; i < 4; i++)
        registers[this.word + i] = gateway === null ? skb.view.getInt32(at + 24 + 4 * i, true) : swap32(gateway[i]!);
    } else if (this.key === keys.NFT_RT_TCPMSS) {
      const mtu = four ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst);
      registers[this.word] = Math.max(mtu - (four ? TCP_HEADERS4 : TCP_HEADERS6), 0) & 0xffff;
    } else registers[this.word] = 0;
    return CONTINUE;
  }

  // Linux: nft_rt_validate()
  override validate({ hook }: BaseChain): void {
    if (this.key === keys.NFT_RT_TCPMSS && hook !== FORWARD && hook !== LOCAL_OUT && hook !== POST_ROUTING) fail(EOPNOTSUPP);
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(sizeOf(this.key))]];
  }

  describe() {
    return { key: this.key, dreg: showRegister(this.word) };
  }
}

const sizeOf = (key: number) => (key === keys.NFT_RT_NEXTHOP6 ? 16 : key === keys.NFT_RT_TCPMSS ? 2 : key === keys.NFT_RT_XFRM ? 1 : 4);

export const rt = expressionKind(keys.rt, (values) => {
  const key = values.key ?? fail(EINVAL);
  if (values.dreg === undefined) return fail(EINVAL);
  if (key > keys.NFT_RT_XFRM) return fail(EOPNOTSUPP);
  return new Rt(key, storeRegister(values.dreg, sizeOf(key)));
});
