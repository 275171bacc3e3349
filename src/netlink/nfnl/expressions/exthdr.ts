import { be32, u8 } from '../../attributes.js';
import { expression } from '../expression.js';

// enum nft_exthdr_op
export const NFT_EXTHDR_OP_IPV6 = 0;
export const NFT_EXTHDR_OP_TCPOPT = 1;
export const NFT_EXTHDR_OP_IPV4 = 2;
export const NFT_EXTHDR_OP_SCTP = 3;
export const NFT_EXTHDR_OP_DCCP = 4;
/** In flags: 1 or 0 into the register, whether it is there. */
export const NFT_EXTHDR_F_PRESENT = 1;

const kinds: ReadonlyMap<number, string> = new Map([
  [NFT_EXTHDR_OP_IPV6, ' ipv6'],
  [NFT_EXTHDR_OP_TCPOPT, ' tcpopt'],
  [NFT_EXTHDR_OP_IPV4, ' ipv4'],
]);

/**
 * [ exthdr load tcpopt 2b @ 2 + 2 => reg 1 ], [ exthdr write tcpopt reg 1 => 2b @ 2 + 2 ], [ exthdr reset tcpopt 8 ]: extension
 * headers, options and chunks of `type`; `len` bytes at `offset` of it.
 */
export const exthdr = expression(
  'exthdr',
  { dreg: be32(1), type: u8(2), offset: be32(3), len: be32(4), flags: be32(5), op: be32(6), sreg: be32(7) },
  (e) => {
    const kind = kinds.get(e.op ?? 0) ?? '';
    const place = `${e.len ?? 0}b @ ${e.type ?? 0} + ${e.offset ?? 0}`;
    const present = ((e.flags ?? 0) & NFT_EXTHDR_F_PRESENT) === 0 ? '' : ' present';
    if (e.dreg !== undefined) return `load${kind} ${place}${present} => reg ${e.dreg}`;
    if (e.sreg !== undefined) return `write${kind} reg ${e.sreg} => ${place}`;
    return e.op === NFT_EXTHDR_OP_TCPOPT
      ? `reset tcpopt ${e.type}`
      : `op ${e.op} len ${e.len ?? 0} type ${e.type ?? 0} offset ${e.offset ?? 0}`;
  },
);
