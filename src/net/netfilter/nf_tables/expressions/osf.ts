import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as schema from '../../../../netlink/nfnl/expressions/osf.js';
import { NFPROTO_INET, NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as tcp from '../../../../wire/tcp.js';
import { LOCAL_IN, FORWARD, PRE_ROUTING } from '../../../core/hooks.js';
import { EOPNOTSUPP } from '../../../../base/errno.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { nameWords } from './bytes.js';

/** enum nf_osf_ttl: the highest is "skip". */
const MAX_TTL = 2;
const UNKNOWN = nameWords('unknown');

/** [ osf dreg 1 ]: the name of the system that sent a SYN. Fingerprints cannot be loaded here: as in Linux without any, all are "unknown". Linux: nft_osf_eval() */
class Osf extends Expression {
  constructor(
    readonly word: number,
    readonly ttl: number,
    readonly flags: number,
    /** It is in a table of ip or inet. */
    readonly ofIpv4: boolean,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb, transport } = packet;
    if (packet.protocol !== tcp.PROTOCOL || packet.fragmentOffset !== 0 || transport < 0 || transport + tcp.HEADER > skb.tail) return BREAK;
    if ((tcp.flags(skb.view, transport) & tcp.SYN) === 0) return BREAK;
    for (let i = 0; i < 4; i++) packet.registers[this.word + i] = UNKNOWN[i] ?? 0;
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(schema.NFT_OSF_MAXGENRELEN)]];
  }

  // Linux: nft_osf_validate()
  override validate({ hook }: BaseChain): void {
    if (!this.ofIpv4 || (hook !== PRE_ROUTING && hook !== LOCAL_IN && hook !== FORWARD)) fail(EOPNOTSUPP);
  }

  describe() {
    return { ttl: this.ttl, flags: this.flags, dreg: showRegister(this.word) };
  }
}

export const osf = expressionKind(schema.osf, (values, { table }) => {
  if (values.dreg === undefined) return fail(EINVAL);
  const ttl = values.ttl ?? 0;
  const flags = values.flags ?? 0;
  if (ttl > MAX_TTL || flags > schema.NFT_OSF_F_VERSION) return fail(EINVAL);
  return new Osf(
    storeRegister(values.dreg, schema.NFT_OSF_MAXGENRELEN),
    ttl,
    flags,
    table.family === NFPROTO_IPV4 || table.family === NFPROTO_INET,
  );
});
