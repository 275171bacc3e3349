import { sameMetadata, type TunnelMetadata } from './tunnel-metadata.js';

/** How packets that go by a route are wrapped (struct lwtunnel_state). */
export interface Encapsulation {
  /** LWTUNNEL_ENCAP_* */
  readonly type: number;
  /** What the tunnel device that the route leads to writes outside. */
  readonly metadata: TunnelMetadata;
}

/** Null: none. Linux: lwtunnel_cmp_encap() */
export function sameEncapsulation(a: Encapsulation | null, b: Encapsulation | null): boolean {
  if (a === null || b === null) return a === b;
  return a.type === b.type && sameMetadata(a.metadata, b.metadata);
}
