import { type SysctlGroup, setting } from './sysctl.js';

/** /proc/sys/net/core: what is a namespace's own. */
export const coreSysctls: SysctlGroup = ({ core }) => [setting('net/core/somaxconn', core, 'somaxconn', { min: 0 })];
