import { EDOM, EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { dayOfWeek, secondsOfDay } from '../../nf_tables/expressions/meta-time.js';
import type { Match } from '../extension.js';

// linux/netfilter/xt_time.h: u32 date start, date stop (s since 1970) | u32 daytime start, stop (s) | u32 days of the month | u8 weekdays | u8 flags

const XT_TIME_LOCAL_TZ = 1;
const XT_TIME_CONTIGUOUS = 2;
const XT_TIME_MAX_DAYTIME = 24 * 60 * 60 - 1;
const XT_TIME_ALL_MONTHDAYS = 0xffff_fffe;
const US_PER_SECOND = 1_000_000;
const US_PER_DAY = 86_400 * US_PER_SECOND;
const SUNDAY = 7;

/** `-m time --timestart 08:00 --timestop 17:00 --weekdays Mon,Tue --monthdays 1`. The zone of the kernel is UTC. Linux: time_mt() */
export const time: Match = {
  name: 'time',
  bytes: [24],
  make(info, _revision, { namespace: { stack } }) {
    const [first, last, from, to, monthdays] = [info.u32(0), info.u32(4), info.u32(8), info.u32(12), info.u32(16)];
    const weekdays = info.u8(20);
    const flags = info.u8(21);
    if (from > XT_TIME_MAX_DAYTIME || to > XT_TIME_MAX_DAYTIME) return fail(EDOM);
    if ((flags & ~(XT_TIME_LOCAL_TZ | XT_TIME_CONTIGUOUS)) !== 0) return fail(EINVAL);
    const contiguous = (flags & XT_TIME_CONTIGUOUS) !== 0;
    if (contiguous && from < to) return fail(EINVAL);
    return () => {
      let now = stack.clock.wallUs();
      const seconds = Math.floor(now / US_PER_SECOND);
      if (seconds < first || seconds > last) return false;
      const daytime = secondsOfDay(now);
      if (from < to) {
        if (daytime < from || daytime > to) return false;
      } else {
        if (daytime < from && daytime > to) return false;
        // Past midnight it is still the day on which it began.
        if (contiguous && daytime <= to) now -= US_PER_DAY;
      }
      if ((weekdays & (1 << (dayOfWeek(now) || SUNDAY))) === 0) return false;
      return monthdays === XT_TIME_ALL_MONTHDAYS || (monthdays & (1 << new Date(now / 1000).getUTCDate())) !== 0;
    };
  },
};
