import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { MulticastContext } from './context.js';
import { setQuerier } from './querier.js';

/** A query a second at most. Linux: BR_MULTICAST_QUERY_INTVL_MIN */
const LEAST_QUERY_INTERVAL = 100;

/** What can be set of a bridge's snooping, and of one VLAN's. Times in clock ticks of 10 ms. */
export interface MulticastSettings {
  readonly querier?: number | undefined;
  readonly igmpVersion?: number | undefined;
  readonly mldVersion?: number | undefined;
  readonly lastMemberCount?: number | undefined;
  readonly startupQueryCount?: number | undefined;
  readonly lastMemberInterval?: number | undefined;
  readonly membershipInterval?: number | undefined;
  readonly querierInterval?: number | undefined;
  readonly queryInterval?: number | undefined;
  readonly queryResponseInterval?: number | undefined;
  readonly startupQueryInterval?: number | undefined;
}

/** EINVAL for a version that there is not; what stands before it in this order is done then, as in Linux. */
export function changeMulticast(context: MulticastContext, settings: MulticastSettings): void {
  if (settings.querier !== undefined) setQuerier(context, settings.querier !== 0);
  for (const key of ['lastMemberCount', 'startupQueryCount', 'lastMemberInterval', 'membershipInterval', 'querierInterval'] as const) {
    const value = settings[key];
    if (value !== undefined) context[key] = value;
  }
  if (settings.queryResponseInterval !== undefined) context.queryResponseInterval = settings.queryResponseInterval;
  for (const key of ['queryInterval', 'startupQueryInterval'] as const) {
    const value = settings[key];
    if (value !== undefined) context[key] = Math.max(value, LEAST_QUERY_INTERVAL);
  }
  if (settings.igmpVersion !== undefined) context.igmpVersion = oneOf(settings.igmpVersion, 2, 3);
  if (settings.mldVersion !== undefined) context.mldVersion = oneOf(settings.mldVersion, 1, 2);
}

const oneOf = (value: number, a: number, b: number): number => (value === a || value === b ? value : fail(EINVAL));
