import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { type Bits, hasBit, newBits } from '../../netlink/genl/ethtool/bitset.js';
import {
  ETH_FLAG_LRO,
  ETH_FLAG_NTUPLE,
  ETH_FLAG_RXHASH,
  ETH_FLAG_RXVLAN,
  ETH_FLAG_TXVLAN,
  ETHTOOL_F_UNSUPPORTED,
  ETHTOOL_F_WISH,
  FeatureBlocks,
  Ioctl,
  Value,
} from '../../netlink/genl/ethtool/ioctl.js';
import {
  both,
  changeFeatures,
  difference,
  FEATURES,
  featureBits,
  featuresOf,
  neverChange,
  tellFeatures,
  touchesUnchangeable,
} from '../../net/ethtool/features.js';
import type { NetDevice } from '../../net/core/device.js';
import type { IoctlCommand, IoctlRequest } from './request.js';

const BLOCKS = newBits(FEATURES).length;

function setFeatures(device: NetDevice, value: Bits, mask: Bits) {
  const result = changeFeatures(device, value, mask);
  if (result.changed) tellFeatures(device);
  return result;
}

/** The requests of before there were feature sets: one value for a few features. Linux: ethtool_get_feature_mask() */
function oneValue(get: number, set: number, names: readonly string[]): readonly IoctlCommand[] {
  const mask = featureBits(names);
  return [
    {
      command: get,
      reads: true,
      size: Value.size,
      handle: (request) => request.setU32(Value.value, Number(both(featuresOf(request.device).active, mask).some((word) => word !== 0))),
    },
    {
      command: set,
      size: Value.size,
      handle(request) {
        const { device } = request;
        const able = both(featuresOf(device).changeable, mask);
        if (able.every((word) => word === 0)) fail(EOPNOTSUPP);
        setFeatures(device, request.u32(Value.value) === 0 ? newBits(FEATURES) : able, able);
      },
    },
  ];
}

/** The features of ETH_FLAG_*. */
const flagged: readonly (readonly [flag: number, name: string])[] = [
  [ETH_FLAG_LRO, 'rx-lro'],
  [ETH_FLAG_TXVLAN, 'tx-vlan-hw-insert'],
  [ETH_FLAG_RXVLAN, 'rx-vlan-hw-parse'],
  [ETH_FLAG_NTUPLE, 'rx-ntuple-filter'],
  [ETH_FLAG_RXHASH, 'rx-hashing'],
];
const allFlags = flagged.reduce((flags, [flag]) => flags | flag, 0);

const namesOf = (flags: number) => featureBits(flagged.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name));

const getFlags: IoctlCommand = {
  command: Ioctl.GFLAGS,
  reads: true,
  size: Value.size,
  handle(request) {
    const { active } = featuresOf(request.device);
    const on = flagged.filter(([, name]) => both(active, featureBits([name])).some((word) => word !== 0));
    request.setU32(
      Value.value,
      on.reduce((flags, [flag]) => flags | flag, 0),
    );
  },
};
/** Linux: __ethtool_set_flags() */
const setFlags: IoctlCommand = {
  command: Ioctl.SFLAGS,
  size: Value.size,
  handle(request) {
    const { device } = request;
    const flags = request.u32(Value.value);
    if ((flags & ~allFlags) !== 0) fail(EINVAL);
    const { active, changeable } = featuresOf(device);
    const wanted = namesOf(flags);
    const moved = both(difference(active, wanted), namesOf(allFlags));
    if (difference(both(moved, changeable), moved).some((word) => word !== 0)) {
      if (both(moved, changeable).every((word) => word === 0)) fail(EOPNOTSUPP);
    }
    setFeatures(device, both(wanted, changeable), both(namesOf(allFlags), changeable));
  },
};

/** ETHTOOL_GFEATURES: four words a block of 32 features. */
const getFeatures: IoctlCommand = {
  command: Ioctl.GFEATURES,
  reads: true,
  size: FeatureBlocks.size,
  handle(request) {
    const { active, wanted, changeable } = featuresOf(request.device);
    const room = request.u32(FeatureBlocks.count);
    request.setU32(FeatureBlocks.count, BLOCKS);
    for (let block = 0; block < Math.min(room, BLOCKS); block++)
      for (const [i, bits] of [changeable, wanted, active, neverChange].entries())
        request.setU32(FeatureBlocks.blocks + block * FeatureBlocks.getBytes + i * 4, bits[block] ?? 0);
  },
};

const bitsAt = (request: IoctlRequest, word: number): Bits =>
  newBits(FEATURES).map((_, block) => request.u32(FeatureBlocks.blocks + block * FeatureBlocks.setBytes + word * 4));

/** ETHTOOL_SFEATURES: what may be changed, and how; its outcome is ETHTOOL_F_*. Linux: ethtool_set_features() */
const changeAll: IoctlCommand = {
  command: Ioctl.SFEATURES,
  size: FeatureBlocks.size,
  behind: (request) => (request.u32(FeatureBlocks.count) === BLOCKS ? BLOCKS * FeatureBlocks.setBytes : fail(EINVAL)),
  handle(request) {
    const { device } = request;
    const valid = bitsAt(request, 0);
    const wanted = bitsAt(request, 1);
    for (let bit = FEATURES; bit < BLOCKS * 32; bit++) if (hasBit(valid, bit)) fail(EINVAL);
    if (touchesUnchangeable(valid)) fail(EINVAL);
    const able = both(valid, featuresOf(device).changeable);
    const { after } = setFeatures(device, both(wanted, able), able);
    const beyond = difference(valid, able).some((word) => word !== 0);
    const missed = both(difference(after, wanted), able).some((word) => word !== 0);
    request.outcome = (beyond ? ETHTOOL_F_UNSUPPORTED : 0) | (missed ? ETHTOOL_F_WISH : 0);
  },
};

export const featureCommands: readonly IoctlCommand[] = [
  ...oneValue(Ioctl.GRXCSUM, Ioctl.SRXCSUM, ['rx-checksum']),
  ...oneValue(Ioctl.GTXCSUM, Ioctl.STXCSUM, ['tx-checksum-ipv4', 'tx-checksum-ip-generic', 'tx-checksum-ipv6', 'tx-checksum-sctp']),
  ...oneValue(Ioctl.GSG, Ioctl.SSG, ['tx-scatter-gather', 'tx-scatter-gather-fraglist']),
  ...oneValue(Ioctl.GTSO, Ioctl.STSO, [
    'tx-tcp-segmentation',
    'tx-tcp-ecn-segmentation',
    'tx-tcp-mangleid-segmentation',
    'tx-tcp6-segmentation',
  ]),
  ...oneValue(Ioctl.GGSO, Ioctl.SGSO, ['tx-generic-segmentation']),
  ...oneValue(Ioctl.GGRO, Ioctl.SGRO, ['rx-gro']),
  getFlags,
  setFlags,
  getFeatures,
  changeAll,
];
