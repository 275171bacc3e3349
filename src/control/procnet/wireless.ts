import type { ProcNetView } from './view.js';

const HEAD =
  'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n' +
  ' face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n';

/** /proc/net/wireless: no device here has wireless extensions. Linux: wireless_dev_seq_show() */
export const wireless: ProcNetView = { path: 'wireless', text: () => HEAD };
