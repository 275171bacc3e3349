import { be32 } from '../../attributes.js';
import { expression, hex, nameOf, numbered } from '../expression.js';

// enum nft_fib_result
export const NFT_FIB_RESULT_OIF = 1;
export const NFT_FIB_RESULT_OIFNAME = 2;
export const NFT_FIB_RESULT_ADDRTYPE = 3;
// enum nft_fib_flags
export const NFTA_FIB_F_SADDR = 1 << 0;
export const NFTA_FIB_F_DADDR = 1 << 1;
export const NFTA_FIB_F_MARK = 1 << 2;
export const NFTA_FIB_F_IIF = 1 << 3;
export const NFTA_FIB_F_OIF = 1 << 4;
export const NFTA_FIB_F_PRESENT = 1 << 5;

const results = numbered(['oif', 'oifname', 'type'], 1);
const flagNames = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

/** [ fib saddr . iif oif present => reg 1 ]: a route looked up by what the flags name. */
export const fib = expression('fib', { dreg: be32(1), result: be32(2), flags: be32(3) }, (e) => {
  const flags = e.flags ?? 0;
  const names = flagNames.filter((_, bit) => (flags & (1 << bit)) !== 0);
  if (flags >= NFTA_FIB_F_PRESENT << 1) names.push(`unknown ${hex(flags & ~0x3f)}`);
  return `${names.join(' . ')} ${nameOf(results, e.result)}${(flags & NFTA_FIB_F_PRESENT) === 0 ? '' : ' present'} => reg ${e.dreg}`;
});
