/** What a rule wants a connection's source or destination to become (struct nf_nat_range2). Kept and filled anew. */
export class NatRange {
  /** NF_NAT_RANGE_* */
  flags = 0;
  readonly minAddress = new Uint32Array(4);
  readonly maxAddress = new Uint32Array(4);
  minPort = 0;
  maxPort = 0;
  /** With NF_NAT_RANGE_PROTO_OFFSET: what is counted from. */
  basePort = 0;

  reset(): this {
    this.flags = 0;
    this.minAddress.fill(0);
    this.maxAddress.fill(0);
    this.minPort = 0;
    this.maxPort = 0;
    this.basePort = 0;
    return this;
  }
}

// enum nf_nat_manip_type
export const SOURCE = 0;
export const DESTINATION = 1;
