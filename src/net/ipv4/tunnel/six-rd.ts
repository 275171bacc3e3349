import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import * as ip6 from '../../../wire/ipv6.js';

const LOW_BITS = 64;

/** How IPv6 destinations name the IPv4 address of their site, RFC 5969 (struct ip_tunnel_6rd_parm). */
export interface SixRd {
  readonly prefix: ip6.In6;
  readonly prefixLength: number;
  /** What all sites' IPv4 addresses have in common, and IPv6 addresses need not carry. */
  readonly relayPrefix: number;
  readonly relayPrefixLength: number;
}

/** 2002::/16, RFC 3056: what a tunnel has of itself. */
export const SIX_TO_FOUR: SixRd = { prefix: Uint32Array.of(0x2002_0000, 0, 0, 0), prefixLength: 16, relayPrefix: 0, relayPrefixLength: 0 };

/** EINVAL: the parts do not fit together. Linux: ipip6_tunnel_update_6rd() */
export function checkSixRd({ prefix, prefixLength, relayPrefix, relayPrefixLength }: SixRd): void {
  if (relayPrefixLength > 32 || prefixLength + (32 - relayPrefixLength) > LOW_BITS) fail(EINVAL);
  if (!ip6.equalAddress(ip6.maskAddress(prefix.slice(), prefixLength), prefix)) fail(EINVAL);
  const mask = relayPrefixLength === 0 ? 0 : (0xffff_ffff << (32 - relayPrefixLength)) >>> 0;
  if ((relayPrefix & ~mask) !== 0) fail(EINVAL);
}

/** The IPv4 address of the site of the IPv6 address at `at`; 0: it is of none. RFC 5969 7.1.1 */
export function siteOf({ prefix, prefixLength, relayPrefix, relayPrefixLength }: SixRd, v: DataView, at: number): number {
  for (let bit = 0; bit < prefixLength; bit += 32) {
    const wanted = prefixLength - bit >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - (prefixLength - bit))) >>> 0;
    if (((v.getUint32(at + (bit >>> 3)) ^ prefix[bit >>> 5]!) & wanted) !== 0) return 0;
  }
  const carried = 32 - relayPrefixLength;
  if (carried === 0) return relayPrefix;
  // The bits behind the prefix: at most 64 bits reach that far, so two words hold them.
  const word = prefixLength >>> 5;
  const shift = prefixLength & 31;
  const high = v.getUint32(at + word * 4);
  const low = v.getUint32(at + word * 4 + 4);
  const bits = shift === 0 ? high : ((high << shift) | (low >>> (32 - shift))) >>> 0;
  return (relayPrefix | (bits >>> (32 - carried))) >>> 0;
}
