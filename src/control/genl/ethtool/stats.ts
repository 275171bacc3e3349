import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { hasBit } from '../../../netlink/genl/ethtool/bitset.js';
import { Answer, Request, StringSet } from '../../../netlink/genl/ethtool/constants.js';
import { statsMessage } from '../../../netlink/genl/ethtool/messages.js';
import { statisticsGroupNames } from '../../../netlink/genl/ethtool/strings.js';
import { readBits } from './bits.js';
import type { EthtoolObject } from './object.js';

const GROUPS = statisticsGroupNames.length;

/** Counters with names that a standard gives them (IEEE 802.3, RMON). */
export const stats: EthtoolObject<typeof statsMessage.attributes.shape> = {
  schema: statsMessage,
  get: Request.STATS_GET,
  reply: Answer.STATS_GET_REPLY,
  // Linux: stats_parse_request(), stats_fill_reply()
  describe(device, _flags, attributes) {
    const wire = attributes?.groups ?? fail(EINVAL);
    const { value, mask } = readBits(wire, GROUPS, statisticsGroupNames, undefined);
    const chosen = [...statisticsGroupNames.keys()].filter((group) => hasBit(value, group) && hasBit(mask, group));
    if (chosen.length === 0) fail(EINVAL, 'no stats requested');
    return {
      group: chosen.map((id) => ({
        id,
        stringSet: StringSet.STATS_ETH_PHY + id,
        counters: device.ethtool.standardStatistics?.(device, id) ?? [],
      })),
    };
  },
};
