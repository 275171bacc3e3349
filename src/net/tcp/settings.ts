import { DUPACK_THRESHOLD } from './constants.js';

/**
 * net.ipv4.tcp_* of one namespace, named as there without the prefix; defaults of Linux 6.1 on a machine with memory to spare.
 * Plain fields that the code reads when it needs them: sysctl sets them, and they have effect at once.
 */
export class TcpSettings {
  /** Answer what cannot be accepted with a reset instead of silence. */
  abortOnOverflow = 0;
  /** Which part of the receive buffer's space counts for the window (win_from_space). */
  advWinScale = 1;
  /** Which part of the window is kept for the user, as a power of two; one segment of it always, but for 0. */
  appWin = 31;
  baseMss = 1024;
  /** Challenge ACKs a second, whole namespace (RFC 5961 7); INT_MAX since Linux 6.1: only the limit per socket counts. */
  challengeAckLimit = 0x7fff_ffff;
  /** What a user without CAP_NET_ADMIN may choose by TCP_CONGESTION, beside the default. */
  allowedCongestionControl = ['reno', 'cubic'];
  congestionControl = 'cubic';
  /** Seconds an orphan stays in FIN_WAIT2. */
  finTimeout = 60;
  /** ECN (RFC 3168): 1 asks for it, 2 only agrees to it; without it again where the SYN got lost. */
  ecn = 2;
  ecnFallback = 1;
  /** The answer to a SYN has its DSCP; a connection has the mark of its SYN. */
  reflectTos = 0;
  fwmarkAccept = 0;
  /** Per cent of a window a round trip: pacing in slow start, and after it. */
  pacingSsRatio = 200;
  pacingCaRatio = 120;
  /** Packets of a super-packet at least; and the round trip time, as a power of two of microseconds, for which it is halved. */
  minTsoSegs = 2;
  tsoRttLog = 9;
  /** Thin streams do not back off. */
  thinLinearTimeouts = 0;
  /** Microseconds that answers to out-of-window segments of one connection keep apart (tcp_invalid_ratelimit), milliseconds. */
  invalidRatelimit = 500;
  /** Seconds. */
  keepaliveIntvl = 75;
  keepaliveProbes = 9;
  /** Seconds. */
  keepaliveTime = 7200;
  /** Listeners bound to no device have the connections of VRFs, too; what they accept is bound to the VRF. */
  l3mdevAccept = 0;
  maxOrphans = 65_536;
  maxReordering = 300;
  maxSynBacklog = 4096;
  maxTwBuckets = 65_536;
  /** Lowest MSS that path MTU discovery may lead to. */
  minSndMss = 48;
  moderateRcvbuf = 1;
  /** RFC 4821: 1 where packets seem to vanish, 2 always; lowest MSS it goes down to, seconds between two searches, bytes at which one ends. */
  mtuProbing = 0;
  mtuProbeFloor = 48;
  probeInterval = 600;
  probeThreshold = 8;
  /** 1: connections leave nothing to later ones to the same peer, and 1 in the other: no slow start threshold. */
  noMetricsSave = 0;
  noSsthreshMetricsSave = 1;
  /** Bytes not yet sent up to which a socket is writable; 2^32-1: no limit. */
  notsentLowat = 0xffff_ffff;
  orphanRetries = 0;
  /** What ICMP errors do to connections being made, as in Linux, is not switchable; ip_no_pmtu_disc is IPv4's. */
  reordering = DUPACK_THRESHOLD;
  /** What is sent again takes small segments behind it along. */
  retransCollapse = 1;
  retries1 = 3;
  retries2 = 15;
  /** 1: RFC 1337, resets do not end TIME_WAIT. */
  rfc1337 = 0;
  /** min, default, max */
  readonly rmem: [number, number, number] = [4096, 131_072, 6_291_456];
  readonly wmem: [number, number, number] = [4096, 16_384, 4_194_304];
  /** RFC 2861: slow start again after idle. */
  slowStartAfterIdle = 1;
  /** 1: the urgent pointer as RFC 1122 has it. */
  stdurg = 0;
  /** Fast Open (RFC 7413), bits: 1 client, 2 server, 4 and 0x200 without cookies, 0x400 all listeners. */
  fastopen = 1;
  /** Seconds without Fast Open from here once a middlebox seems to swallow it; 0: it is not looked for. */
  fastopenBlackholeTimeout = 0;
  /** What makes its cookies, four words each; null: a random one is made when the first is needed. */
  fastopenKeys: readonly Uint32Array[] | null = null;
  /** 1: cookies where the queue of handshakes is full, 2: always. */
  syncookies = 1;
  synackRetries = 5;
  synRetries = 6;
  /** Data waits for more while less than this part of the window is free, so that super-packets grow (tcp_tso_should_defer()). */
  tsoWinDivisor = 3;
  /** 1: RFC 7323 timestamps with an offset of each connection, 2: without. */
  timestamps = 1;
  /** TIME_WAIT ports for new connections: 0 no, 1 yes, 2 on loopback only. */
  twReuse = 2;
  windowScaling = 1;
  workaroundSignedWindows = 0;
  /** Selective acknowledgement (RFC 2018), and telling of duplicates by it (RFC 2883). */
  sack = 1;
  dsack = 1;
  /** ACKs beyond a hole that may be held back, for how many nanoseconds at most, and how much longer the timer may take. */
  compSackNr = 44;
  compSackDelayNs = 1_000_000;
  compSackSlackNs = 100_000;
  /** 1: a window that was offered may become smaller where memory does. */
  shrinkWindow = 0;
  /** Bits: 1 RACK, 2 its reordering window is fixed, 4 three duplicate ACKs are nothing special. */
  recovery = 1;
  /** 3 or 4: tail loss probes (RFC 8985 7). */
  earlyRetrans = 3;
  /** F-RTO (RFC 5682): anything but 0. */
  frto = 2;
  /** Seconds for which the least round trip time holds. */
  minRttWlen = 300;
  /** What a listener of a SO_REUSEPORT group leaves when it closes goes to another of the group. */
  migrateReq = 0;

  /** What a new namespace has from the first one. Linux: tcp_sk_init() */
  inherit(initial: TcpSettings): void {
    this.congestionControl = initial.congestionControl;
    for (const [i, bytes] of initial.rmem.entries()) this.rmem[i] = bytes;
    for (const [i, bytes] of initial.wmem.entries()) this.wmem[i] = bytes;
  }
}
