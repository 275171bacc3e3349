import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const HEAD = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n';

/** /proc/net/packet. Linux: packet_seq_show() */
export const packet: ProcNetView = {
  path: 'packet',
  text(namespace) {
    let text = HEAD;
    for (const socket of namespace.packets.sockets) {
      const { local, type, inode, running, receiveMemory, uid } = socket;
      const device = String(Math.max(0, local.scopeId)).padEnd(5);
      text += `${hex(inode, 16)} ${'3'.padEnd(6)} ${String(type).padEnd(4)} ${hex(local.port, 4)}   ${device} ${running ? 1 : 0} `;
      text += `${String(receiveMemory).padEnd(6)} ${String(uid).padEnd(6)} ${String(inode).padEnd(6)}\n`;
    }
    return text;
  },
};
