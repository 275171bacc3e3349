/** net.core.*, what is one for the whole stack: the packet path and sockets read these fields, sysctl writes them. */
export class CoreSettings {
  /** Packets that wait for processing at most; more are dropped (CPU_BACKLOG). */
  netdevMaxBacklog = 1000;
  /** Packets that one round takes before timers and other input have their turn. */
  netdevBudget = 300;
  /** What a socket starts with, and what SO_RCVBUF and SO_SNDBUF give at most (before Linux doubles it), in bytes. */
  rmemDefault = 212_992;
  rmemMax = 212_992;
  wmemDefault = 212_992;
  wmemMax = 212_992;
}
