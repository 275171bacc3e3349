import { ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { fact, type Files } from './setting-file.js';

// What a queue has in /sys/class/net/DEVICE/queues. One processor runs the stack: there are none to steer packets to.

/** Linux: DQL_MAX_LIMIT */
const MOST_BYTES = 1_879_048_192;

/** DEVICE/queues/rx-N */
export const rxQueueFiles: Files<NetDevice> = { rps_cpus: fact(() => '0'), rps_flow_cnt: fact(() => '0') };

// Linux: traffic_class_show(), xps_cpus_show(): of a device with one queue there is nothing to say.
const ofMany = (text: string) => fact<NetDevice>((device) => (device.numTxQueues > 1 ? text : fail(ENOENT)));

/** DEVICE/queues/tx-N */
export const txQueueFiles: Files<NetDevice> = {
  traffic_class: ofMany(''),
  tx_maxrate: fact(() => '0'),
  tx_timeout: fact(() => '0'),
  xps_cpus: ofMany('0'),
  xps_rxqs: fact(() => '0'),
};

/** DEVICE/queues/tx-N/byte_queue_limits: software devices queue nothing. */
export const queueLimitFiles: Files<NetDevice> = {
  hold_time: fact(() => '1000'),
  inflight: fact(() => '0'),
  limit: fact(() => '0'),
  limit_max: fact(() => String(MOST_BYTES)),
  limit_min: fact(() => '0'),
};

const QUEUE = /^queues\/(rx|tx)-(0|[1-9]\d*)(\/byte_queue_limits)?$/;

/** The names of queues, as folders of DEVICE/queues. */
export const queueNames = (device: NetDevice): readonly string[] => [
  ...Array.from({ length: device.numRxQueues }, (_, i) => `rx-${i}`),
  ...Array.from({ length: device.numTxQueues }, (_, i) => `tx-${i}`),
];

/** The files of a folder below DEVICE/queues; null: there is no such. */
export function queueFiles(device: NetDevice, path: string): Files<NetDevice> | null {
  const [, side, index, limits] = QUEUE.exec(path) ?? [];
  if (side === undefined || Number(index) >= (side === 'rx' ? device.numRxQueues : device.numTxQueues)) return null;
  if (limits !== undefined) return side === 'tx' ? queueLimitFiles : null;
  return side === 'rx' ? rxQueueFiles : txQueueFiles;
}
