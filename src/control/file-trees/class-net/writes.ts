import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { changeCarrier, changeFlags, setAlias, setMtu, setTxQueueLength } from '../../../net/core/device-state.js';

/** kstrtoul(): decimal, 0x and 0 as in C. EINVAL. */
export function number(text: string): number {
  const word = text.trim();
  if (!/^\+?(0x[0-9a-f]+|\d+)$/i.test(word)) fail(EINVAL);
  const plain = word.replace(/^\+/, '');
  const value = /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
  return Number.isSafeInteger(value) && value <= 0xffff_ffff ? value : fail(EINVAL);
}

/** The files of /sys/class/net/DEVICE that may be written: what a write does. net/core/net-sysfs.c, netdev_store() */
export const classNetWrites: Readonly<Record<string, (device: NetDevice, text: string) => void>> = {
  mtu: (device, text) => setMtu(device, number(text)),
  tx_queue_len: (device, text) => setTxQueueLength(device, number(text)),
  flags: (device, text) => changeFlags(device, number(text)),
  carrier: (device, text) => (device.up ? changeCarrier(device, number(text) !== 0) : fail(EINVAL)),
  // One line feed at its end is not part of it.
  ifalias: (device, text) => setAlias(device, text.replace(/\n$/, '')),
  netdev_group: (device, text) => {
    device.group = number(text) | 0;
  },
};
