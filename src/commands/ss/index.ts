/** The `ss` command, for launchers, the command worker and in-process instances. */
export { ss as command } from './ss.js';
