import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Ipv4Addresses } from '../../net/ipv4/addresses.js';
import type { Fib } from '../../net/ipv4/fib/fib.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import { readIpv4 } from '../../wire/ipv4-address.js';

export { ipv4Bytes } from '../../wire/ipv4-address.js';

/** An IPv4 address of an attribute as a number. EINVAL for any other length. */
export const ipv4Number = (bytes: Uint8Array): number => (bytes.length === 4 ? readIpv4(bytes) : fail(EINVAL));

export const addressesOf = (namespace: Namespace): Ipv4Addresses => ipv4Routes(namespace).addresses;
export const fibOf = (namespace: Namespace): Fib => ipv4Routes(namespace).fib;
