import { ifInet6, ipv6Route } from './ipv6.js';
import { devMcast, igmp, igmp6 } from './multicast.js';
import type { ProcNetFile } from './procnet.js';

/** The files of /proc/net; a new one is one line here. */
export const procNetFiles: readonly ProcNetFile[] = [devMcast, ifInet6, igmp, igmp6, ipv6Route];
