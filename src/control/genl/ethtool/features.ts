import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { newBits } from '../../../netlink/genl/ethtool/bitset.js';
import { Answer, ETHTOOL_FLAG_OMIT_REPLY, ETHTOOL_VERSION, Request } from '../../../netlink/genl/ethtool/constants.js';
import { featuresMessage } from '../../../netlink/genl/ethtool/messages.js';
import { featureNames } from '../../../netlink/genl/ethtool/strings.js';
import {
  both,
  changeFeatures,
  difference,
  FEATURES,
  featuresOf,
  neverChange,
  tellFeatures,
  touchesUnchangeable,
} from '../../../net/ethtool/features.js';
import { readBits, writeBits } from './bits.js';
import type { EthtoolObject } from './object.js';

const all = newBits(FEATURES).map(() => 0xffff_ffff);

export const features: EthtoolObject<typeof featuresMessage.attributes.shape> = {
  schema: featuresMessage,
  get: Request.FEATURES_GET,
  reply: Answer.FEATURES_GET_REPLY,
  describe(device, flags) {
    const { active, wanted, changeable } = featuresOf(device);
    return {
      hw: writeBits(flags, FEATURES, changeable, all, featureNames),
      wanted: writeBits(flags, FEATURES, wanted, null, featureNames),
      active: writeBits(flags, FEATURES, active, null, featureNames),
      noChange: writeBits(flags, FEATURES, neverChange, null, featureNames),
    };
  },
  set: {
    command: Request.FEATURES_SET,
    // Linux: ethnl_set_features(); the notification goes out with the device's event.
    apply(device, { request, attributes, flags, offsetOf }) {
      const wire = attributes.wanted ?? fail(EINVAL);
      const { value, mask } = readBits(wire, FEATURES, featureNames, offsetOf('wanted'));
      if (touchesUnchangeable(mask)) fail(EINVAL, 'attempt to change non-ethtool features');
      const { before, after, requested, changed } = changeFeatures(device, value, mask);
      if ((flags & ETHTOOL_FLAG_OMIT_REPLY) === 0) {
        const missed = both(difference(requested, after), mask);
        const moved = difference(before, after);
        request?.answer(
          featuresMessage,
          { command: Answer.FEATURES_SET_REPLY, version: ETHTOOL_VERSION },
          {
            header: { index: device.ifindex, name: device.name },
            wanted: writeBits(flags, FEATURES, both(requested, missed), missed, featureNames),
            active: writeBits(flags, FEATURES, both(after, moved), moved, featureNames),
          },
        );
      }
      if (changed) tellFeatures(device);
      return false;
    },
  },
};
