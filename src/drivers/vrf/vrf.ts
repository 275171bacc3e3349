import { EADDRNOTAVAIL, EBUSY, EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { IFF_UP } from '../../netlink/rtnl/constants.js';
import { type VrfData, vrfData, vrfPortData } from '../../netlink/rtnl/link/vrf.js';
import { Deferred } from '../../netlink/schema.js';
import { changeFlags, deviceFlags } from '../../net/core/device-state.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind } from '../../net/core/link-kind.js';
import { linkMaster, unlinkMaster } from '../../net/core/upper-devices.js';
import { ADDRESS_BYTES, isValidAddress } from '../../wire/ethernet.js';
import { VrfDevice } from './device.js';
import { loadVrf, vrfNamespace } from './namespace.js';

/** IFLA_VRF_TABLE of no table. */
const RT_TABLE_UNSPEC = 0;

// Linux: vrf_validate()
function validateAddress(address: Uint8Array | null): void {
  if (address === null) return;
  if (address.length !== ADDRESS_BYTES) fail(EINVAL, 'Invalid hardware address');
  if (!isValidAddress(address)) fail(EADDRNOTAVAIL, 'Invalid hardware address');
}

/** Down and up again: its routes move to the table that is theirs now. Linux: cycle_netdev() */
function cycle(device: NetDevice): void {
  if (!device.up) return;
  changeFlags(device, deviceFlags(device) & ~IFF_UP);
  changeFlags(device, deviceFlags(device) | IFF_UP);
}

/** A routing domain with a table of its own, and the devices that are enslaved to it. */
export const vrf: LinkKind<VrfData> = {
  kind: 'vrf',
  data: vrfData,
  namePattern: 'vrf%d',
  // Linux: vrf_newlink()
  create(request) {
    validateAddress(request.address);
    const { table } = request.data;
    if (table === undefined) return fail(EINVAL, 'VRF table id is missing');
    if (table === RT_TABLE_UNSPEC) return fail(EINVAL, 'Invalid VRF table id');
    loadVrf(request.stack);
    const device = new VrfDevice(request.stack, request.name, table);
    device.setRandomAddress();
    return device;
  },
  registered(device) {
    vrfNamespace(device.namespace).add(device, () => fail(EBUSY, 'Table is used by another VRF'));
  },
  describe: (device) => (device.l3Table === 0 ? undefined : { table: device.l3Table }),
  // Linux: vrf_add_slave()
  enslave(master, device) {
    if (device.l3Table !== 0) fail(EINVAL, 'Can not enslave an L3 master device to a VRF');
    if (device === device.namespace.loopback) fail(EOPNOTSUPP, 'Can not enslave loopback device to a VRF');
    linkMaster(device, master);
    cycle(device);
  },
  release(_master, device) {
    unlinkMaster(device);
    cycle(device);
  },
  member: {
    describe: (device) => Deferred.of(vrfPortData, { table: device.master?.l3Table ?? 0 }),
    change: () => fail(EOPNOTSUPP),
  },
};
