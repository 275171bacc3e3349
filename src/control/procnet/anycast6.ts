import { addressToBytes } from '../../wire/ipv6.js';
import { hexBytes } from './hex.js';
import type { ProcNetView } from './view.js';

/** /proc/net/anycast6: anycast addresses of devices. Linux: ac6_seq_show() */
export const anycast6: ProcNetView = {
  path: 'anycast6',
  text: (namespace) =>
    [...namespace.devices()]
      .flatMap((device) =>
        (device.ipv6?.anycast ?? []).map(
          ({ address, users }) =>
            `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ${hexBytes(addressToBytes(address))} ${String(users).padStart(5)}\n`,
        ),
      )
      .join(''),
};
