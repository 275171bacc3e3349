import { attributes, be32, string } from '../attributes.js';
import { message } from '../schema.js';
import { NFNL_SUBSYS_NFT_COMPAT, nfgenmsg, nfnlType } from './nfnetlink.js';

// linux/netfilter/nf_tables_compat.h: which extensions of x_tables the kernel has.

export const NFNL_MSG_COMPAT_GET = nfnlType(NFNL_SUBSYS_NFT_COMPAT, 0);
export const compatMessage = message('extension', nfgenmsg, attributes('NFTA_COMPAT', { name: string(1), rev: be32(2), type: be32(3) }));
