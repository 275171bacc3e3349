import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

/** /proc/net/ip6_flowlabel: labels that sockets hold, or held a while ago. Linux: ip6fl_seq_show() */
export const ip6Flowlabel: ProcNetView = {
  path: 'ip6_flowlabel',
  text(namespace) {
    let text = 'Label S Owner  Users  Linger Expires  Dst                              Opt\n';
    for (const { label, left } of namespace.ipv6.flowLabels.list()) {
      const numbers = `${String(label.owner).padEnd(6)} ${String(label.users).padEnd(6)} ${String(label.linger).padEnd(6)} ${String(left).padEnd(8)}`;
      const destination = Array.from(label.destination, (word) => hex(word, 8)).join('');
      text += `${hex(label.label, 5).toUpperCase()} ${label.share} ${numbers} ${destination} ${'0'.padEnd(4)}\n`;
    }
    return text;
  },
};
