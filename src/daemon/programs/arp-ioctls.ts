import { EINVAL, ENODEV, ENXIO } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Flow } from '../../net/core/flow.js';
import type { NetDevice } from '../../net/core/device.js';
import { AF_INET, NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_REQUEST } from '../../netlink/constants.js';
import { neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import { NTF_PROXY, NUD_PERMANENT, NUD_STALE, RTM_DELNEIGH, RTM_NEWNEIGH } from '../../netlink/rtnl/constants.js';
import { NUD_VALID } from '../../net/core/neighbour.js';
import { type IoctlHandler, type IoctlRequest, nameAt, needAdmin, putName } from './ioctl-request.js';
import { rtnetlinkRequest } from './rtnetlink-request.js';

/** struct arpreq: 0 protocol address | 16 link address, a struct sockaddr each | 32 flags, i32 | 36 mask | 52 device's name. */
const ARPREQ = 68;
const LINK_ADDRESS = 16;
const FLAGS = 32;
const DEVICE = 52;
// ATF_*, linux/if_arp.h
const ATF_COM = 2;
const ATF_PERM = 4;
const ATF_PUBL = 8;

/** arp_ioctl(): SIOCDARP, SIOCGARP, SIOCSARP. */
export const arpRequests: readonly [number, IoctlHandler][] = [
  [0x8953, { size: ARPREQ, writes: false, run: remove }],
  [0x8954, { size: ARPREQ, writes: true, run: get }],
  [0x8955, { size: ARPREQ, writes: false, run: set }],
];

const protocolAddress = ({ view }: IoctlRequest) => {
  if (view.getUint16(0, true) !== AF_INET) fail(EINVAL);
  return view.getUint32(4);
};

/** The device named, else the one that the way to the address leads out of. */
function deviceTo(request: IoctlRequest): NetDevice {
  const { namespace, bytes } = request;
  const name = nameAt(bytes, DEVICE);
  if (name !== '') return namespace.deviceByName(name) ?? fail(ENODEV);
  const flow = new Flow();
  flow.destination = protocolAddress(request);
  const dst = namespace.ipv4.route(flow);
  if (dst.error !== 0) fail(dst.error);
  return dst.device ?? fail(EINVAL);
}

function get(request: IoctlRequest): number {
  const { namespace, view, bytes } = request;
  const address = protocolAddress(request);
  const device = deviceTo(request);
  const entry = namespace.neighbourTables.find((table) => table.family === AF_INET)?.lookup(device, address) ?? fail(ENXIO);
  bytes.fill(0, LINK_ADDRESS, LINK_ADDRESS + 16);
  view.setUint16(LINK_ADDRESS, device.type, true);
  const valid = (entry.state & NUD_VALID) !== 0;
  if (valid) bytes.set(entry.address.subarray(0, 14), LINK_ADDRESS + 2);
  view.setInt32(FLAGS, (entry.state & NUD_PERMANENT) !== 0 ? ATF_PERM | ATF_COM : valid ? ATF_COM : 0, true);
  putName(bytes, DEVICE, device.name);
  return 0;
}

function set(request: IoctlRequest): number {
  needAdmin(request);
  const { bytes, view, bench, call, namespace } = request;
  protocolAddress(request);
  const flags = view.getInt32(FLAGS, true);
  const proxy = (flags & ATF_PUBL) !== 0;
  const device = deviceTo(request);
  const dst = bytes.slice(4, 8);
  const lladdr = bytes.slice(LINK_ADDRESS + 2, LINK_ADDRESS + 2 + device.address.length);
  return rtnetlinkRequest(bench, call, namespace, (writer) =>
    neighbourMessage.build(
      writer,
      RTM_NEWNEIGH,
      NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
      1,
      0,
      {
        family: AF_INET,
        ifindex: device.ifindex,
        state: (flags & ATF_PERM) !== 0 ? NUD_PERMANENT : NUD_STALE,
        flags: proxy ? NTF_PROXY : 0,
      },
      proxy ? { dst } : { dst, lladdr },
    ),
  );
}

function remove(request: IoctlRequest): number {
  needAdmin(request);
  const { bytes, view, bench, call, namespace } = request;
  protocolAddress(request);
  const proxy = (view.getInt32(FLAGS, true) & ATF_PUBL) !== 0;
  const device = deviceTo(request);
  const dst = bytes.slice(4, 8);
  return rtnetlinkRequest(bench, call, namespace, (writer) =>
    neighbourMessage.build(
      writer,
      RTM_DELNEIGH,
      NLM_F_REQUEST | NLM_F_ACK,
      1,
      0,
      { family: AF_INET, ifindex: device.ifindex, flags: proxy ? NTF_PROXY : 0 },
      { dst },
    ),
  );
}
