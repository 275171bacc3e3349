import { NetError } from '../../base/net-error.js';
import { DriverInfo } from '../../netlink/genl/ethtool/ioctl.js';
import { textAt, viewOf } from './ioctl-words.js';
import { driverInfo } from './string-sets.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** -i */
export const driver: SubCommand = {
  options: ['-i', '--driver'],
  summary: 'Show driver information',
  async ioctl(context) {
    if (context.words.length > 0) badArguments();
    const info = await driverInfo(context);
    if (info instanceof NetError) {
      await context.perror('Cannot get driver information', info);
      return 71;
    }
    const view = viewOf(info);
    const yes = (at: number) => (view.getUint32(at, true) === 0 ? 'no' : 'yes');
    context.print(`driver: ${textAt(info, DriverInfo.driver, 32)}
version: ${textAt(info, DriverInfo.version, 32)}
firmware-version: ${textAt(info, DriverInfo.firmware, 32)}
expansion-rom-version: ${textAt(info, DriverInfo.eromVersion, 32)}
bus-info: ${textAt(info, DriverInfo.bus, 32)}
supports-statistics: ${yes(DriverInfo.statistics)}
supports-test: ${yes(DriverInfo.tests)}
supports-eeprom-access: ${yes(DriverInfo.eepromBytes)}
supports-register-dump: ${yes(DriverInfo.registerBytes)}
supports-priv-flags: ${yes(DriverInfo.privFlags)}
`);
    return 0;
  },
};
