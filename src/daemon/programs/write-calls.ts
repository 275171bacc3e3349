import { EFAULT } from '../../base/errno.js';
import type { CallDescriptor } from './call-table.js';

/** What redirected output of a shell and its commands goes to. */
const STDOUT = 1;
/** Settings are short: longer writes to standard output are not looked at. */
const SHORT = 256;

/**
 * A short write() to standard output, in case that is a file of /proc/sys or /sys: whoever wrote `echo 7 >/proc/sys/net/...` learns at
 * once that it is refused. Other descriptors are the kernel's, and what is written there is taken a moment later (ViewFiles).
 */
export const writeCalls: readonly CallDescriptor[] = [
  {
    name: 'write',
    when: {
      allOf: [
        { argument: 0, equals: STDOUT },
        { argument: 2, below: SHORT },
      ],
    },
    handle(call, { viewFiles, bench }) {
      const node = viewFiles.open ? viewFiles.nodeBehind(call.tid, STDOUT) : undefined;
      if (node === undefined) return call.proceed();
      viewFiles.settle();
      const length = call.ints[2]!;
      if (!call.read(call.args[1]!, length, bench.io.address)) return call.fail(EFAULT);
      node.root.tree.write?.(node.namespace, node.path, new TextDecoder('latin1').decode(bench.io.bytes.subarray(0, length)));
      call.ok(length);
    },
  },
];
