import { type SysctlGroup, setting } from './sysctl.js';

/** Linux: SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF */
const RECEIVE = { min: 2304 };
const SEND = { min: 4608 };

/** /proc/sys/net/core: a namespace's own, and in the initial one what all share. */
export const coreSysctls: SysctlGroup = (namespace) => {
  const own = [setting('net/core/somaxconn', namespace.core, 'somaxconn', { min: 0 })];
  const { stack } = namespace;
  if (namespace !== stack.initial) return own;
  return [
    ...own,
    setting('net/core/netdev_budget', stack.settings, 'netdevBudget'),
    setting('net/core/netdev_max_backlog', stack.settings, 'netdevMaxBacklog'),
    setting('net/core/rmem_default', stack.settings, 'rmemDefault', RECEIVE),
    setting('net/core/rmem_max', stack.settings, 'rmemMax', RECEIVE),
    setting('net/core/wmem_default', stack.settings, 'wmemDefault', SEND),
    setting('net/core/wmem_max', stack.settings, 'wmemMax', SEND),
  ];
};
