/** Counters of IGMP and MLD, each received and sent. */
export type MulticastCounter = keyof ReturnType<typeof zeros>;

/** At a port, or at the host's own place in the bridge. */
export class MulticastStatistics {
  readonly received = zeros();
  readonly sent = zeros();
}

const zeros = () => ({
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
