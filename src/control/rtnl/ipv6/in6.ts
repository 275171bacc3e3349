import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { addressFromBytes, addressToBytes, type In6 } from '../../../wire/ipv6.js';

/** An IPv6 address of an attribute as words. EINVAL for any other length. */
export const in6 = (bytes: Uint8Array): In6 => (bytes.length === 16 ? addressFromBytes(bytes) : fail(EINVAL));

/** A prefix: an attribute may have no more bytes than the prefix is long. EINVAL. */
export function in6Prefix(bytes: Uint8Array | undefined, prefixLength: number): In6 {
  if (bytes === undefined) return new Uint32Array(4);
  if (prefixLength > 128 || bytes.length < (prefixLength + 7) >> 3) fail(EINVAL);
  const whole = new Uint8Array(16);
  whole.set(bytes.subarray(0, 16));
  return addressFromBytes(whole);
}

export const in6Bytes = (address: In6): Uint8Array => addressToBytes(address);
