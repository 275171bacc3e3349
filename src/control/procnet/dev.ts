import type { NetDevice } from '../../net/core/device.js';
import type { ProcNetView } from './view.js';

const HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

/** Columns of a line, behind the name. */
const WIDTHS = [7, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10];

/** /proc/net/dev. Linux: dev_seq_printf_stats() */
export const dev: ProcNetView = {
  path: 'dev',
  text: (namespace) => HEAD + namespace.devices().map(line).join(''),
};

function line(device: NetDevice): string {
  const { name, statistics: s } = device;
  device.refreshStatistics();
  const numbers = [
    s.rxBytes,
    s.rxPackets,
    s.rxErrors,
    s.rxDropped + s.rxMissedErrors,
    s.rxFifoErrors,
    s.rxLengthErrors + s.rxOverErrors + s.rxCrcErrors + s.rxFrameErrors,
    s.rxCompressed,
    s.multicast,
    s.txBytes,
    s.txPackets,
    s.txErrors,
    s.txDropped,
    s.txFifoErrors,
    s.collisions,
    s.txCarrierErrors + s.txAbortedErrors + s.txWindowErrors + s.txHeartbeatErrors,
    s.txCompressed,
  ];
  return `${name.padStart(6)}: ${numbers.map((value, index) => String(value).padStart(WIDTHS[index]!)).join(' ')}\n`;
}
