import type { Namespace } from '../net/core/namespace.js';
import { Notifier } from '../net/core/notifier.js';
import type { Ipv4Config } from '../net/ipv4/config.js';
import type { Ipv6Config } from '../net/ipv6/config.js';

/** Which of the settings that RTM_NEWNETCONF shows has changed. */
export type NetconfKey = 'forwarding' | 'rpFilter' | 'mcForwarding' | 'bcForwarding' | 'proxyArp' | 'ignoreRoutesWithLinkdown';

export interface NetconfEvent {
  /** Of a device, or NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT. */
  readonly ifindex: number;
  readonly config: Ipv4Config;
  readonly key: NetconfKey;
}

const notifiers = new WeakMap<Namespace, Notifier<NetconfEvent>>();

/** Changes of IPv4's settings of devices, as the sysctl tree makes them and rtnetlink tells them. */
export function netconfEvents(namespace: Namespace): Notifier<NetconfEvent> {
  let notifier = notifiers.get(namespace);
  if (notifier === undefined) {
    notifier = new Notifier();
    notifiers.set(namespace, notifier);
  }
  return notifier;
}

/** Which of IPv6's settings that RTM_NEWNETCONF shows has changed. */
export interface Netconf6Event {
  /** Of a device, or NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT. */
  readonly ifindex: number;
  readonly config: Ipv6Config;
  readonly key: 'forwarding' | 'mcForwarding' | 'proxyNdp' | 'ignoreRoutesWithLinkdown';
}

const notifiers6 = new WeakMap<Namespace, Notifier<Netconf6Event>>();

/** Changes of IPv6's settings of devices. */
export function netconf6Events(namespace: Namespace): Notifier<Netconf6Event> {
  let notifier = notifiers6.get(namespace);
  if (notifier === undefined) {
    notifier = new Notifier();
    notifiers6.set(namespace, notifier);
  }
  return notifier;
}
