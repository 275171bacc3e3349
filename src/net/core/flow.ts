/**
 * What a route lookup decides by (Linux's struct flowi4 and flowi6 in one). Reused, never allocated per packet; reset() before
 * filling. IPv4 addresses are u32 numbers, IPv6 addresses four u32 each.
 */
export class Flow {
  /** Interface it must leave by (socket bound to a device); 0: any. */
  oif = 0;
  /** Interface it came in by; 0: made here (then the loopback's index counts for rules). */
  iif = 0;
  /** The VRF that it enters or leaves by (flowi_l3mdev); 0: none, or not looked for yet. */
  l3Domain = 0;
  mark = 0;
  tos = 0;
  /** RT_SCOPE_* the destination must have; RT_SCOPE_UNIVERSE for any. */
  scope = 0;
  protocol = 0;
  uid = 0;
  /** The source need not be an address of this host (FLOWI_FLAG_ANYSRC). */
  anySource = false;
  source = 0;
  destination = 0;
  sourcePort = 0;
  destinationPort = 0;
  readonly source6 = new Uint32Array(4);
  readonly destination6 = new Uint32Array(4);

  reset(): this {
    this.oif = 0;
    this.iif = 0;
    this.l3Domain = 0;
    this.mark = 0;
    this.tos = 0;
    this.scope = 0;
    this.protocol = 0;
    this.uid = 0;
    this.anySource = false;
    this.source = 0;
    this.destination = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    return this;
  }
}
