import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { type BondData, bondData, bondSlaveData } from '../../netlink/rtnl/link/bond.js';
import { Deferred } from '../../netlink/schema.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind } from '../../net/core/link-kind.js';
import { checkEthernetAddress } from '../link-address.js';
import { describeBond, describeSlave } from './describe.js';
import { BondDevice } from './device.js';
import { enslave, releaseDevice } from './enslave.js';
import { changeBond, changeSlave } from './options.js';
import { type Slave, slaveOf } from './slave.js';

const memberOf = (device: NetDevice): Slave => slaveOf(device) ?? fail(EINVAL);

export const bond: LinkKind<BondData> = {
  kind: 'bond',
  data: bondData,
  namePattern: 'bond%d',
  validate: ({ address }) => checkEthernetAddress(address ?? null),
  // Linux: bond_newlink()
  create(request) {
    const device = new BondDevice(request.stack, request.name);
    device.setRandomAddress();
    // Its options are judged before it is anywhere; names of slaves are those of where it will be.
    device.namespace = request.namespace;
    changeBond(device, request.data);
    return device;
  },
  registered(device) {
    if (device instanceof BondDevice) device.settle();
  },
  change(device, data) {
    if (device instanceof BondDevice) changeBond(device, data);
  },
  describe: (device) => (device instanceof BondDevice ? describeBond(device) : undefined),
  enslave(master, device) {
    if (master instanceof BondDevice) enslave(master, device);
  },
  release(master, device) {
    if (master instanceof BondDevice) releaseDevice(master, device);
  },
  member: {
    describe: (device) => Deferred.of(bondSlaveData, describeSlave(memberOf(device))),
    change: (device, data) => changeSlave(memberOf(device), data.parse(bondSlaveData)),
  },
};
