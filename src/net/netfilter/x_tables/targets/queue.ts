import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { DupPacket } from '../../nf_tables/expressions/dup.js';
import { startTrace } from '../../nf_tables/expressions/meta.js';
import { chooseQueue } from '../../nf_tables/expressions/queue.js';
import { assignSocket } from '../../nf_tables/expressions/tproxy.js';
import { CONTINUE, NF_DROP, NF_QUEUE } from '../../nf_tables/verdict.js';
import type { Target } from '../extension.js';

// linux/netfilter/xt_NFQUEUE.h, xt_TPROXY.h, xt_TEE.h

const CPU_FANOUT = 2;

export const nfqueue: Target = {
  name: 'NFQUEUE',
  bytes: [2, 4, 6, 6],
  make(info, revision) {
    const number = info.u16(0);
    const total = revision > 0 ? info.u16(2) : 1;
    const flags = revision > 1 ? info.u16(4) : 0;
    return (packet) => {
      packet.queueBypass = (flags & 1) !== 0;
      packet.queueNumber = chooseQueue(packet, number, total, revision === 3 && (flags & CPU_FANOUT) !== 0);
      return NF_QUEUE;
    };
  },
};

const address = new Uint32Array(4);

export const tproxy: Target = {
  name: 'TPROXY',
  bytes: [16, 28],
  make(info, revision) {
    const mask = info.u32(0);
    const value = info.u32(4);
    const to = revision === 0 ? Uint32Array.of(info.be32(8), 0, 0, 0) : info.address(8);
    const port = info.be16(revision === 0 ? 12 : 24);
    return (packet) => {
      address.set(to);
      if (!assignSocket(packet, address, port)) return NF_DROP;
      packet.skb.mark = ((packet.skb.mark & ~mask) ^ value) >>> 0;
      return CONTINUE;
    };
  },
};

export const tee: Target = {
  name: 'TEE',
  bytes: [0, 40],
  make(info, _revision, { family }) {
    const gateway = info.address(0);
    const device = info.text(16, 16);
    const copies = new DupPacket(family === NFPROTO_IPV4);
    return (packet) => {
      copies.toHost(packet, gateway, device === '' ? 0 : (packet.tables.namespace.deviceByName(device)?.ifindex ?? 0));
      return CONTINUE;
    };
  },
};

export const trace: Target = {
  name: 'TRACE',
  bytes: [0],
  startsTrace: true,
  make: () => (packet) => {
    startTrace(packet);
    return CONTINUE;
  },
};
