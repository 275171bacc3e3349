/** The `netstat` command, for launchers, the command worker and in-process instances. */
export { netstat as command } from './netstat.js';
