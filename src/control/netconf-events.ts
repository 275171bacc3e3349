import type { Namespace } from '../net/core/namespace.js';
import { Notifier } from '../net/core/notifier.js';
import type { Ipv4Config } from '../net/ipv4/config.js';

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
