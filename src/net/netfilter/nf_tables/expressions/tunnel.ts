import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/tunnel.js';
import { Expression, expressionKind, showRegister, storeRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';

// enum nft_tunnel_mode: which way the tunnel's headers go.
const MODE_NONE = 0;
const MODE_RX = 1;
const MODE_TX = 2;

/** [ tunnel load id => reg 1 ]: what the outer headers of a packet said, or are to say. Linux: nft_tunnel_get_eval() */
class TunnelLoad extends Expression {
  constructor(
    readonly key: number,
    readonly word: number,
    readonly mode: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { tunnel } = packet.skb;
    const fits = tunnel !== null && (this.mode === MODE_NONE || tunnel.transmit === (this.mode === MODE_TX));
    if (this.key === keys.NFT_TUNNEL_PATH) packet.registers[this.word] = fits ? 1 : 0;
    else if (!fits) return BREAK;
    else packet.registers[this.word] = tunnel.id | 0;
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, 1]];
  }

  describe() {
    return { key: this.key, dreg: showRegister(this.word), mode: this.mode };
  }
}

export const tunnel = expressionKind(keys.tunnel, (values) => {
  const key = values.key ?? fail(EINVAL);
  if (values.dreg === undefined) return fail(EINVAL);
  if (key > keys.NFT_TUNNEL_ID) return fail(EOPNOTSUPP);
  const mode = values.mode ?? MODE_NONE;
  if (mode !== MODE_NONE && mode !== MODE_RX && mode !== MODE_TX) return fail(EOPNOTSUPP);
  return new TunnelLoad(key, storeRegister(values.dreg, key === keys.NFT_TUNNEL_PATH ? 1 : 4), mode);
});
