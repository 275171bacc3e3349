import { ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { CoreSettings } from '../../net/core/core-settings.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { NOT_NEGATIVE, SWITCH, setting } from './values.js';

/** Linux: SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF */
const RECEIVE = { min: 2304 };
const SEND = { min: 4608 };

/** /proc/sys/net/core: a namespace's own, and in the initial one what all share. */
export const coreSysctls: SysctlGroup = (namespace, below) => {
  if (!concerns('net/core', below)) return [];
  const own = [
    setting('net/core/somaxconn', namespace.core, 'somaxconn', NOT_NEGATIVE),
    setting('net/core/txrehash', namespace.core, 'txrehash', SWITCH),
  ];
  const { stack } = namespace;
  if (namespace !== stack.initial) return own;
  const { settings } = stack;
  return [
    ...own,
    defaultQdisc(settings),
    setting('net/core/devconf_inherit_init_net', settings, 'devconfInheritInitNet', { min: 0, max: 3 }),
    setting('net/core/fb_tunnels_only_for_init_net', settings, 'fbTunnelsOnlyForInitNet', { min: 0, max: 2 }),
    setting('net/core/mem_pcpu_rsv', stack.memoryReserve, 'pages', { min: 256 }),
    setting('net/core/message_burst', settings, 'messageBurst'),
    setting('net/core/message_cost', settings, 'messageCost', NOT_NEGATIVE),
    setting('net/core/netdev_budget', settings, 'netdevBudget'),
    setting('net/core/netdev_max_backlog', settings, 'netdevMaxBacklog'),
    setting('net/core/optmem_max', settings, 'optmemMax'),
    setting('net/core/rmem_default', settings, 'rmemDefault', RECEIVE),
    setting('net/core/rmem_max', settings, 'rmemMax', RECEIVE),
    setting('net/core/tstamp_allow_data', settings, 'tstampAllowData', SWITCH),
    setting('net/core/wmem_default', settings, 'wmemDefault', SEND),
    setting('net/core/wmem_max', settings, 'wmemMax', SEND),
  ];
};

/** Queueing disciplines that Debian's Linux 6.1 has: sch_*.ko and what is built in. */
const QDISCS: ReadonlySet<string> = new Set(
  'bfifo cake cbq cbs choke codel drr dsmark etf ets fq fq_codel fq_pie gred hfsc hhf htb ingress clsact mq mqprio multiq netem noqueue pfifo pfifo_fast pfifo_head_drop pie plug prio qfq red sfb sfq skbprio taprio tbf teql0'.split(
    ' ',
  ),
);

// Linux: set_default_qdisc()
function defaultQdisc(settings: CoreSettings): Sysctl {
  return {
    path: 'net/core/default_qdisc',
    read: () => settings.defaultQdisc,
    write(text) {
      const name = text.trim().slice(0, 15);
      settings.defaultQdisc = QDISCS.has(name) ? name : fail(ENOENT);
    },
  };
}
