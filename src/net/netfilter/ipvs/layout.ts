// How a connection of IPVS lies in its table: words of 32 bits (struct ip_vs_conn).

export const WORDS = 31;

/** The next one of the same hash; 0: none. */
export const HASH_NEXT = 0;
/** Neighbours in the list of those that are looked at in the same slot of time; slot -1: in none. */
export const TIMER_NEXT = 1;
export const TIMER_PREVIOUS = 2;
export const TIMER_SLOT = 3;
/** When it ends, and how long it is kept after a packet, milliseconds. The first wraps. */
export const EXPIRES = 4;
export const TIMEOUT = 5;
/** Family of client and virtual address | family of the server << 8 | protocol << 16; each AF_* as it is. */
export const KIND = 6;
/** IP_VS_CONN_F_* */
export const FLAGS = 7;
/** Client's port << 16 | virtual port. */
export const PORTS = 8;
/** Server's port << 16 | state << 8 | state that backups were told of. */
export const SERVER = 9;
/** Addresses, four words each; of IPv4 the first. */
export const CLIENT = 10;
export const VIRTUAL = 14;
export const DESTINATION = 18;
/** Number of the real server; 0: none is known. */
export const DEST = 22;
/** The template that it belongs to; 0: none. */
export const CONTROL = 23;
/** Of a template: how many connections belong to it. */
export const CONTROLLED = 24;
/** Packets that came in, for the sync daemon. */
export const PACKETS = 25;
export const FWMARK = 26;
export const HASH = 27;
/** When it will end by what backups were told last, milliseconds (wraps); in the two lowest bits how often it was told again. */
export const SYNCED = 28;
/** Number of the application that looks at it, 0: none; from bit 8 on what that remembers. */
export const APPLICATION = 29;
/** 0: free. */
export const USED = 30;

/** Its packets that come in are known to be answered (ip_vs_control_assure_ct()): of a template "ASSURED". */
export const TEMPLATE_ASSURED = 1;
