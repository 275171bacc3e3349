import { EIO } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { fact, type Files } from './setting-file.js';

/** DEVICE/power: software devices have no power to manage. Linux: drivers/base/power/sysfs.c */
export const powerFiles: Files<NetDevice> = {
  async: fact(() => 'disabled'),
  autosuspend_delay_ms: fact(() => fail(EIO)),
  control: fact(() => 'auto'),
  runtime_active_kids: fact(() => '0'),
  runtime_active_time: fact(() => '0'),
  runtime_enabled: fact(() => 'disabled'),
  runtime_status: fact(() => 'unsupported'),
  runtime_suspended_time: fact(() => '0'),
  runtime_usage: fact(() => '0'),
};
