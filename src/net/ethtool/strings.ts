import { StringSet } from '../../netlink/genl/ethtool/constants.js';
import type { NetDevice } from '../core/device.js';

/** The string sets that a driver has of its own; null: none of that number. Linux: __ethtool_get_strings() */
export function deviceStrings(device: NetDevice | null, id: number): readonly string[] | null {
  if (device === null) return null;
  const { statistics, selfTest, privateFlags } = device.ethtool;
  if (id === StringSet.STATS) return statistics?.names(device) ?? null;
  if (id === StringSet.TEST) return selfTest?.names ?? null;
  if (id === StringSet.PRIV_FLAGS) return privateFlags?.names ?? null;
  return null;
}
