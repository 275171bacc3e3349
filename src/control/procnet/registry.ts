import { anycast6 } from './anycast6.js';
import { arp } from './arp.js';
import { bonding } from './bonding.js';
import { nfConntrack, nfConntrackStat } from './conntrack.js';
import { connector } from './connector.js';
import { dev } from './dev.js';
import { devSnmp6 } from './dev-snmp6.js';
import { fibTrie, fibTrieStat } from './fib-trie.js';
import { ip6Flowlabel } from './flowlabel.js';
import { ipVsViews } from './ip-vs.js';
import { ifInet6, ipv6Route } from './ipv6.js';
import { devMcast, igmp, igmp6, mcfilter, mcfilter6 } from './multicast.js';
import { ip6MrCache, ip6MrVif, ipMrCache, ipMrVif } from './mroute.js';
import { arpCache, ndiscCache } from './neighbour-stat.js';
import { netlink } from './netlink.js';
import { netstat } from './netstat.js';
import { packet } from './packet.js';
import { protocolsView } from './protocols.js';
import { psched } from './psched.js';
import { ptype } from './ptype.js';
import { route } from './route.js';
import { rt6Stats } from './rt6-stats.js';
import { rtAcct } from './rt-acct.js';
import { rtCache } from './rt-cache.js';
import { rtCacheStat } from './rt-stat.js';
import { snmp } from './snmp.js';
import { snmp6 } from './snmp6.js';
import { softnetStat } from './softnet-stat.js';
import { inetSocketViews } from './sockets-inet.js';
import { sockstat, sockstat6 } from './sockstat.js';
import { unix } from './unix.js';
import type { ProcNetFolder, ProcNetView } from './view.js';
import { vlan } from './vlan.js';
import { wireless } from './wireless.js';
import { xfrmStat } from './xfrm-stat.js';

/** The files of /proc/net that a stack has. */
export const procNetViews: readonly ProcNetView[] = [
  anycast6,
  arp,
  connector,
  dev,
  devMcast,
  fibTrie,
  fibTrieStat,
  ifInet6,
  igmp,
  igmp6,
  ip6Flowlabel,
  ip6MrCache,
  ip6MrVif,
  ipMrCache,
  ipMrVif,
  ...ipVsViews,
  ipv6Route,
  mcfilter,
  mcfilter6,
  netlink,
  netstat,
  packet,
  protocolsView,
  psched,
  ptype,
  nfConntrack,
  nfConntrackStat,
  route,
  rt6Stats,
  rtAcct,
  rtCache,
  rtCacheStat,
  snmp,
  snmp6,
  softnetStat,
  sockstat,
  sockstat6,
  unix,
  wireless,
  xfrmStat,
  ...inetSocketViews,
  arpCache,
  ndiscCache,
];

export const procNetFolders: readonly ProcNetFolder[] = [bonding, devSnmp6, vlan];
