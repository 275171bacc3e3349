import { vlanEthtool } from './ethtool/vlan.js';
import { EEXIST, EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ERANGE } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
  type VlanData,
  vlanData,
} from '../netlink/rtnl/link/vlan.js';
import { VlanDevice } from '../net/8021q/vlan-device.js';
import type { LinkKind } from '../net/core/link-kind.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../wire/ethernet.js';
import { VLAN_VID_MASK } from '../wire/vlan.js';
import { checkEthernetAddress } from './link-address.js';

const VALID_FLAGS = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING | VLAN_FLAG_MVRP | VLAN_FLAG_BRIDGE_BINDING;

// Linux: vlan_validate()
function validate(data: VlanData): void {
  if (Object.keys(data).length === 0) fail(EINVAL, '8021q: VLAN properties not specified');
  if (data.protocol !== undefined && data.protocol !== ETH_P_8021Q && data.protocol !== ETH_P_8021AD)
    fail(EPROTONOSUPPORT, '8021q: Invalid VLAN protocol');
  if (data.id !== undefined && data.id >= VLAN_VID_MASK) fail(ERANGE, '8021q: Invalid VLAN id');
  if (data.flags !== undefined && (data.flags.flags & data.flags.mask & ~VALID_FLAGS) !== 0) fail(EINVAL, '8021q: Invalid VLAN flags');
}

// Linux: vlan_changelink()
function change(device: VlanDevice, data: VlanData): void {
  if (data.flags !== undefined) device.changeVlanFlags(data.flags.flags, data.flags.mask);
  for (const { from, to } of data.ingressQos ?? []) device.mapIngress(from, to);
  for (const { from, to } of data.egressQos ?? []) device.mapEgress(from, to);
}

export const vlan: LinkKind<VlanData> = {
  kind: 'vlan',
  data: vlanData,
  namePattern: 'vlan%d',
  // Linux: vlan_newlink()
  create(request) {
    checkEthernetAddress(request.address);
    const { data, lower } = request;
    validate(data);
    const id = data.id ?? fail(EINVAL, '8021q: VLAN id not specified');
    if (lower === null) return fail(EINVAL, '8021q: link not specified');
    const protocol = data.protocol ?? ETH_P_8021Q;
    if (lower.vlanChallenged) fail(EOPNOTSUPP, '8021q: VLANs not supported on device');
    if (lower.vlans !== null && lower.vlans.find(protocol, id) !== null) fail(EEXIST, '8021q: VLAN device already exists');
    const device = new VlanDevice(lower, request.name, id, protocol);
    device.ethtool = vlanEthtool;
    change(device, data);
    if (request.mtu !== null && request.mtu > lower.mtu) fail(EINVAL);
    return device;
  },
  registered(device) {
    if (device instanceof VlanDevice) device.attach();
  },
  change(device, data) {
    validate(data);
    if (device instanceof VlanDevice) change(device, data);
  },
  // Linux: vlan_fill_info()
  describe(device) {
    if (!(device instanceof VlanDevice)) return undefined;
    const ingress = [...device.ingress].map((to, from) => ({ from, to })).filter(({ to }) => to !== 0);
    const egress = device.egressFrom
      .map((from, at) => ({ from, to: device.egressTo[at]! }))
      .filter(({ to }) => to !== 0)
      .reverse()
      .sort((a, b) => (a.from & 0xf) - (b.from & 0xf));
    return {
      protocol: device.protocol,
      id: device.id,
      ...(device.vlanFlags === 0 ? {} : { flags: { flags: device.vlanFlags, mask: 0xffff_ffff } }),
      ...(ingress.length === 0 ? {} : { ingressQos: ingress }),
      ...(egress.length === 0 ? {} : { egressQos: egress }),
    };
  },
};
