import { EINVAL, ENOENT, EPERM } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { Filter } from '../../bpf/filter.js';
import { decodeProgram, encodeProgram, INSTRUCTION_BYTES, MAX_INSTRUCTIONS } from '../../bpf/instruction.js';
import { intOption, type SocketOption } from './socket-options.js';

/** What classic BPF filters are attached to. */
interface Filtered {
  filter: Filter | null;
  filterLocked: boolean;
}

/** SO_ATTACH_FILTER, SO_DETACH_FILTER and SO_LOCK_FILTER by their numbers. */
export function filterOptions<S extends Filtered>(): readonly [number, SocketOption<S>][] {
  return [
    [26, attach],
    [27, detach],
    [44, lock],
  ];
}

/**
 * SO_ATTACH_FILTER. A struct sock_fprog points into the caller's memory; over the bus its instructions themselves are the value, eight
 * bytes each, as SO_GET_FILTER gives them.
 */
const attach: SocketOption<Filtered> = {
  name: 'SO_ATTACH_FILTER',
  set(socket, value) {
    if (socket.filterLocked) return -EPERM;
    const count = value.length / INSTRUCTION_BYTES;
    if (count === 0 || count > MAX_INSTRUCTIONS || !Number.isInteger(count)) return -EINVAL;
    try {
      socket.filter = new Filter(decodeProgram(new DataView(value.buffer, value.byteOffset, value.byteLength), 0, count));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return -error.errno;
    }
    return 0;
  },
  get: ({ filter }) => (filter === null ? new Uint8Array(0) : encodeProgram(filter.program)),
};

const detach = intOption<Filtered>('SO_DETACH_FILTER', null, (socket) => {
  if (socket.filterLocked) return -EPERM;
  if (socket.filter === null) return -ENOENT;
  socket.filter = null;
  return 0;
});

const lock = intOption<Filtered>(
  'SO_LOCK_FILTER',
  (s) => (s.filterLocked ? 1 : 0),
  (s, value) => {
    if (s.filterLocked && value === 0) return -EPERM;
    s.filterLocked = value !== 0;
    return 0;
  },
);
