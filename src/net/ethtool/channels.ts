import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../core/device.js';
import type { ChannelCounts } from '../core/ethtool-ops.js';

/** Refuses channels fewer than the indirection table uses. Linux: ethnl_set_channels(), ethtool_get_max_rxfh_channel() */
export function checkedChannels(device: NetDevice, counts: ChannelCounts): void {
  const rss = device.ethtool.rss?.get(device);
  if (rss === undefined || !rss.configured) return;
  const used = rss.indirection.reduce((most, queue) => Math.max(most, queue), 0);
  if (counts.combined + counts.rx <= used) fail(EINVAL, 'requested channel counts are too low for existing indirection table settings');
}
