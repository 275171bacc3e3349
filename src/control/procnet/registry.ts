import { arp } from './arp.js';
import { bonding } from './bonding.js';
import { nfConntrack, nfConntrackStat } from './conntrack.js';
import { dev } from './dev.js';
import { ipVsViews } from './ip-vs.js';
import { ifInet6, ipv6Route } from './ipv6.js';
import { devMcast, igmp, igmp6, mcfilter, mcfilter6 } from './multicast.js';
import { ip6MrCache, ip6MrVif, ipMrCache, ipMrVif } from './mroute.js';
import { arpCache, ndiscCache } from './neighbour-stat.js';
import { netstat } from './netstat.js';
import { packet } from './packet.js';
import { route } from './route.js';
import { rtCache } from './rt-cache.js';
import { snmp } from './snmp.js';
import { snmp6 } from './snmp6.js';
import { inetSocketViews } from './sockets-inet.js';
import { sockstat, sockstat6 } from './sockstat.js';
import type { ProcNetFolder, ProcNetView } from './view.js';

/** The files of /proc/net that a stack has. */
export const procNetViews: readonly ProcNetView[] = [
  arp,
  dev,
  devMcast,
  ifInet6,
  igmp,
  igmp6,
  ip6MrCache,
  ip6MrVif,
  ipMrCache,
  ipMrVif,
  ...ipVsViews,
  ipv6Route,
  mcfilter,
  mcfilter6,
  netstat,
  packet,
  nfConntrack,
  nfConntrackStat,
  route,
  rtCache,
  snmp,
  snmp6,
  sockstat,
  sockstat6,
  ...inetSocketViews,
  arpCache,
  ndiscCache,
];

export const procNetFolders: readonly ProcNetFolder[] = [bonding];
