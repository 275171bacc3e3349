import { EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '../../base/errno.js';
import type { CallDescriptor } from './call-table.js';
import { onSocket } from './on-socket.js';
import { optionName } from './option-names.js';
import { IO_BYTES } from './workbench.js';

/** What an option's value is read up to; longer ones are cut, as no option is. */
const MOST_VALUE = 1 << 16;

const isUnknown = (errno: number) => errno === ENOPROTOOPT || errno === EOPNOTSUPP;

/** setsockopt() and getsockopt(). */
export const optionCalls: readonly CallDescriptor[] = [
  {
    name: 'setsockopt',
    when: 'always',
    handle: onSocket((socket, call, supervisor) => {
      const { io } = supervisor.bench;
      const length = call.ints[4]!;
      if (length < 0) return call.fail(EINVAL);
      const size = Math.min(length, MOST_VALUE);
      if (!call.read(call.args[3]!, size, io.address)) return call.fail(EFAULT);
      socket.setOption(call, call.ints[1]!, call.ints[2]!, io.bytes.slice(0, size));
      if (call.done && isUnknown(call.errno)) supervisor.note(`setsockopt ${optionName(call.ints[1]!, call.ints[2]!)}`);
    }),
  },
  {
    name: 'getsockopt',
    when: 'always',
    handle: onSocket((socket, call, supervisor) => {
      const { io, memory, scratch } = supervisor.bench;
      if (!call.read(call.args[4]!, 4, memory.address + scratch)) return call.fail(EFAULT);
      const room = memory.view.getInt32(scratch, true);
      if (room < 0) return call.fail(EINVAL);
      const given = Math.min(room, 64);
      const before = call.read(call.args[3]!, given, io.address) ? io.bytes.slice(0, given) : new Uint8Array(0);
      const value = socket.getOption(call, call.ints[1]!, call.ints[2]!, before);
      if (typeof value === 'number') {
        if (isUnknown(-value)) supervisor.note(`getsockopt ${optionName(call.ints[1]!, call.ints[2]!)}`);
        return call.fail(-value);
      }
      const size = Math.min(room, value.length, IO_BYTES);
      io.bytes.set(value.subarray(0, size));
      memory.view.setInt32(scratch, size, true);
      if (!call.write(call.args[3]!, size, io.address) || !call.write(call.args[4]!, 4, memory.address + scratch)) call.fail(EFAULT);
      else call.ok();
    }),
  },
];
