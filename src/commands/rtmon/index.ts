/** The `rtmon` command, for launchers, the command worker and in-process instances. */
export { rtmon as command } from './rtmon.js';
