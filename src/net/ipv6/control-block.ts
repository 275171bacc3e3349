// What the scratch words of a packet buffer mean while IPv6 holds it (IP6CB(skb)).

/** cb0: IP6SKB_* */
export const FORWARDED = 1 << 0;
/** The packet was put together by reassembly; cb1 then holds the length of its largest fragment. */
export const FRAG_COMPLETE = 1 << 1;
/** skb->ignore_df: too long for the way, it is cut here. */
export const IGNORE_DF = 1 << 2;
/** Router alert for MLD. */
export const ROUTER_ALERT = 1 << 3;
/** The sender wants no copy of its own multicast (IPV6_MULTICAST_LOOP off). */
export const NO_MULTICAST_LOOP = 1 << 4;

// cb2: where the "next header" number of what follows stands, from the start of the network header (IP6CB->nhoff)
// cb3: bytes of the network header with all its extensions that were read (where the transport begins)
