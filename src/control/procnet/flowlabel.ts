import type { ProcNetView } from './view.js';

/** /proc/net/ip6_flowlabel: nobody holds a label, as IPV6_FLOWLABEL_MGR gives none. Linux: ip6fl_seq_show() */
export const ip6Flowlabel: ProcNetView = {
  path: 'ip6_flowlabel',
  text: () => 'Label S Owner  Users  Linger Expires  Dst                              Opt\n',
};
