import { EFAULT, ENOTTY, EOPNOTSUPP } from '../../base/errno.js';
import { S_IFSOCK } from '../../host/process-access.js';
import { arpRequests } from './arp-ioctls.js';
import { bridgeRequests } from './bridge-ioctls.js';
import type { CallDescriptor } from './call-table.js';
import { ethtoolRequests } from './ethtool-ioctl.js';
import { interfaceAddressRequests } from './interface-address-ioctls.js';
import { interfaceRequests } from './interface-ioctls.js';
import type { IoctlHandler } from './ioctl-request.js';
import { routeRequests } from './route-ioctls.js';
import { tunnelRequests } from './tunnel-ioctls.js';

/** FIONREAD, SIOCOUTQ: of a socket. */
const FIONREAD = 0x541b;
const SIOCOUTQ = 0x5411;
/** SIOCATMARK, SIOCSPGRP and their like are about the descriptor. */
const LAST_OF_DESCRIPTOR = 0x8905;
/** TUNSETIFF and its like, of linux/if_tun.h: type 'T', numbers from 0xc0. */
const OF_TUN = 0x54c0;
const OF_TUN_MASK = 0xffc0;
const isOfTun = (request: number) => (request & OF_TUN_MASK) === OF_TUN;
const SIOCDEVPRIVATE = 0x89f0;

const requests: ReadonlyMap<number, IoctlHandler> = new Map([
  ...interfaceRequests,
  ...interfaceAddressRequests,
  ...routeRequests,
  ...arpRequests,
  ...bridgeRequests,
  ...ethtoolRequests,
  ...tunnelRequests,
]);

/**
 * ioctl(): the requests of linux/sockios.h. Any socket can ask them, an AF_UNIX one too (glibc's if_nametoindex() does), so all are
 * answered here: the host's devices are never seen.
 */
export const ioctlCalls: readonly CallDescriptor[] = [
  {
    name: 'ioctl',
    when: {
      anyOf: [
        { argument: 1, equals: 0x8900, mask: 0xff00 },
        { argument: 1, equals: FIONREAD },
        { argument: 1, equals: SIOCOUTQ },
        { argument: 1, equals: OF_TUN, mask: OF_TUN_MASK },
      ],
    },
    handle(call, supervisor) {
      const request = call.ints[1]! >>> 0;
      const socket = supervisor.socketOf(call, call.ints[0]!);
      // A signal that came while it was settled has the program call once more.
      if (call.done) return;
      if (request <= LAST_OF_DESCRIPTOR || isOfTun(request)) {
        if (socket?.control(call, request) !== true) call.proceed();
        return;
      }
      if (socket === undefined && supervisor.bench.access.kind !== S_IFSOCK) return call.fail(ENOTTY);
      if (socket?.control(call, request) === true) return;
      const handle = requests.get(request);
      if (handle === undefined) {
        supervisor.note(`ioctl 0x${request.toString(16)}`);
        return call.fail(request >= SIOCDEVPRIVATE ? EOPNOTSUPP : ENOTTY);
      }
      const namespace = socket?.namespace ?? supervisor.namespaceOf(call);
      const bench = socket?.bench ?? supervisor.bench;
      const { io } = bench;
      if (!call.read(call.args[2]!, handle.size, io.address)) return call.fail(EFAULT);
      const result = handle.run({ bench, call, namespace, view: io.view, bytes: io.bytes });
      if (result < 0) return call.fail(-result);
      call.answer(handle.writes ? call.copyOut(call.args[2]!, handle.size, io.address) : result);
    },
  },
];
