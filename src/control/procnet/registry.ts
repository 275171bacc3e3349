import { arp } from './arp.js';
import { dev } from './dev.js';
import { netstat } from './netstat.js';
import { route } from './route.js';
import { snmp } from './snmp.js';
import type { ProcNetView } from './view.js';

/** The files of /proc/net that a stack has. */
export const procNetViews: readonly ProcNetView[] = [arp, dev, netstat, route, snmp];
