/** net.netfilter.* of one namespace; times in seconds. */
export class ConntrackSettings {
  acct = 0;
  checksum = 1;
  events = 2;
  timestamp = 0;
  logInvalid = 0;
  max = 8192;
  expectMax = 128;
  genericTimeout = 600;
  icmpTimeout = 30;
  icmpv6Timeout = 30;
  udpTimeout = 30;
  udpTimeoutStream = 120;
  greTimeout = 30;
  greTimeoutStream = 180;
  tcpBeLiberal = 0;
  tcpLoose = 1;
  tcpIgnoreInvalidRst = 0;
  tcpMaxRetrans = 3;
  /** By state: TCP_CONNTRACK_*. */
  readonly tcpTimeouts = [300, 120, 60, 432_000, 120, 60, 30, 120, 10, 120];
  tcpTimeoutMaxRetrans = 300;
  tcpTimeoutUnacknowledged = 300;
  /** By state: enum sctp_conntrack. */
  readonly sctpTimeouts = [0, 10, 3, 3, 210, 3, 3, 3, 30];
  /** By state: enum ct_dccp_states. */
  readonly dccpTimeouts = [0, 240, 480, 480, 43_200, 64, 64, 240];
  dccpLoose = 1;
}

/** What /proc/net/stat/nf_conntrack counts. */
export class ConntrackStats {
  found = 0;
  invalid = 0;
  insert = 0;
  insertFailed = 0;
  drop = 0;
  earlyDrop = 0;
  error = 0;
  expectNew = 0;
  expectCreate = 0;
  expectDelete = 0;
  searchRestart = 0;
  clashResolve = 0;
  chainTooLong = 0;
}
