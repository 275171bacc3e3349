import { EINVAL, ENOENT, ENOMEM, EPERM } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { Filter } from '../../../bpf/filter.js';
import { decodeProgram, encodeProgram, INSTRUCTION_BYTES, MAX_INSTRUCTIONS } from '../../../bpf/instruction.js';
import type { Namespace } from '../namespace.js';
import { intBytes, readInt, type SocketOption } from '../socket-options.js';

/** sizeof(struct bpf_prog) */
const PROGRAM_BYTES = 72;

/** A socket that classic BPF decides what gets to. */
export interface FilteredSocket {
  filter: Filter | null;
  filterLocked: boolean;
  readonly namespace: Namespace;
}

/** The instructions of an option, checked: -EINVAL, -EPERM where the socket's filter is locked, -ENOMEM. Linux: __get_filter() */
export function takeProgram(socket: FilteredSocket, value: Uint8Array): Filter | number {
  const count = value.length / INSTRUCTION_BYTES;
  if (count === 0 || count > MAX_INSTRUCTIONS || !Number.isInteger(count)) return -EINVAL;
  if (socket.filterLocked) return -EPERM;
  // Linux: sk_filter_charge()
  if (PROGRAM_BYTES + value.length >= socket.namespace.stack.settings.optmemMax) return -ENOMEM;
  try {
    return new Filter(decodeProgram(new DataView(value.buffer, value.byteOffset, value.byteLength), 0, count));
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return -error.errno;
  }
}

/**
 * SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER. A struct sock_fprog points into the caller's memory; here its instructions
 * themselves are the value, eight bytes each, as SO_GET_FILTER gives them.
 */
export function filterOptions<S extends FilteredSocket>(): readonly (readonly [number, SocketOption<S>])[] {
  return [
    [
      26,
      {
        name: 'SO_ATTACH_FILTER',
        set(socket, value) {
          const program = takeProgram(socket, value);
          if (typeof program === 'number') return program;
          socket.filter = program;
          return 0;
        },
        get: ({ filter }) => (filter === null ? new Uint8Array(0) : encodeProgram(filter.program)),
      },
    ],
    [
      27,
      {
        name: 'SO_DETACH_FILTER',
        set(socket, value) {
          if (value.length < 4) return -EINVAL;
          if (socket.filterLocked) return -EPERM;
          if (socket.filter === null) return -ENOENT;
          socket.filter = null;
          return 0;
        },
      },
    ],
    [
      44,
      {
        name: 'SO_LOCK_FILTER',
        get: (socket) => intBytes(socket.filterLocked ? 1 : 0),
        set(socket, value) {
          if (value.length < 4) return -EINVAL;
          const on = readInt(value) !== 0;
          if (socket.filterLocked && !on) return -EPERM;
          socket.filterLocked = on;
          return 0;
        },
      },
    ],
  ];
}
