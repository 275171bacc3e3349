// skb->ndisc_nodetype: what a link that knows its routers (ISATAP) says of the sender of a packet.
export const NODE_UNSPECIFIED = 0;
/** A host: it advertises and redirects nothing. */
export const NODE_HOST = 1;
/** A router that is none for everything. */
export const NODE_ROUTER = 2;
export const NODE_DEFAULT_ROUTER = 3;
