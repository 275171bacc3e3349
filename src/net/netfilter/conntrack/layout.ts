// How a connection lies in its table: words of 32 bits. Tuples of both directions, then what tracking needs to know.

export const WORDS = 64;

// enum ip_conntrack_status, linux/netfilter/nf_conntrack_common.h
export const STATUS = 0;
/** Packets that refer to it, and the table while it is in there. */
export const REFERENCES = 1;
export const NAMESPACE = 2;
/** NFPROTO_* << 8 | transport protocol. */
export const PROTOCOL = 3;
/** Zone's number | directions it counts for << 16. */
export const ZONE = 4;
export const MARK = 5;
/** When it ends, milliseconds of the stack's clock (wraps). While it is not confirmed: for how long it will be kept. */
export const EXPIRES = 6;
/** Events that nobody was told of yet, a bit each. */
export const EVENTS = 7;
/** Source and destination, four words each: original, then reply. */
export const ORIGINAL = 8;
export const REPLY = 16;
/** Source port << 16 | destination port; of ICMP the id, and type << 8 | code. */
export const ORIGINAL_PORTS = 24;
export const REPLY_PORTS = 25;
/** Of masqueraded connections: the device they left by. */
export const MASQUERADE_IFINDEX = 26;
/** Number of the connection that it was expected by; 0: none. */
export const MASTER = 27;
/** TCP's state, or what the protocol keeps; then the last packet's. */
export const STATE = 28;
export const TCP_LAST = 29;
/** Of each direction: end, maxend, maxwin, flags | scale << 8. */
export const TCP_SENT = 30;
export const TCP_DIRECTION_WORDS = 4;
export const TCP_LAST_SEQ = 38;
export const TCP_LAST_END = 40;
export const TCP_LAST_WINDOW = 41;
/** Security mark (LSM); nothing here gives it a meaning. */
export const SECMARK = 62;
/** UDP: when it counts as a stream, milliseconds. */
export const STREAM_AT = 30;
/** Packets and bytes of each direction, two words each: original packets, original bytes, reply packets, reply bytes. */
export const COUNTERS = 42;
/** When it began and ended, milliseconds since 1970, two words each. */
export const STARTED = 50;
export const STOPPED = 52;
/** 128 bits, the lowest first. */
export const LABELS = 54;
/** Number of the helper that looks at it (0: none) | number of the policy that its timeouts go by (0: the sysctls) << 16. */
export const HELPER = 58;
/** Events that are told of, a bit each; 0: all. */
export const EVENT_MASK = 59;
/** The highest acknowledgment of each direction. */
export const TCP_MAX_ACK = 61;
/** Its number as users see it (CTA_ID). */
export const ID = 60;

export const IPS_EXPECTED = 1 << 0;
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_CONFIRMED = 1 << 3;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;
export const IPS_NAT_MASK = IPS_SRC_NAT | IPS_DST_NAT;
export const IPS_SEQ_ADJUST = 1 << 6;
export const IPS_SRC_NAT_DONE = 1 << 7;
export const IPS_DST_NAT_DONE = 1 << 8;
export const IPS_DYING = 1 << 9;
export const IPS_FIXED_TIMEOUT = 1 << 10;
export const IPS_TEMPLATE = 1 << 11;
export const IPS_UNTRACKED = 1 << 12;
export const IPS_HELPER = 1 << 13;
export const IPS_OFFLOAD = 1 << 14;
export const IPS_HW_OFFLOAD = 1 << 15;
/** What users cannot change. */
export const IPS_UNCHANGEABLE_MASK =
  IPS_NAT_MASK |
  IPS_SRC_NAT_DONE |
  IPS_DST_NAT_DONE |
  IPS_EXPECTED |
  IPS_CONFIRMED |
  IPS_DYING |
  IPS_SEQ_ADJUST |
  IPS_TEMPLATE |
  IPS_OFFLOAD;

// enum ip_conntrack_info
export const IP_CT_ESTABLISHED = 0;
export const IP_CT_RELATED = 1;
export const IP_CT_NEW = 2;
export const IP_CT_IS_REPLY = 3;
export const IP_CT_ESTABLISHED_REPLY = 3;
export const IP_CT_RELATED_REPLY = 4;
export const IP_CT_UNTRACKED = 7;

/** 0 original, 1 reply. Linux: CTINFO2DIR() */
export const directionOf = (info: number): number => (info >= IP_CT_IS_REPLY ? 1 : 0);

// enum ip_conntrack_events
export const IPCT_NEW = 0;
export const IPCT_RELATED = 1;
export const IPCT_DESTROY = 2;
export const IPCT_REPLY = 3;
export const IPCT_ASSURED = 4;
export const IPCT_PROTOINFO = 5;
export const IPCT_HELPER = 6;
export const IPCT_MARK = 7;
export const IPCT_SEQADJ = 8;
export const IPCT_SECMARK = 9;
export const IPCT_LABEL = 10;

export const ZONE_BOTH = 3;

// A packet that is not tracked yet says how it is to be (PacketBuffer.conntrackZone): zone | its directions << 16 | helper << 20.
export const TEMPLATE_ZONE_MASK = 0xf_ffff;
export const TEMPLATE_HELPER_SHIFT = 20;
