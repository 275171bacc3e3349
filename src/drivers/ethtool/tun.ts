import { combine } from '../../netlink/genl/ethtool/bitset.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { IFF_TAP } from '../../netlink/rtnl/link/tun.js';
import type { TapDevice, TunDevice } from '../tun.js';
import { featureBits } from '../../net/ethtool/features.js';
import { allTso, scatterGather, soft, vlanInsert } from './groups.js';
import { pretendedLink } from './link-settings.js';

/** What its program may switch on (TUNSETOFFLOAD), and nobody else. */
const byProgram = ['tx-checksum-ip-generic', ...allTso];

const programBits = featureBits(byProgram);

type Device = TunDevice | TapDevice;

/** Linux: tun_ethtool_ops, tun_set_iff(), tun_net_fix_features() */
export const tunEthtool: EthtoolOps<Device> = {
  driver: (device) => ({ driver: 'tun', version: '1.6', bus: (device.settings.flags & IFF_TAP) === 0 ? 'tun' : 'tap' }),
  features: () => ({
    on: [...scatterGather, ...vlanInsert, ...soft, 'tx-lockless'],
    changeable: [...scatterGather, ...vlanInsert, ...byProgram],
    wished: ['tx-checksum-ip-generic', 'tx-tcp-segmentation', 'tx-tcp-ecn-segmentation', 'tx-tcp6-segmentation'],
  }),
  fixFeatures: (_device, wanted) => combine(wanted, programBits, (x, y) => x & ~y),
  reportsLink: true,
  stampsSent: true,
  linkSettings: {
    get: (device) => (device.linkSettings ??= pretendedLink(10)),
    set(device, settings) {
      device.linkSettings = settings;
    },
  },
  messageLevel: {
    get: (device) => device.messageLevel,
    set(device, level) {
      device.messageLevel = level;
    },
  },
  coalesce: {
    supported: ['rxMaxFrames'],
    get: (device) => ({ rxMaxFrames: device.rxBatched }),
    // Linux: tun_set_coalesce(): a batch is at most as long as NAPI's.
    set(device, { rxMaxFrames = 0 }) {
      device.rxBatched = Math.min(rxMaxFrames, 64);
    },
  },
};
