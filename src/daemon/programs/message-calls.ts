import type { CallDescriptor } from './call-table.js';
import { onSocket } from './on-socket.js';

const MSG_OOB = 1;
const MSG_TRUNC = 0x20;
const MSG_ERRQUEUE = 0x2000;
const MSG_ZEROCOPY = 0x400_0000;
const MSG_FASTOPEN = 0x2000_0000;

/**
 * Sending and receiving with an address or control messages. send() and recv(), read() and write() are the kernel's, on the
 * program's end of the pair.
 */
export const messageCalls: readonly CallDescriptor[] = [
  {
    name: 'sendto',
    when: {
      anyOf: [
        { argument: 4, nonNull: true },
        { argument: 3, anyBit: MSG_OOB | MSG_FASTOPEN | MSG_ZEROCOPY },
        // An empty datagram, or what lies in a ring.
        { argument: 2, equals: 0 },
      ],
    },
    handle: onSocket((socket, call) => socket.send(call, 'plain')),
  },
  { name: 'sendmsg', when: 'always', handle: onSocket((socket, call) => socket.send(call, 'message')) },
  { name: 'sendmmsg', when: 'always', handle: onSocket((socket, call) => socket.send(call, 'messages')) },
  {
    name: 'recvfrom',
    when: {
      anyOf: [
        { argument: 4, nonNull: true },
        { argument: 3, anyBit: MSG_ERRQUEUE | MSG_OOB | MSG_TRUNC },
      ],
    },
    handle: onSocket((socket, call) => socket.receive(call, 'plain')),
  },
  { name: 'recvmsg', when: 'always', handle: onSocket((socket, call) => socket.receive(call, 'message')) },
  { name: 'recvmmsg', when: 'always', handle: onSocket((socket, call) => socket.receive(call, 'messages')) },
];
