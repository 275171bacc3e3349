import { newBits } from '../../netlink/genl/ethtool/bitset.js';
import { DUPLEX_FULL, DUPLEX_UNKNOWN, PORT_OTHER, PORT_TP, SPEED_UNKNOWN } from '../../netlink/genl/ethtool/constants.js';
import { linkModeNames } from '../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkSettings } from '../../net/core/ethtool-ops.js';
import { EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';

const none = () => newBits(linkModeNames.length);

/** Of a device that has no link of its own to speak of. */
export const unknownLink = (changes: Partial<LinkSettings> = {}): LinkSettings => ({
  speed: SPEED_UNKNOWN,
  duplex: DUPLEX_UNKNOWN,
  port: PORT_OTHER,
  phyAddress: 0,
  autoneg: false,
  transceiver: 0,
  mdix: 0,
  mdixControl: 0,
  supported: none(),
  advertising: none(),
  linkPartner: none(),
  ...changes,
});

/** Of a software device that claims a twisted pair of so many Mb/s. */
export const pretendedLink = (speed: number): LinkSettings => unknownLink({ speed, duplex: DUPLEX_FULL, port: PORT_TP });

/** A stacked device tells what the one below it tells. EOPNOTSUPP. Linux: __ethtool_get_link_ksettings(real_dev) */
export const linkOfLower = {
  get: (device: NetDevice): LinkSettings => device.link?.ethtool.linkSettings?.get(device.link) ?? fail(EOPNOTSUPP),
};
