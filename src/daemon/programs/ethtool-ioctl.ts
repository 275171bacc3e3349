import { EFAULT, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ethtoolIoctlFrom } from '../../control/ethtool-ioctl/registry.js';
import { SIOCETHTOOL } from '../../netlink/genl/ethtool/ioctl.js';
import { type IoctlHandler, IFREQ, nameAt } from './ioctl-request.js';

/** Where a struct ifreq has the pointer to the request's own struct. */
const POINTER = 16;

/** SIOCETHTOOL: libpcap, keepalived and ethtool itself ask by it. Linux: dev_ethtool() */
export const ethtoolRequests: readonly [number, IoctlHandler][] = [
  [
    SIOCETHTOOL,
    {
      size: IFREQ,
      writes: false,
      run({ bench, call, namespace, view, bytes }) {
        const name = nameAt(bytes, 0);
        const pointer = Number(view.getBigUint64(POINTER, true));
        const { io } = bench;
        const read = (size: number) => {
          if (size > io.bytes.length) fail(EINVAL);
          return call.read(pointer, size, io.address) ? io.bytes.slice(0, size) : fail(EFAULT);
        };
        const answer = ethtoolIoctlFrom(namespace, name, read, bench.credentialsOf(call.tid).netAdmin);
        io.bytes.set(answer.bytes);
        return call.write(pointer, answer.bytes.length, io.address) ? answer.outcome : -EFAULT;
      },
    },
  ],
];
