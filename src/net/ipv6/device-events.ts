import type { Ipv6 } from './ipv6.js';

/** Addresses, groups and routes come and go with devices, in the order of Linux's addrconf_notify(): addrconf/interfaces.ts. */
export function followDevices6(ipv6: Ipv6): void {
  ipv6.namespace.deviceEvents.subscribe((event) => ipv6.addresses.interfaces.deviceEvent(event));
}
