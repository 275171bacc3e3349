import { netlinkOf } from '../netlink-kernel.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const HEAD = 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n';

interface Line {
  readonly protocol: number;
  readonly port: number;
  readonly groups: number;
  readonly memory: number;
  readonly dumping: boolean;
  readonly locks: number;
}

/** Linux: netlink_native_seq_show(), netlink_seq_show() */
const line = ({ protocol, port, groups, memory, dumping, locks }: Line): string =>
  `${hex(0, 16)} ${String(protocol).padEnd(3)} ${String(port).padEnd(10)} ${hex(groups, 8)} ${String(memory).padEnd(8)} ${'0'.padEnd(8)} ` +
  `${(dumping ? '1' : '0').padEnd(5)} ${String(locks).padEnd(8)} ${'0'.padEnd(8)} ${'0'.padEnd(8)}\n`;

/** /proc/net/netlink: the kernel's own end of each protocol, and its sockets. */
export const netlink: ProcNetView = {
  path: 'netlink',
  text(namespace) {
    const server = netlinkOf(namespace.stack);
    if (server === undefined) return HEAD;
    let text = HEAD;
    for (const protocol of server.kernelEnds(namespace)) {
      for (const socket of server.socketsOf(namespace, protocol)) {
        const groups = [...socket.groups].reduce((mask, group) => (group <= 32 ? mask | (1 << (group - 1)) : mask), 0) >>> 0;
        text += line({ protocol, port: socket.portId, groups, memory: socket.receiveMemory, dumping: socket.dumping, locks: 2 });
      }
      text += line({ protocol, port: 0, groups: 0, memory: 0, dumping: false, locks: 2 });
    }
    return text;
  },
};
