/** The `nstat` command, for launchers, the command worker and in-process instances. */
export { nstat as command } from './nstat.js';
