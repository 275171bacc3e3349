import {
  RTAX_FEATURE_ECN,
  RTM_F_NOTIFY,
  RTM_F_OFFLOAD,
  RTM_F_OFFLOAD_FAILED,
  RTM_F_TRAP,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RTNH_F_TRAP,
  RTNH_F_UNRESOLVED,
} from '../../../netlink/rtnl/constants.js';
import type { RouteMetrics } from '../../../netlink/rtnl/route.js';
import type { Printer } from '../../shared/printer.js';
import type { IpContext } from '../context.js';

const flagNames: readonly (readonly [mask: number, name: string])[] = [
  [RTNH_F_DEAD, 'dead'],
  [RTNH_F_ONLINK, 'onlink'],
  [RTNH_F_PERVASIVE, 'pervasive'],
  [RTNH_F_OFFLOAD, 'offload'],
  [RTNH_F_TRAP, 'trap'],
  [RTM_F_NOTIFY, 'notify'],
  [RTNH_F_LINKDOWN, 'linkdown'],
  [RTNH_F_UNRESOLVED, 'unresolved'],
  [RTM_F_OFFLOAD, 'rt_offload'],
  [RTM_F_TRAP, 'rt_trap'],
  [RTM_F_OFFLOAD_FAILED, 'rt_offload_failed'],
];

/** Flags of a route, or of one of its next hops. */
export function printFlags(out: Printer, flags: number): void {
  out.openArray('flags');
  for (const [mask, name] of flagNames) if ((flags & mask) !== 0) out.field(null, name, `${name} `);
  out.closeArray();
}

/** RTA_FLOW: the realm that packets come from in the upper half, the one they go to in the lower. */
export function printRealms({ out, names }: IpContext, flow: number): void {
  const to = names.text('rt_realms', flow & 0xffff);
  const from = flow >>> 16;
  out.openObject('flow');
  if (from !== 0) {
    const name = names.text('rt_realms', from);
    out.field('from', name, `realms ${name}/`);
    out.field('to', to, `${to} `);
  } else out.field('to', to, `realm ${to} `);
  out.closeObject();
}

// RTAX_* by number, from RTAX_MTU on.
const metricOrder = [
  ['mtu', 'mtu', 2],
  ['window', 'window', 3],
  ['rtt', 'rtt', 4],
  ['rttvar', 'rttvar', 5],
  ['ssthresh', 'ssthresh', 6],
  ['cwnd', 'cwnd', 7],
  ['advmss', 'advmss', 8],
  ['reordering', 'reordering', 9],
  ['hoplimit', 'hoplimit', 10],
  ['initcwnd', 'initcwnd', 11],
  ['features', 'features', 12],
  ['rtoMin', 'rto_min', 13],
  ['initrwnd', 'initrwnd', 14],
  ['quickack', 'quickack', 15],
  ['ccAlgo', 'congctl', 16],
  ['fastopenNoCookie', 'fastopen_no_cookie', 17],
] as const;

/** `mtu lock 1400 rtt 100ms ...`: in the order of their numbers. */
export function printMetrics(out: Printer, metrics: RouteMetrics): void {
  const locked = metrics.lock ?? 0;
  out.openArray('metrics');
  out.openObject();
  for (const [key, name, number] of metricOrder) {
    const value = metrics[key];
    if (value === undefined) continue;
    printMetric(out, key, name, value, (locked & (1 << number)) !== 0);
  }
  out.closeObject();
  out.closeArray();
}

function printMetric(out: Printer, key: string, name: string, value: number | string, lock: boolean): void {
  const word = lock ? `${name} lock` : name;
  if (typeof value === 'string') out.field('congestion', value, `${word} ${value} `);
  else if (key === 'features') printFeatures(out, word, value);
  else if (key === 'rtt') milliseconds(out, name, word, value / 8);
  else if (key === 'rttvar') milliseconds(out, name, word, value / 4);
  else if (key === 'rtoMin') milliseconds(out, name, word, value);
  else if (key === 'hoplimit' && value === 0xffffffff) out.field(name, 0, `${word} 0 `);
  else out.field(name, value, `${word} ${value} `);
}

function printFeatures(out: Printer, word: string, value: number): void {
  const ecn = (value & RTAX_FEATURE_ECN) !== 0;
  const rest = value & ~RTAX_FEATURE_ECN;
  out.text(`${word} `);
  if (ecn) out.field('ecn', null, 'ecn ');
  if (rest !== 0) out.field('features', `0x${rest.toString(16)}`, `0x${rest.toString(16)} `);
}

function milliseconds(out: Printer, name: string, word: string, value: number): void {
  const whole = Math.floor(value);
  out.field(name, whole, whole >= 1000 ? `${word} ${whole / 1000}s ` : `${word} ${whole}ms `);
}
