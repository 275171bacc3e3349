import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { StringSet } from '../../netlink/genl/ethtool/constants.js';
import {
  DriverInfo,
  ETH_TEST_FL_FAILED,
  ETH_TEST_FL_OFFLINE,
  Ioctl,
  PermanentAddress,
  SsetInfo,
  Stats,
  STRING_BYTES,
  Strings,
  Test,
} from '../../netlink/genl/ethtool/ioctl.js';
import { globalStringSets } from '../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../net/core/device.js';
import { KERNEL_RELEASE } from '../../net/core/ethtool-ops.js';
import { deviceStrings } from '../../net/ethtool/strings.js';
import type { IoctlCommand } from './request.js';

const namesOf = (device: NetDevice, id: number): readonly string[] | null =>
  deviceStrings(device, id) ??
  (id === StringSet.STATS || id === StringSet.TEST || id === StringSet.PRIV_FLAGS ? null : (globalStringSets.get(id) ?? null));

/** ETHTOOL_GDRVINFO. Linux: ethtool_get_drvinfo() */
const driverInfo: IoctlCommand = {
  command: Ioctl.GDRVINFO,
  size: DriverInfo.size,
  reads: true,
  handle(request) {
    const { device } = request;
    const { ethtool } = device;
    const name = ethtool.driver?.(device) ?? (device.kind === null ? fail(EOPNOTSUPP) : { driver: device.kind.kind });
    request.setText(DriverInfo.driver, name.driver, 32);
    request.setText(DriverInfo.version, name.version ?? KERNEL_RELEASE, 32);
    request.setText(DriverInfo.firmware, name.firmware ?? '', 32);
    request.setText(DriverInfo.bus, name.bus ?? '', 32);
    request.setText(DriverInfo.eromVersion, '', 32);
    request.setU32(DriverInfo.privFlags, ethtool.privateFlags?.names.length ?? 0);
    request.setU32(DriverInfo.statistics, ethtool.statistics?.names(device).length ?? 0);
    request.setU32(DriverInfo.tests, ethtool.selfTest?.names.length ?? 0);
    request.setU32(DriverInfo.eepromBytes, ethtool.eeprom?.bytes ?? 0);
    request.setU32(DriverInfo.registerBytes, ethtool.registers?.dump(device).length ?? 0);
  },
};

/** ETHTOOL_GSSET_INFO: how many strings the sets in a mask have; sets that are not there leave the mask. */
const stringSetInfo: IoctlCommand = {
  command: Ioctl.GSSET_INFO,
  size: SsetInfo.size,
  reads: true,
  handle(request) {
    const mask = request.u32(SsetInfo.mask);
    let found = 0;
    let at: number = SsetInfo.data;
    for (let id = 0; id < 32; id++) {
      if ((mask & (1 << id)) === 0) continue;
      const names = namesOf(request.device, id);
      if (names === null) continue;
      found |= 1 << id;
      request.setU32(at, names.length);
      at += 4;
    }
    request.setU64(SsetInfo.mask, found >>> 0);
  },
};

/** ETHTOOL_GSTRINGS: names of 32 bytes each. */
const strings: IoctlCommand = {
  command: Ioctl.GSTRINGS,
  size: Strings.size,
  reads: true,
  handle(request) {
    const names = namesOf(request.device, request.u32(Strings.set)) ?? fail(EOPNOTSUPP);
    request.setU32(Strings.count, names.length);
    for (const [i, name] of names.entries()) request.setText(Strings.data + i * STRING_BYTES, name, STRING_BYTES);
  },
};

/** ETHTOOL_GSTATS */
const statistics: IoctlCommand = {
  command: Ioctl.GSTATS,
  size: Stats.size,
  reads: true,
  handle(request) {
    const { device } = request;
    const ops = device.ethtool.statistics ?? fail(EOPNOTSUPP);
    device.refreshStatistics();
    const values = ops.values(device);
    request.setU32(Stats.count, values.length);
    for (const [i, value] of values.entries()) request.setU64(Stats.data + i * 8, value);
  },
};

/** ETHTOOL_TEST */
const selfTest: IoctlCommand = {
  command: Ioctl.TEST,
  size: Test.size,
  handle(request) {
    const { device } = request;
    const ops = device.ethtool.selfTest ?? fail(EOPNOTSUPP);
    const flags = request.u32(Test.flags);
    const results = ops.run(device, (flags & ETH_TEST_FL_OFFLINE) !== 0);
    request.setU32(Test.flags, results.some((result) => result !== 0) ? flags | ETH_TEST_FL_FAILED : flags);
    request.setU32(Test.count, results.length);
    for (const [i, result] of results.entries()) request.setU64(Test.data + i * 8, result);
  },
};

/** ETHTOOL_GPERMADDR */
const permanentAddress: IoctlCommand = {
  command: Ioctl.GPERMADDR,
  size: PermanentAddress.size,
  reads: true,
  handle(request) {
    const address = request.device.permanentAddress ?? new Uint8Array(6);
    if (request.u32(PermanentAddress.length) < address.length) fail(EINVAL);
    request.setU32(PermanentAddress.length, address.length);
    request.setBytes(PermanentAddress.data, address);
  },
};

export const aboutCommands: readonly IoctlCommand[] = [driverInfo, stringSetInfo, strings, statistics, selfTest, permanentAddress];
