import { be16, be32, u8 } from '../../attributes.js';
import { expression } from '../expression.js';

// linux/netfilter/nf_synproxy.h
export const NF_SYNPROXY_OPT_MSS = 0x01;
export const NF_SYNPROXY_OPT_WSCALE = 0x02;
export const NF_SYNPROXY_OPT_SACK_PERM = 0x04;
export const NF_SYNPROXY_OPT_TIMESTAMP = 0x08;
export const NF_SYNPROXY_OPT_ECN = 0x10;

/** [ synproxy mss 1460 wscale 7 ]: answers SYNs in the server's stead. */
export const synproxy = expression(
  'synproxy',
  { mss: be16(1), wscale: u8(2), flags: be32(3) },
  (e) => `mss ${e.mss ?? 0} wscale ${e.wscale ?? 0}`,
);
