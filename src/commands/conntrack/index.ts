/** The `conntrack` command, for launchers, the command worker and in-process instances. */
export { conntrack as command } from './conntrack.js';
