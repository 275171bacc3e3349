import { EINVAL } from '../../base/errno.js';
import { O_CLOEXEC, O_NONBLOCK } from '../../host/libc.js';
import type { CallDescriptor } from './call-table.js';
import { onSocket } from './on-socket.js';

/** Names and connections of sockets. */
export const connectionCalls: readonly CallDescriptor[] = [
  { name: 'bind', when: 'always', handle: onSocket((socket, call) => socket.bind(call)) },
  { name: 'listen', when: 'always', handle: onSocket((socket, call) => socket.listen(call)) },
  { name: 'accept', when: 'always', handle: onSocket((socket, call) => socket.accept(call, 0)) },
  {
    name: 'accept4',
    when: 'always',
    handle: onSocket((socket, call) => {
      const flags = call.ints[3]!;
      if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0) call.fail(EINVAL);
      else socket.accept(call, flags);
    }),
  },
  { name: 'connect', when: 'always', handle: onSocket((socket, call) => socket.connect(call)) },
  { name: 'getsockname', when: 'always', handle: onSocket((socket, call) => socket.name(call, false)) },
  { name: 'getpeername', when: 'always', handle: onSocket((socket, call) => socket.name(call, true)) },
  { name: 'shutdown', when: 'always', handle: onSocket((socket, call) => socket.shutdown(call, call.ints[1]!)) },
];
