// Explicit congestion notification through tunnels: RFC 6040 (and RFC 3168 9.1), as Linux's net/inet_ecn.h has it.

export const ECN_MASK = 3;
const NOT_ECT = 0;
const ECT_1 = 1;
const ECT_0 = 2;
const CE = 3;

/** The outer TOS: `tos` with the inner header's ECN; congestion that the inner header knows already is not said twice. Linux: INET_ECN_encapsulate() */
export function ecnEncapsulate(tos: number, inner: number): number {
  const ecn = inner & ECN_MASK;
  return (tos & ~ECN_MASK) | (ecn === CE ? ECT_0 : ecn);
}

/** What the inner header becomes: as it was. */
export const ECN_KEEP = 0;
/** Congestion was experienced in the tunnel: the inner header says so. */
export const ECN_SET_CE = 1;
/** ECT(1) came out of the tunnel: RFC 6040 4.2. */
export const ECN_SET_ECT1 = 2;
/** Congestion was experienced, and the inner header cannot say so: the packet is dropped. */
export const ECN_DROP = 3;

/** Linux: __INET_ECN_decapsulate() */
export function ecnDecapsulate(outer: number, inner: number): number {
  const from = outer & ECN_MASK;
  const to = inner & ECN_MASK;
  if (to === NOT_ECT) return from === CE ? ECN_DROP : ECN_KEEP;
  if (from === CE) return ECN_SET_CE;
  return from === ECT_1 && to === ECT_0 ? ECN_SET_ECT1 : ECN_KEEP;
}
