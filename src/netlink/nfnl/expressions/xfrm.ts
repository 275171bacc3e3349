import { be32, u8 } from '../../attributes.js';
import { expression, nameOf, numbered } from '../expression.js';

// enum nft_xfrm_keys
export const NFT_XFRM_KEY_DADDR_IP4 = 1;
export const NFT_XFRM_KEY_DADDR_IP6 = 2;
export const NFT_XFRM_KEY_SADDR_IP4 = 3;
export const NFT_XFRM_KEY_SADDR_IP6 = 4;
export const NFT_XFRM_KEY_REQID = 5;
export const NFT_XFRM_KEY_SPI = 6;

export const XFRM_POLICY_IN = 0;
export const XFRM_POLICY_OUT = 1;

const keys = numbered(['unknown', 'daddr4', 'daddr6', 'saddr4', 'saddr6', 'reqid', 'spi']);
const directions = numbered(['in', 'out']);

/** [ xfrm load in 0 reqid => reg 1 ]: of the IPsec state at `spnum` of the packet's path. */
export const xfrm = expression(
  'xfrm',
  { key: be32(2), dir: u8(3), spnum: be32(4), dreg: be32(1) },
  (e) => `load ${nameOf(directions, e.dir)} ${e.spnum ?? 0} ${nameOf(keys, e.key)} => reg ${e.dreg}`,
);
