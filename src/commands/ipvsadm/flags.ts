import { IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2, IP_VS_SVC_F_SCHED3 } from '../../netlink/genl/ip-vs.js';
import { refusal } from './words.js';

interface SchedulerFlag {
  readonly name: string;
  readonly bit: number;
  /** The scheduler that calls it so; left out: any that has no names of its own. */
  readonly scheduler?: string;
}

const flags: readonly SchedulerFlag[] = [
  { name: 'flag-1', bit: IP_VS_SVC_F_SCHED1 },
  { name: 'flag-2', bit: IP_VS_SVC_F_SCHED2 },
  { name: 'flag-3', bit: IP_VS_SVC_F_SCHED3 },
  { name: 'sh-fallback', bit: IP_VS_SVC_F_SCHED1, scheduler: 'sh' },
  { name: 'sh-port', bit: IP_VS_SVC_F_SCHED2, scheduler: 'sh' },
  { name: 'mh-fallback', bit: IP_VS_SVC_F_SCHED1, scheduler: 'mh' },
  { name: 'mh-port', bit: IP_VS_SVC_F_SCHED2, scheduler: 'mh' },
];
const ALL = IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3;

/** The bits of names parted by commas. */
export function parseFlags(text: string, scheduler: string): number {
  let bits = 0;
  for (const name of text.split(',')) {
    if (name === '') continue;
    const flag = flags.find((known) => known.name === name);
    if (flag === undefined) throw refusal(`invalid scheduler flag \`${name}'`);
    if (flag.scheduler !== undefined && flag.scheduler !== scheduler) throw refusal(`incompatible scheduler flag \`${name}'`);
    bits |= flag.bit;
  }
  return bits;
}

/** The names of what is set, parted by commas; undefined: nothing is. */
export function formatFlags(bits: number, scheduler: string): string | undefined {
  if ((bits & ALL) === 0) return undefined;
  const own = flags.filter((flag) => flag.scheduler === scheduler);
  const names = own.length > 0 ? own : flags.filter((flag) => flag.scheduler === undefined);
  return names
    .filter(({ bit }) => (bits & bit) !== 0)
    .map(({ name }) => name)
    .join(',');
}
