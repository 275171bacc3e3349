/** The `bridge` command, for launchers, the command worker and in-process instances. */
export { bridge as command } from './bridge.js';
