import { be32, binary, string } from '../../attributes.js';
import { expression } from '../expression.js';

// linux/netfilter/nf_tables_compat.h: extensions of x_tables in rules of iptables-nft.

const shape = { name: string(1), rev: be32(2), info: binary(3) };

/** [ match name tcp rev 0 ]: `info` is the extension's own struct. */
export const match = expression('match', shape, (e) => `name ${e.name} rev ${e.rev ?? 0}`);
/** [ target name LOG rev 0 ]. */
export const target = expression('target', shape, (e) => `name ${e.name} rev ${e.rev ?? 0}`);
