/** The `sysctl` command, for launchers, the command worker and in-process instances. */
export { sysctl as command } from './sysctl.js';
