import { EFAULT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { tunnelIoctl } from '../../control/tunnel-ioctl/registry.js';
import { BridgeDevice } from '../../net/bridge/bridge-device.js';
import { SIOCADDTUNNEL, SIOCCHG6RD, SIOCGETTUNNEL } from '../../netlink/rtnl/link/tunnel-ioctl.js';
import { oldBridgePortRequest } from './bridge-ioctls.js';
import { type IoctlHandler, type IoctlRequest, IFREQ, nameAt } from './ioctl-request.js';

/** Where a struct ifreq has the pointer to the request's own struct. */
const POINTER = 16;

function tunnelRequest({ bench, call, namespace, view, bytes }: IoctlRequest, request: number): number {
  const { io } = bench;
  const pointer = Number(view.getBigUint64(POINTER, true));
  const read = (size: number) => (size === 0 || call.read(pointer, size, io.address) ? io.bytes.slice(0, size) : fail(EFAULT));
  const answer = tunnelIoctl(namespace, nameAt(bytes, 0), request, read, bench.credentialsOf(call.tid).netAdmin);
  if (answer === null) return 0;
  io.bytes.set(answer);
  return call.write(pointer, answer.length, io.address) ? 0 : -EFAULT;
}

const handler = (request: number): [number, IoctlHandler] => [
  request,
  { size: IFREQ, writes: false, run: (asked) => tunnelRequest(asked, request) },
];

const numbers = Array.from({ length: SIOCCHG6RD - SIOCADDTUNNEL + 1 }, (_, i) => SIOCADDTUNNEL + i);

/** The ioctls of linux/if_tunnel.h, by which `ip tunnel` works. Their first number, SIOCDEVPRIVATE, is a bridge's too. */
export const tunnelRequests: readonly [number, IoctlHandler][] = [
  [
    SIOCGETTUNNEL,
    {
      size: IFREQ,
      writes: false,
      run: (asked) =>
        asked.namespace.deviceByName(nameAt(asked.bytes, 0)) instanceof BridgeDevice
          ? oldBridgePortRequest(asked)
          : tunnelRequest(asked, SIOCGETTUNNEL),
    },
  ],
  ...numbers.map(handler),
];
