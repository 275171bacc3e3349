/** The `ethtool` command, for launchers, the command worker and in-process instances. */
export { ethtool as command } from './ethtool.js';
