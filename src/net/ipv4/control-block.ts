// What the scratch words of a packet buffer mean while IPv4 holds it (IPCB(skb)). Whoever hands a packet to IPv4 leaves them
// as they are: input and output set them before they read them.

/** cb0: IPSKB_* */
export const FORWARDED = 1 << 0;
/** The packet was put together by reassembly; cb1 then holds the length of its largest fragment if that had DF set. */
export const FRAG_COMPLETE = 1 << 1;
/** skb->ignore_df: too long for the way, it is cut although DF may be set. */
export const IGNORE_DF = 1 << 2;
export const REROUTED = 1 << 3;
/** The sender wants no copy of its own multicast (IP_MULTICAST_LOOP off). */
export const NO_MULTICAST_LOOP = 1 << 4;
/** Goes out where it came in, and its sender can be told of the better hop. */
export const DO_REDIRECT = 1 << 5;

// cb2: where the options are, in bytes from the start of the network header; 0: there is none
// bits 0-7 source route, 8-15 record route, 16-23 timestamp, 24-31 router alert
// cb3: what is to be done with them
export const SR_STRICT = 1 << 0;
export const SR_HIT = 1 << 1;
export const RR_NEED_ADDRESS = 1 << 2;
export const TS_NEED_TIME = 1 << 3;
export const TS_NEED_ADDRESS = 1 << 4;
/** The header has options (also where none of them asks for anything). */
export const HAS_OPTIONS = 1 << 5;
