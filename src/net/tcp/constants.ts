// States: net/tcp_states.h; the numbers are what /proc/net/tcp, tcp_info and sock_diag show.
export const TCP_ESTABLISHED = 1;
export const TCP_SYN_SENT = 2;
export const TCP_SYN_RECV = 3;
export const TCP_FIN_WAIT1 = 4;
export const TCP_FIN_WAIT2 = 5;
export const TCP_TIME_WAIT = 6;
export const TCP_CLOSE = 7;
export const TCP_CLOSE_WAIT = 8;
export const TCP_LAST_ACK = 9;
export const TCP_LISTEN = 10;
export const TCP_CLOSING = 11;
export const TCP_NEW_SYN_RECV = 12;

export const STATE_NAMES: readonly string[] = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** A bit a state, to ask for several at once: `1 << state & SOME`. */
export const HANDSHAKE_STATES = (1 << TCP_SYN_SENT) | (1 << TCP_SYN_RECV);
export const CONNECTED_STATES = (1 << TCP_ESTABLISHED) | (1 << TCP_CLOSE_WAIT);

/** Whether `state` is one of the bits in `states`. */
export const inState = (state: number, states: number): boolean => ((1 << state) & states) !== 0;

// Recovery states (icsk_ca_state), linux/tcp.h
export const CA_OPEN = 0;
export const CA_DISORDER = 1;
export const CA_CWR = 2;
export const CA_RECOVERY = 3;
export const CA_LOSS = 4;

// Times of Linux, net/tcp.h, in microseconds.
/** TCP_TIMEOUT_MIN: two jiffies. */
export const TIMEOUT_MIN_US = 8000;
export const RTO_MIN_US = 200_000;
export const RTO_MAX_US = 120_000_000;
/** RFC 6298 2.1 */
export const TIMEOUT_INIT_US = 1_000_000;
/** RFC 6298 5.7: where the SYN had to be sent again. */
export const TIMEOUT_FALLBACK_US = 3_000_000;
export const DELACK_MIN_US = 40_000;
export const DELACK_MAX_US = 200_000;
export const ATO_MIN_US = 40_000;
export const TIMEWAIT_US = 60_000_000;
/** What a probe waits that could not be sent for lack of memory (TCP_RESOURCE_PROBE_INTERVAL). */
export const RESOURCE_PROBE_US = 500_000;
/** A timestamp this old no longer protects (24 days, RFC 7323 5.5). */
export const PAWS_24_DAYS_S = 60 * 60 * 24 * 24;
/** RFC 7323 5.3, and seconds that a wrapped comparison must be beyond before it counts. */
export const PAWS_WINDOW = 1;
export const PAWS_MSL_S = 60;

export const INIT_CWND = 10;
/** IW after a SYN had to be repeated, RFC 6298 5.7 and Linux. */
export const RESTART_CWND_AFTER_SYN_LOSS = 1;
export const INFINITE_SSTHRESH = 0x7fff_ffff;
export const MSS_DEFAULT = 536;
/** The least MSS that TCP_MAXSEG takes (TCP_MIN_MSS). */
export const MIN_MSS = 88;
export const MAX_WINDOW = 32_767;
/** RFC 7323 2.3 */
export const MAX_WSCALE = 14;
/** Header options that Linux has at most in data segments: timestamps, padded. */
export const TIMESTAMPS_ALIGNED = 12;
export const MAX_QUICKACKS = 16;
/** Linux: TCP_FASTRETRANS_THRESH */
export const DUPACK_THRESHOLD = 3;
/** What Linux adds to a segment's bytes for headers when it sizes send buffers (MAX_TCP_HEADER, skb and shared info). */
export const SEGMENT_OVERHEAD = 320 + 576;

// Options of level SOL_TCP, linux/tcp.h
export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_CORK = 3;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_SYNCNT = 7;
export const TCP_LINGER2 = 8;
export const TCP_DEFER_ACCEPT = 9;
export const TCP_WINDOW_CLAMP = 10;
export const TCP_INFO = 11;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_MD5SIG = 14;
export const TCP_THIN_LINEAR_TIMEOUTS = 16;
export const TCP_THIN_DUPACK = 17;
export const TCP_USER_TIMEOUT = 18;
export const TCP_FASTOPEN = 23;
export const TCP_TIMESTAMP = 24;
export const TCP_NOTSENT_LOWAT = 25;
export const TCP_CC_INFO = 26;
export const TCP_SAVE_SYN = 27;
export const TCP_SAVED_SYN = 28;
export const TCP_FASTOPEN_CONNECT = 30;
export const TCP_ULP = 31;
export const TCP_MD5SIG_EXT = 32;
export const TCP_FASTOPEN_KEY = 33;
export const TCP_FASTOPEN_NO_COOKIE = 34;
export const TCP_ZEROCOPY_RECEIVE = 35;
export const TCP_INQ = 36;
export const TCP_TX_DELAY = 37;

export const MSG_OOB = 0x01;
export const MSG_FASTOPEN = 0x2000_0000;
export const MSG_WAITALL = 0x100;

// Route types, linux/rtnetlink.h
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
