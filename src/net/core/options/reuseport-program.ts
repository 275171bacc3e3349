import { EINVAL, ENOENT, ENOPROTOOPT } from '../../../base/errno.js';
import type { InetSocket } from '../inet-socket.js';
import { ReuseportGroup } from '../reuseport-group.js';
import { SOCK_STREAM } from '../socket.js';
import { takeProgram } from './filter.js';
import type { OptionEntry } from './kept.js';

const TCP = 6;
const UDP = 17;
const UDPLITE = 136;

/** Whether packets find the socket already: then it has joined its group, or has none. */
function isFound({ protocol, type, listening, local, remote }: InetSocket): boolean {
  if (protocol === TCP && type === SOCK_STREAM) return listening || remote.port !== 0;
  return (protocol !== UDP && protocol !== UDPLITE) || local.port !== 0;
}

/** The group of a socket, which one without an address gets now; null: it is in none. Linux: reuseport_attach_prog() */
function groupOf(socket: InetSocket): ReuseportGroup | null {
  if (socket.reuseportGroup !== null) return socket.reuseportGroup;
  if (isFound(socket) || !socket.reusePort) return null;
  const group = new ReuseportGroup();
  group.add(socket);
  return group;
}

/**
 * SO_ATTACH_REUSEPORT_CBPF, SO_DETACH_REUSEPORT_BPF: the program gets the payload, and says which of the group by its place. The
 * instructions themselves are the value, as of SO_ATTACH_FILTER.
 */
export const reuseportProgramOptions: readonly OptionEntry[] = [
  [
    51,
    {
      name: 'SO_ATTACH_REUSEPORT_CBPF',
      set(socket, value) {
        const program = takeProgram(socket, value);
        if (typeof program === 'number') return program;
        const group = groupOf(socket);
        if (group === null) return -EINVAL;
        group.program = program;
        return 0;
      },
      get: () => -ENOPROTOOPT,
    },
  ],
  [
    68,
    {
      name: 'SO_DETACH_REUSEPORT_BPF',
      set(socket) {
        const group = socket.reuseportGroup;
        if (group === null) return socket.reusePort ? -ENOENT : -EINVAL;
        if (group.program === null) return -ENOENT;
        group.program = null;
        return 0;
      },
      get: () => -ENOPROTOOPT,
    },
  ],
];
