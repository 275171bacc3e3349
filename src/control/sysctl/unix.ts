import { concerns, type SysctlGroup } from './sysctl.js';
import { setting } from './values.js';

/** /proc/sys/net/unix of a namespace. */
export const unixSysctls: SysctlGroup = (namespace, below) =>
  concerns('net/unix', below) ? [setting('net/unix/max_dgram_qlen', namespace.unix, 'maxDgramQlen')] : [];
