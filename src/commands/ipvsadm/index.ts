/** The `ipvsadm` command, for launchers, the command worker and in-process instances. */
export { ipvsadm as command } from './ipvsadm.js';
