import { be32, u8 } from '../../attributes.js';
import { expression, nameOf, numbered, words } from '../expression.js';

// enum nft_ct_keys
export const NFT_CT_STATE = 0;
export const NFT_CT_DIRECTION = 1;
export const NFT_CT_STATUS = 2;
export const NFT_CT_MARK = 3;
export const NFT_CT_SECMARK = 4;
export const NFT_CT_EXPIRATION = 5;
export const NFT_CT_HELPER = 6;
export const NFT_CT_L3PROTOCOL = 7;
export const NFT_CT_SRC = 8;
export const NFT_CT_DST = 9;
export const NFT_CT_PROTOCOL = 10;
export const NFT_CT_PROTO_SRC = 11;
export const NFT_CT_PROTO_DST = 12;
export const NFT_CT_LABELS = 13;
export const NFT_CT_PKTS = 14;
export const NFT_CT_BYTES = 15;
export const NFT_CT_AVGPKT = 16;
export const NFT_CT_ZONE = 17;
export const NFT_CT_EVENTMASK = 18;
export const NFT_CT_SRC_IP = 19;
export const NFT_CT_DST_IP = 20;
export const NFT_CT_SRC_IP6 = 21;
export const NFT_CT_DST_IP6 = 22;
export const NFT_CT_ID = 23;

export const IP_CT_DIR_ORIGINAL = 0;
export const IP_CT_DIR_REPLY = 1;

/** In the order of their numbers. */
// biome-ignore format: a table
export const ctKeyNames = numbered([
  'state', 'direction', 'status', 'mark', 'secmark', 'expiration', 'helper', 'l3protocol', 'src', 'dst', 'protocol', 'proto_src',
  'proto_dst', 'label', 'packets', 'bytes', 'avgpkt', 'zone', 'event', 'src_ip', 'dst_ip', 'src_ip6', 'dst_ip6', 'unknown',
]);
const directions = numbered(['original', 'reply']);

/** [ ct load src_ip => reg 1 , dir original ], [ ct set mark with reg 1 ]. */
export const ct = expression('ct', { dreg: be32(1), key: be32(2), direction: u8(3), sreg: be32(4) }, (e) =>
  words(
    e.sreg === undefined ? `load ${nameOf(ctKeyNames, e.key)} => reg ${e.dreg}` : `set ${nameOf(ctKeyNames, e.key)} with reg ${e.sreg}`,
    e.direction !== undefined && `, dir ${nameOf(directions, e.direction)}`,
  ),
);
