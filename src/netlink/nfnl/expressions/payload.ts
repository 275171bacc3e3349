import { be32 } from '../../attributes.js';
import { expression, hex, nameOf, numbered } from '../expression.js';

// enum nft_payload_bases
export const NFT_PAYLOAD_LL_HEADER = 0;
export const NFT_PAYLOAD_NETWORK_HEADER = 1;
export const NFT_PAYLOAD_TRANSPORT_HEADER = 2;
export const NFT_PAYLOAD_INNER_HEADER = 3;

// enum nft_payload_csum_types
export const NFT_PAYLOAD_CSUM_NONE = 0;
export const NFT_PAYLOAD_CSUM_INET = 1;
export const NFT_PAYLOAD_CSUM_SCTP = 2;
/** In csumFlags: the transport's checksum covers the bytes by its pseudo header. */
export const NFT_PAYLOAD_L4CSUM_PSEUDOHDR = 1;

const bases = numbered(['link', 'network', 'transport', 'inner']);

/** [ payload load 4b @ network header + 12 => reg 1 ]: bytes of the packet into a register, or with `sreg` the other way. */
export const payload = expression(
  'payload',
  {
    dreg: be32(1),
    sreg: be32(5),
    base: be32(2),
    /** Bytes from the base. */
    offset: be32(3),
    /** Bytes. */
    len: be32(4),
    csumType: be32(6),
    csumOffset: be32(7),
    csumFlags: be32(8),
  },
  (e) => {
    const place = `${e.len}b @ ${nameOf(bases, e.base)} header + ${e.offset}`;
    return e.sreg === undefined
      ? `load ${place} => reg ${e.dreg}`
      : `write reg ${e.sreg} => ${place} csum_type ${e.csumType ?? 0} csum_off ${e.csumOffset ?? 0} csum_flags ${hex(e.csumFlags)}`;
  },
);
