import { EINVAL } from '../../base/errno.js';
import { InetSocket } from '../../net/core/inet-socket.js';
import type { Socket } from '../../net/core/socket.js';
import { CMSGHDR } from './control-messages.js';
import type { Workbench } from './workbench.js';

const SOL_IP = 0;
const SOL_IPV6 = 41;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_PKTINFO = 8;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IPV6_TCLASS = 67;

/**
 * Sends with what control messages say of one datagram - source, device, TTL, TOS -, and leaves the socket as it was
 * (ip_cmsg_send(), ip6_datagram_send_ctl()). `length` bytes of messages lie at `bench.control`.
 */
export function withControl(bench: Workbench, socket: Socket, length: number, send: () => number): number {
  if (length === 0 || !(socket instanceof InetSocket)) return send();
  const { ttl, tos, boundIfindex } = socket;
  const local = Uint32Array.from(socket.local.words);
  const unset = local.every((word, i) => word === 0 || (i === 2 && word === 0xffff));
  try {
    return apply(bench, socket, length, unset) || send();
  } finally {
    socket.ttl = ttl;
    socket.tos = tos;
    socket.boundIfindex = boundIfindex;
    socket.local.words.set(local);
  }
}

/** 0 or -EINVAL. */
function apply(bench: Workbench, socket: InetSocket, length: number, unbound: boolean): number {
  const { view } = bench.memory;
  for (let at = bench.control; at + CMSGHDR <= bench.control + length; ) {
    const size = bench.memory.word(at);
    if (size < CMSGHDR || at + size > bench.control + length) return -EINVAL;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const data = at + CMSGHDR;
    if (level === SOL_IP) {
      if (type === IP_TTL) socket.ttl = view.getInt32(data, true);
      else if (type === IP_TOS) socket.tos = size - CMSGHDR === 1 ? view.getUint8(data) : view.getInt32(data, true);
      else if (type === IP_PKTINFO && size - CMSGHDR >= 12) {
        const ifindex = view.getInt32(data, true);
        if (ifindex !== 0) socket.boundIfindex = ifindex;
        const source = view.getUint32(data + 4);
        if (source !== 0 && unbound) {
          socket.local.words[2] = 0xffff;
          socket.local.words[3] = source;
        }
      }
    } else if (level === SOL_IPV6) {
      if (type === IPV6_HOPLIMIT) socket.ttl = view.getInt32(data, true);
      else if (type === IPV6_TCLASS) socket.tos = view.getInt32(data, true);
      else if (type === IPV6_PKTINFO && size - CMSGHDR >= 20) {
        const ifindex = view.getInt32(data + 16, true);
        if (ifindex !== 0) socket.boundIfindex = ifindex;
        if (unbound) for (let i = 0; i < 4; i++) socket.local.words[i] = view.getUint32(data + 4 * i);
      }
    }
    at += (size + 7) & ~7;
  }
  return 0;
}
