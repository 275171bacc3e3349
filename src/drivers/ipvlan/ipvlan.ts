import { EBUSY, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ARPHRD_ETHER, IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import {
  IPVLAN_F_PRIVATE,
  IPVLAN_F_VEPA,
  IPVLAN_MODE_L3,
  IPVLAN_MODE_L3S,
  type IpvlanData,
  ipvlanData,
} from '../../netlink/rtnl/link/ipvlan.js';
import type { LinkKind } from '../../net/core/link-kind.js';
import { IpvlanDevice } from './device.js';
import { IpvlanPort } from './port.js';

const ALL_FLAGS = IPVLAN_F_PRIVATE | IPVLAN_F_VEPA;

// Linux: ipvlan_nl_validate()
function validate(data: IpvlanData): void {
  if (data.mode !== undefined && data.mode > IPVLAN_MODE_L3S) fail(EINVAL);
  if (data.flags === undefined) return;
  if ((data.flags & ~ALL_FLAGS) !== 0 || (data.flags & ALL_FLAGS) === ALL_FLAGS) fail(EINVAL);
}

export const ipvlan: LinkKind<IpvlanData> = {
  kind: 'ipvlan',
  data: ipvlanData,
  namePattern: 'ipvlan%d',
  // Linux: ipvlan_link_new()
  create(request) {
    validate(request.data);
    if (request.lower === null) return fail(EINVAL);
    const lower = request.lower instanceof IpvlanDevice ? request.lower.lower : request.lower;
    if (!(lower.port instanceof IpvlanPort)) {
      if (lower.type !== ARPHRD_ETHER || (lower.flags & IFF_LOOPBACK) !== 0) fail(EINVAL);
      if (lower.rxHandler !== null) fail(EBUSY);
    }
    return new IpvlanDevice(lower, request.name);
  },
  registered(device, { data }) {
    if (!(device instanceof IpvlanDevice)) return;
    // Linux: whatever address was wished for, it has that of the device below.
    device.address = device.lower.address.slice();
    device.attach(data.mode ?? IPVLAN_MODE_L3, data.flags);
  },
  // Linux: ipvlan_nl_changelink()
  change(device, data) {
    validate(data);
    if (!(device instanceof IpvlanDevice)) return;
    if (data.mode !== undefined) device.ipvlanPort.setMode(data.mode);
    if (data.flags !== undefined) device.ipvlanPort.flags = data.flags;
  },
  describe(device) {
    return device instanceof IpvlanDevice ? { mode: device.ipvlanPort.mode, flags: device.ipvlanPort.flags } : undefined;
  },
};

/** Linux: TUN_READQ_SIZE */
const READ_QUEUE = 500;

/** An ipvlan whose packets a program may read; as long as none has opened it, it is an ipvlan (drivers/net/ipvlan/ipvtap.c). */
export const ipvtap: LinkKind<IpvlanData> = {
  ...ipvlan,
  kind: 'ipvtap',
  namePattern: 'ipvtap%d',
  create(request) {
    const device = ipvlan.create(request);
    device.txQueueLength = READ_QUEUE;
    return device;
  },
};
