import { be32 } from '../../attributes.js';
import { expression, nameOf, numbered } from '../expression.js';

// enum nft_socket_keys
export const NFT_SOCKET_TRANSPARENT = 0;
export const NFT_SOCKET_MARK = 1;
export const NFT_SOCKET_WILDCARD = 2;
export const NFT_SOCKET_CGROUPV2 = 3;

const keys = numbered(['transparent', 'mark', 'wildcard', 'cgroupv2']);

/** [ socket load transparent => reg 1 ]: of the socket that the packet would reach. */
export const socket = expression(
  'socket',
  { key: be32(1), dreg: be32(2), level: be32(3) },
  (e) => `load ${nameOf(keys, e.key)} => reg ${e.dreg}`,
);
