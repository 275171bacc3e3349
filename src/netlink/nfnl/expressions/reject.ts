import { be32, u8 } from '../../attributes.js';
import { expression } from '../expression.js';

// enum nft_reject_types
export const NFT_REJECT_ICMP_UNREACH = 0;
export const NFT_REJECT_TCP_RST = 1;
/** A code of both versions (enum nft_reject_inet_code), for inet and bridge. */
export const NFT_REJECT_ICMPX_UNREACH = 2;
// enum nft_reject_inet_code
export const NFT_REJECT_ICMPX_NO_ROUTE = 0;
export const NFT_REJECT_ICMPX_PORT_UNREACH = 1;
export const NFT_REJECT_ICMPX_HOST_UNREACH = 2;
export const NFT_REJECT_ICMPX_ADMIN_PROHIBITED = 3;

/** [ reject type 0 code 3 ]: answers with an ICMP error of `code` or a TCP reset, and drops. */
export const reject = expression('reject', { type: be32(1), code: u8(2) }, (e) => `type ${e.type ?? 0} code ${e.code ?? 0}`);
