import { ifInet6, ipv6Route } from './ipv6.js';
import { devMcast, igmp, igmp6 } from './multicast.js';
import type { ProcNetView } from './view.js';

/** The files of /proc/net that a stack has. */
export const procNetViews: readonly ProcNetView[] = [devMcast, ifInet6, igmp, igmp6, ipv6Route];
