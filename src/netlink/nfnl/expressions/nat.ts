import { be32 } from '../../attributes.js';
import { expression, hex, words } from '../expression.js';
import { familyName } from '../families.js';

export const NFT_NAT_SNAT = 0;
export const NFT_NAT_DNAT = 1;

// linux/netfilter/nf_nat.h
export const NF_NAT_RANGE_MAP_IPS = 1 << 0;
export const NF_NAT_RANGE_PROTO_SPECIFIED = 1 << 1;
export const NF_NAT_RANGE_PROTO_RANDOM = 1 << 2;
export const NF_NAT_RANGE_PERSISTENT = 1 << 3;
export const NF_NAT_RANGE_PROTO_RANDOM_FULLY = 1 << 4;
export const NF_NAT_RANGE_PROTO_OFFSET = 1 << 5;
export const NF_NAT_RANGE_NETMAP = 1 << 6;

/** [ nat dnat ip addr_min reg 1 proto_min reg 2 flags 0x2 ]: registers hold addresses and ports in network byte order. */
export const nat = expression(
  'nat',
  { type: be32(1), family: be32(2), regAddrMin: be32(3), regAddrMax: be32(4), regProtoMin: be32(5), regProtoMax: be32(6), flags: be32(7) },
  (e) =>
    words(
      e.type === NFT_NAT_DNAT ? 'dnat' : 'snat',
      familyName(e.family ?? 0),
      (e.regAddrMin ?? 0) !== 0 && `addr_min reg ${e.regAddrMin}`,
      (e.regAddrMax ?? 0) !== 0 && `addr_max reg ${e.regAddrMax}`,
      (e.regProtoMin ?? 0) !== 0 && `proto_min reg ${e.regProtoMin}`,
      (e.regProtoMax ?? 0) !== 0 && `proto_max reg ${e.regProtoMax}`,
      e.flags !== undefined && `flags ${hex(e.flags)}`,
    ),
);
