import { EAFNOSUPPORT, EFAULT, EINVAL, ENODEV } from '../../base/errno.js';
import { AF_INET, AF_INET6, NLM_F_ACK, NLM_F_CREATE, NLM_F_REQUEST } from '../../netlink/constants.js';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
} from '../../netlink/rtnl/constants.js';
import { routeMessage } from '../../netlink/rtnl/route.js';
import { type IoctlHandler, type IoctlRequest, IFNAMSIZ, nameAt, needAdmin } from './ioctl-request.js';
import { rtnetlinkRequest } from './rtnetlink-request.js';

/**
 * struct rtentry of 64-bit Linux (linux/route.h):
 *     8 destination | 24 gateway | 40 mask, a struct sockaddr each | 56 flags, u16 | 80 metric, i16 | 88 device's name, a pointer |
 *     96 MTU, u64 | 104 window, u64
 */
const RTENTRY = 120;
/** struct in6_rtmsg: 0 destination | 16 source | 32 gateway | 48 type, u32 | 52 its length, u16 | 54 source's | 56 metric | 64 info, u64 | 72 flags | 76 ifindex. */
const IN6_RTMSG = 80;
/** Where the name of the device is read to. */
const NAME = 256;

const RTF_GATEWAY = 2;
const RTF_HOST = 4;
const RTF_REJECT = 0x200;
const RTF_MTU = 0x40;
const RTF_WINDOW = 0x80;

/** SIOCADDRT, SIOCDELRT: ip_rt_ioctl(), ipv6_route_ioctl(). */
export const routeRequests: readonly [number, IoctlHandler][] = [
  [0x890b, { size: IN6_RTMSG, writes: false, run: (request) => change(request, RTM_NEWROUTE) }],
  [0x890c, { size: IN6_RTMSG, writes: false, run: (request) => change(request, RTM_DELROUTE) }],
];

function change(request: IoctlRequest, type: number): number {
  needAdmin(request);
  const { bench, call } = request;
  const socket = bench.sockets.get(bench.access.inodeOf(call.tid, call.ints[0]!));
  if (socket?.family === AF_INET6) return changeIpv6(request, type);
  if (!call.read(call.args[2]!, RTENTRY, bench.io.address)) return -EFAULT;
  return changeIpv4(request, type);
}

const addressAt = (bytes: Uint8Array, sockaddr: number) => bytes.slice(sockaddr + 4, sockaddr + 8);

function changeIpv4({ bench, call, namespace, view, bytes }: IoctlRequest, type: number): number {
  if (view.getUint16(8, true) !== AF_INET) return -EAFNOSUPPORT;
  const flags = view.getUint16(56, true);
  const mask = view.getUint32(44);
  const dstLen = (flags & RTF_HOST) !== 0 ? 32 : Math.clz32(~mask);
  if ((flags & RTF_HOST) === 0 && (mask | 0) << dstLen !== 0 && dstLen < 32) return -EINVAL;
  const dst = addressAt(bytes, 8);
  const metric = view.getInt16(80, true);
  const gateway = (flags & RTF_GATEWAY) !== 0 ? addressAt(bytes, 24) : undefined;
  if (gateway !== undefined && view.getUint16(24, true) !== AF_INET) return -EINVAL;
  const mtu = (flags & RTF_MTU) !== 0 ? bench.io.word(96) - 40 : 0;
  const window = (flags & RTF_WINDOW) !== 0 ? bench.io.word(104) : 0;
  const reject = (flags & RTF_REJECT) !== 0;
  let oif: number | undefined;
  const name = bench.io.word(88);
  if (name !== 0) {
    if (!call.read(name, IFNAMSIZ, bench.io.address + NAME)) return -EFAULT;
    oif = namespace.deviceByName(nameAt(bytes, NAME).replace(/:.*$/s, ''))?.ifindex;
    if (oif === undefined) return -ENODEV;
  }
  const adds = type === RTM_NEWROUTE;
  const scope = reject ? RT_SCOPE_HOST : gateway !== undefined ? RT_SCOPE_UNIVERSE : adds ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
  return rtnetlinkRequest(bench, call, namespace, (writer) =>
    routeMessage.build(
      writer,
      type,
      NLM_F_REQUEST | NLM_F_ACK | (adds ? NLM_F_CREATE : 0),
      1,
      0,
      {
        family: AF_INET,
        dstLen,
        table: RT_TABLE_MAIN,
        protocol: adds ? RTPROT_BOOT : 0,
        scope,
        type: reject ? RTN_UNREACHABLE : adds ? RTN_UNICAST : 0,
      },
      {
        ...(dstLen === 0 ? {} : { dst }),
        ...(gateway === undefined ? {} : { gateway }),
        ...(oif === undefined ? {} : { oif }),
        ...(metric > 1 ? { priority: metric - 1 } : {}),
        ...(mtu > 0 || window > 0 ? { metrics: { ...(mtu > 0 ? { mtu } : {}), ...(window > 0 ? { window } : {}) } } : {}),
      },
    ),
  );
}

function changeIpv6({ bench, call, namespace, view, bytes }: IoctlRequest, type: number): number {
  const dstLen = view.getUint16(52, true);
  const flags = view.getUint32(72, true);
  const metric = view.getUint32(56, true);
  const oif = view.getInt32(76, true);
  const adds = type === RTM_NEWROUTE;
  return rtnetlinkRequest(bench, call, namespace, (writer) =>
    routeMessage.build(
      writer,
      type,
      NLM_F_REQUEST | NLM_F_ACK | (adds ? NLM_F_CREATE : 0),
      1,
      0,
      { family: AF_INET6, dstLen, table: RT_TABLE_MAIN, protocol: adds ? RTPROT_BOOT : 0, type: adds ? RTN_UNICAST : 0 },
      {
        ...(dstLen === 0 ? {} : { dst: bytes.slice(0, 16) }),
        ...((flags & RTF_GATEWAY) !== 0 ? { gateway: bytes.slice(32, 48) } : {}),
        ...(oif === 0 ? {} : { oif }),
        ...(metric === 0 ? {} : { priority: metric }),
      },
    ),
  );
}
