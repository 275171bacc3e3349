import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { congestionByName } from '../../../net/tcp/congestion/registry.js';
import { RTAX_ADVMSS, RTAX_FEATURES, RTAX_HOPLIMIT, RTAX_MTU } from '../../../netlink/rtnl/constants.js';
import { type RouteMetrics, routeMetrics } from '../../../netlink/rtnl/route.js';

/** One word a RTAX_*, the first unused; RTAX_FASTOPEN_NO_COOKIE is the last. */
const WORDS = 18;
/** ECN, SACK, TIMESTAMP, ALLFRAG */
const FEATURES = 0xf;
const MAX_MTU = 65_535 - 15;
const MAX_ADVMSS = 65_535 - 40;
const MAX_HOPLIMIT = 255;

/** Which word of the metrics an attribute is. */
const wordOf = (key: keyof RouteMetrics): number => routeMetrics.shape[key].type;

/** RTA_METRICS as the stack keeps them: by RTAX_*; null where there are none. Linux: ip_metrics_convert() */
export function metricWords(metrics: RouteMetrics | undefined): Uint32Array | null {
  if (metrics === undefined) return null;
  const words = new Uint32Array(WORDS);
  for (const key of Object.keys(metrics) as (keyof RouteMetrics)[]) {
    const value = metrics[key];
    if (typeof value === 'number') words[wordOf(key)] = value;
  }
  words[RTAX_ADVMSS] = Math.min(words[RTAX_ADVMSS]!, MAX_ADVMSS);
  words[RTAX_MTU] = Math.min(words[RTAX_MTU]!, MAX_MTU);
  words[RTAX_HOPLIMIT] = Math.min(words[RTAX_HOPLIMIT]!, MAX_HOPLIMIT);
  if ((words[RTAX_FEATURES]! & ~FEATURES) !== 0) fail(EINVAL, 'Unknown flag set in feature mask in metrics attribute');
  return words;
}

/** RTAX_CC_ALGO, "" where there is none. EINVAL: nobody knows it. */
export function congestionOf(name: string | undefined): string {
  if (name === undefined || name === '') return '';
  if (congestionByName(name) === undefined) fail(EINVAL, 'Unknown tcp congestion algorithm');
  return name;
}

/** RTA_METRICS of an answer: what is not 0; undefined when nothing is. Linux: rtnetlink_put_metrics() */
export function describeMetrics(words: Uint32Array | null, congestionControl: string, pathMtu = 0): RouteMetrics | undefined {
  const values: Record<string, number | string> = {};
  for (const key of Object.keys(routeMetrics.shape) as (keyof RouteMetrics)[]) {
    const word = words?.[wordOf(key)] ?? 0;
    if (key === 'ccAlgo') {
      if (congestionControl !== '') values[key] = congestionControl;
    } else if (key === 'mtu' && pathMtu !== 0) values[key] = pathMtu;
    else if (word !== 0) values[key] = word;
  }
  return Object.keys(values).length === 0 ? undefined : (values as RouteMetrics);
}
