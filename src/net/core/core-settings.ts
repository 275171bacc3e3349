/** net.core.*, what is one for the whole stack: the packet path and sockets read these fields, sysctl writes them. */
export class CoreSettings {
  /** Packets that wait for processing at most; more are dropped (CPU_BACKLOG). */
  netdevMaxBacklog = 1000;
  /** Packets that one round takes before timers and other input have their turn. */
  netdevBudget = 300;
  /** Messages that the network can cause: so many (`messageBurst`) in so many seconds; 0 seconds: all. */
  messageCost = 5;
  messageBurst = 10;
  /** What devices with a queue get when they come up; as Debian builds it. */
  defaultQdisc = 'fq_codel';
  /** Where conf.all and conf.default of a new namespace come from: see inheritedConfig(). */
  devconfInheritInitNet = 0;
  /** Fallback tunnel devices (tunl0, gre0, ...): 0 in every namespace, 1 in the initial one alone, 2 nowhere. */
  fbTunnelsOnlyForInitNet = 0;
  /** Remote hosts of a namespace that are remembered at most, for rate limits. */
  inetPeerThreshold = 47_019;
  /** Seconds that a host which nothing was sent to is remembered, where there is hardly room, and where there is all. */
  inetPeerMinttl = 120;
  inetPeerMaxttl = 600;
  /** Bytes of control messages of one send, or of a filter, at most. */
  optmemMax = 20_480;
  /** 0: when data was sent, with that data, is told only to whom packets may be seen by (CAP_NET_RAW). */
  tstampAllowData = 1;
  /** What a socket starts with, and what SO_RCVBUF and SO_SNDBUF give at most (before Linux doubles it), in bytes. */
  rmemDefault = 212_992;
  rmemMax = 212_992;
  wmemDefault = 212_992;
  wmemMax = 212_992;
}
