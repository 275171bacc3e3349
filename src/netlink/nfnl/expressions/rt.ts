import { be32 } from '../../attributes.js';
import { expression, nameOf, numbered } from '../expression.js';

// enum nft_rt_keys
export const NFT_RT_CLASSID = 0;
export const NFT_RT_NEXTHOP4 = 1;
export const NFT_RT_NEXTHOP6 = 2;
export const NFT_RT_TCPMSS = 3;
export const NFT_RT_XFRM = 4;

const keys = numbered(['classid', 'nexthop4', 'nexthop6', 'tcpmss', 'ipsec']);

/** [ rt load nexthop4 => reg 1 ]: of the packet's route. */
export const rt = expression('rt', { key: be32(2), dreg: be32(1) }, (e) => `load ${nameOf(keys, e.key)} => reg ${e.dreg}`);
