/** Counters of IGMP and MLD, each received and sent (struct br_mcast_stats), in the order of that structure. */
export const multicastCounters = [
  'igmpV1Queries',
  'igmpV2Queries',
  'igmpV3Queries',
  'igmpLeaves',
  'igmpV1Reports',
  'igmpV2Reports',
  'igmpV3Reports',
  'igmpParseErrors',
  'mldV1Queries',
  'mldV2Queries',
  'mldLeaves',
  'mldV1Reports',
  'mldV2Reports',
  'mldParseErrors',
] as const;
export type MulticastCounter = (typeof multicastCounters)[number];

/** At a port, or at the host's own place in the bridge. */
export class MulticastStatistics {
  readonly received: Record<MulticastCounter, number> = zeros();
  readonly sent: Record<MulticastCounter, number> = zeros();
}

const zeros = (): Record<MulticastCounter, number> => ({
  igmpV1Queries: 0,
  igmpV2Queries: 0,
  igmpV3Queries: 0,
  igmpLeaves: 0,
  igmpV1Reports: 0,
  igmpV2Reports: 0,
  igmpV3Reports: 0,
  igmpParseErrors: 0,
  mldV1Queries: 0,
  mldV2Queries: 0,
  mldLeaves: 0,
  mldV1Reports: 0,
  mldV2Reports: 0,
  mldParseErrors: 0,
});
