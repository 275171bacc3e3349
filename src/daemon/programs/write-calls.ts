import { EFAULT, EINVAL } from '../../base/errno.js';
import type { CallDescriptor } from './call-table.js';
import type { ProgramCall } from './program-call.js';
import type { Supervisor } from './supervisor.js';
import { FIRST_JUDGED, LAST_JUDGED, MOST_WRITTEN, type SettingWriter } from './view-files.js';
import { IOVEC } from './workbench.js';

/** What redirected output of a shell and its commands goes to. */
const STDOUT = 1;
/** Settings are short: longer writes to standard output are not looked at. */
const SHORT = 128;
/** Buffers of one writev() that are looked at. */
const MOST_BUFFERS = 64;

const judged = { argument: 0, from: FIRST_JUDGED, below: LAST_JUDGED + 1 } as const;

/**
 * Writes to files of /proc/sys and /sys, which Linux judges at once. A filter sees the number of a descriptor and not what lies behind
 * it, and nothing but a notification lets a write() fail for what it says: no socket, pipe or memfd has its peer judge. So such files
 * are opened under numbers that no other descriptors have in practice (ViewFiles), whose writes come here; and short ones to
 * standard output do, where shells put what they redirect (dup2() of an opening). What is written elsewhere - under a number to which a program
 * has duplicated it itself - is taken a moment later, and its refusal noted alone.
 */
export const writeCalls: readonly CallDescriptor[] = [
  {
    name: 'write',
    when: {
      anyOf: [
        judged,
        {
          allOf: [
            { argument: 0, equals: STDOUT },
            { argument: 2, below: SHORT },
          ],
        },
      ],
    },
    handle(call, supervisor) {
      const writer = writerOf(call, supervisor);
      if (writer === undefined) return call.proceed();
      const { viewFiles, bench } = supervisor;
      const length = Math.min(call.args[2]!, MOST_WRITTEN);
      if (!call.read(call.args[1]!, length, bench.io.address)) return call.fail(EFAULT);
      viewFiles.write(writer, length, -1);
      call.ok(length);
    },
  },
  {
    name: 'pwrite64',
    when: { anyOf: [judged] },
    handle(call, supervisor) {
      const writer = writerOf(call, supervisor);
      if (writer === undefined) return call.proceed();
      const { viewFiles, bench } = supervisor;
      const length = Math.min(call.args[2]!, MOST_WRITTEN);
      if (call.ints[3]! < 0) return call.fail(EINVAL);
      if (!call.read(call.args[1]!, length, bench.io.address)) return call.fail(EFAULT);
      viewFiles.write(writer, length, call.ints[3]!);
      call.ok(length);
    },
  },
  {
    name: 'writev',
    when: { anyOf: [judged] },
    handle(call, supervisor) {
      const writer = writerOf(call, supervisor);
      if (writer === undefined) return call.proceed();
      const { viewFiles, bench } = supervisor;
      const { access, io, memory, iovecs } = bench;
      const count = call.ints[2]!;
      if (count < 0 || count > MOST_BUFFERS) return call.fail(EINVAL);
      if (!call.read(call.args[1]!, count * IOVEC, memory.address + iovecs)) return call.fail(EFAULT);
      let length = 0;
      for (let i = 0; i < count; i++) length += memory.word(iovecs + i * IOVEC + 8);
      length = Math.min(length, MOST_WRITTEN);
      if (access.readVector(call.tid, memory.address + iovecs, count, length, io.address) !== length) return call.fail(EFAULT);
      viewFiles.write(writer, length, -1);
      call.ok(length);
    },
  },
];

function writerOf(call: ProgramCall, { viewFiles }: Supervisor): SettingWriter | undefined {
  const writer = viewFiles.open ? viewFiles.writerBehind(call.tid, call.ints[0]!) : undefined;
  if (writer !== undefined) viewFiles.settle();
  return writer;
}
