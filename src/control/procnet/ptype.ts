import type { Namespace } from '../../net/core/namespace.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

/** What Linux registers for protocols: EtherType and function, in its order. */
const HANDLERS: readonly (readonly [type: number, handler: string])[] = [
  [0x0800, 'ip_rcv'],
  [0x0806, 'arp_rcv'],
  [0x86dd, 'ipv6_rcv'],
];
const ETH_P_ALL = 3;

const line = (type: string, device: string, handler: string): string => `${type} ${device.padEnd(8)} ${handler}\n`;

/** /proc/net/ptype: who takes packets of which kind; packet sockets that take all come first. Linux: ptype_seq_show() */
export const ptype: ProcNetView = {
  path: 'ptype',
  text(namespace: Namespace) {
    let text = 'Type Device      Function\n';
    for (const { local, running } of namespace.packets.sockets) {
      if (!running) continue;
      const device = namespace.deviceByIndex(local.scopeId)?.name ?? '';
      text += line(local.port === ETH_P_ALL ? 'ALL ' : hex(local.port, 4), device, 'packet_rcv');
    }
    return text + HANDLERS.map(([type, handler]) => line(hex(type, 4), '', handler)).join('');
  },
};
