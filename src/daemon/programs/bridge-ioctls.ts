import { EBUSY, EFAULT, EINVAL, ENXIO, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { addPort, deletePort } from '../../net/bridge/members.js';
import { BridgeDevice } from '../../net/bridge/bridge-device.js';
import { BridgePort } from '../../net/bridge/port.js';
import type { NetDevice } from '../../net/core/device.js';
import { deleteLinks, newLink } from '../../net/core/new-link.js';
import { deviceOf, type IoctlHandler, type IoctlRequest, IFNAMSIZ, IFREQ, nameAt, needAdmin } from './ioctl-request.js';

/** Where the union of a struct ifreq begins: an ifindex, or a pointer. */
const UNION = 16;
/** What the pointer of SIOCDEVPRIVATE leads to: u64 each. */
const PRIVATE_WORDS = 32;
/** What that of SIOCSIFBR leads to: what is to be done, the address of a name, and 0; u64 each. */
const BRIDGE_WORDS = 24;
// linux/if_bridge.h
const BRCTL_ADD_BRIDGE = 2;
const BRCTL_DEL_BRIDGE = 3;
const BRCTL_ADD_IF = 4;
const BRCTL_DEL_IF = 5;

/** brctl(8): bridges made and deleted (br_ioctl_stub(), old_deviceless()), and their ports (add_del_if()); the rest it does by /sys/class/net. */
export const bridgeRequests: readonly [number, IoctlHandler][] = [
  // SIOCBRADDBR, SIOCBRDELBR: a name alone
  [0x89a0, { size: IFNAMSIZ, writes: false, run: addBridge }],
  [0x89a1, { size: IFNAMSIZ, writes: false, run: deleteBridge }],
  // SIOCSIFBR: what the two were before; brctl tries it next, and says why it failed.
  [0x8941, { size: BRIDGE_WORDS, writes: false, run: oldBridgeRequest }],
  // SIOCBRADDIF, SIOCBRDELIF
  [0x89a2, { size: IFREQ, writes: false, run: (request) => changePorts(request, true) }],
  [0x89a3, { size: IFREQ, writes: false, run: (request) => changePorts(request, false) }],
];

function addBridge(request: IoctlRequest): number {
  needAdmin(request);
  const { namespace, bytes } = request;
  const { stack } = namespace;
  const kind = stack.linkKinds.get('bridge') ?? fail(EOPNOTSUPP);
  newLink(kind, { stack, namespace, name: nameAt(bytes, 0), lower: null, data: {}, address: null, mtu: null }, {}, {});
  return 0;
}

function deleteBridge(request: IoctlRequest): number {
  needAdmin(request);
  const bridge = request.namespace.deviceByName(nameAt(request.bytes, 0)) ?? fail(ENXIO);
  if (!(bridge instanceof BridgeDevice)) return -EPERM;
  if (bridge.up) return -EBUSY;
  deleteLinks([bridge]);
  return 0;
}

function oldBridgeRequest(request: IoctlRequest): number {
  const { call, view, bench } = request;
  const what = view.getUint32(0, true);
  if (what !== BRCTL_ADD_BRIDGE && what !== BRCTL_DEL_BRIDGE) return -EOPNOTSUPP;
  if (!call.read(pointerAt(view, 8), IFNAMSIZ, bench.io.address)) return -EFAULT;
  return what === BRCTL_ADD_BRIDGE ? addBridge(request) : deleteBridge(request);
}

const pointerAt = (view: DataView, at: number) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;

function changePorts(request: IoctlRequest, adds: boolean): number {
  const bridge = deviceOf(request);
  needAdmin(request);
  if (!(bridge instanceof BridgeDevice)) return -EOPNOTSUPP;
  return changePort(bridge, request.namespace.deviceByIndex(request.view.getInt32(UNION, true)), adds);
}

function changePort(bridge: BridgeDevice, device: NetDevice | undefined, adds: boolean): number {
  if (device === undefined) return -EINVAL;
  if (adds) addPort(bridge, device);
  else {
    const { port } = device;
    if (!(port instanceof BridgePort) || port.bridge !== bridge) return -EINVAL;
    deletePort(port);
  }
  return 0;
}

/** SIOCDEVPRIVATE of a bridge: what SIOCBRADDIF and SIOCBRDELIF were before. */
export function oldBridgePortRequest(request: IoctlRequest): number {
  const { call, view } = request;
  const bridge = deviceOf(request);
  if (!(bridge instanceof BridgeDevice)) return -EOPNOTSUPP;
  if (!call.read(pointerAt(view, UNION), PRIVATE_WORDS, request.bench.io.address)) return -EFAULT;
  const what = view.getUint32(0, true);
  if (what !== BRCTL_ADD_IF && what !== BRCTL_DEL_IF) return -EOPNOTSUPP;
  needAdmin(request);
  return changePort(bridge, request.namespace.deviceByIndex(view.getInt32(8, true)), what === BRCTL_ADD_IF);
}
