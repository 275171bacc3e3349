import { be32 } from '../../attributes.js';
import { data, dataNotation } from '../data.js';
import { expression } from '../expression.js';

// enum nft_bitwise_ops
export const NFT_BITWISE_MASK_XOR = 0;
export const NFT_BITWISE_LSHIFT = 1;
export const NFT_BITWISE_RSHIFT = 2;

/** [ bitwise reg 1 = ( reg 1 & 0x000000ff ) ^ 0x00000000 ] or [ bitwise reg 1 = ( reg 1 << 0x00000008 ) ]. */
export const bitwise = expression(
  'bitwise',
  {
    sreg: be32(1),
    dreg: be32(2),
    /** Bytes. */
    len: be32(3),
    op: be32(6),
    mask: data(4),
    xor: data(5),
    /** Of a shift: by how many bits, a u32 in host byte order. */
    data: data(7),
  },
  (e) => {
    if (e.op === NFT_BITWISE_LSHIFT || e.op === NFT_BITWISE_RSHIFT)
      return `reg ${e.dreg} = ( reg ${e.sreg} ${e.op === NFT_BITWISE_LSHIFT ? '<<' : '>>'} ${dataNotation(e.data)} )`;
    return `reg ${e.dreg} = ( reg ${e.sreg} & ${dataNotation(e.mask)} ) ^ ${dataNotation(e.xor)}`;
  },
);
