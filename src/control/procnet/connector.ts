import type { ProcNetView } from './view.js';

/** /proc/net/connector: who is served by the kernel connector, of the first namespace alone: events of processes. Linux: cn_proc_show() */
export const connector: ProcNetView = {
  path: 'connector',
  there: (namespace) => namespace === namespace.stack.initial,
  text: () => 'Name            ID\ncn_proc         1:1\n',
};
