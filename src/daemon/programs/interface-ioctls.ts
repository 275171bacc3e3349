import { EINVAL, ENODEV, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { changeFlags, deviceFlags, setAddress, setBroadcast, setMtu, setTxQueueLength } from '../../net/core/device-state.js';
import { addressesOf } from '../../control/rtnl/ipv4.js';
import type { NetDevice } from '../../net/core/device.js';
import { renameDevice } from '../../net/core/device-registry.js';
import { IFF_UP } from '../../netlink/rtnl/constants.js';
import { changing, type IoctlHandler, type IoctlRequest, IFREQ, nameAt, putName, reading } from './ioctl-request.js';

/** Where the union of a struct ifreq begins. */
const UNION = 16;
/** sa_data of a struct sockaddr. */
const LINK_ADDRESS = 14;
/** The flags that a short holds: IFF_UP to IFF_DYNAMIC. */
const SHORT_FLAGS = 0xffff;

/** Devices by name and number, their flags, MTUs and link-layer addresses: dev_ioctl(). */
export const interfaceRequests: readonly [number, IoctlHandler][] = [
  // SIOCGIFNAME: by index.
  [
    0x8910,
    {
      size: IFREQ,
      writes: true,
      run({ namespace, view, bytes }) {
        const device = namespace.deviceByIndex(view.getInt32(UNION, true)) ?? fail(ENODEV);
        putName(bytes, 0, device.name);
        return 0;
      },
    },
  ],
  // SIOCGIFFLAGS, SIOCSIFFLAGS
  [0x8913, reading(({ view }, device) => view.setUint16(UNION, deviceFlags(device) & SHORT_FLAGS, true))],
  [
    0x8914,
    changing((request, device) => {
      const flags = request.view.getUint16(UNION, true);
      const label = nameAt(request.bytes, 0);
      // Setting an alias down takes its address away (devinet_ioctl()).
      if (label !== device.name) {
        if ((flags & IFF_UP) === 0) addressesOf(request.namespace).delete(device, { label });
        return;
      }
      changeFlags(device, flags | (device.flags & ~SHORT_FLAGS));
    }),
  ],
  // SIOCGIFMETRIC: always 0
  [0x891d, reading(({ view }) => view.setInt32(UNION, 0, true))],
  // SIOCGIFMTU, SIOCSIFMTU
  [0x8921, reading(({ view }, device) => view.setInt32(UNION, device.mtu, true))],
  [0x8922, changing(({ view }, device) => setMtu(device, view.getInt32(UNION, true)))],
  // SIOCSIFNAME
  [0x8923, changing(({ bytes }, device) => renameDevice(device, nameAt(bytes, UNION)))],
  // SIOCSIFHWADDR, SIOCGIFHWADDR, SIOCSIFHWBROADCAST
  [
    0x8924,
    changing(({ view, bytes }, device) => {
      if (view.getUint16(UNION, true) !== device.type) fail(EINVAL);
      setAddress(device, bytes.slice(UNION + 2, UNION + 2 + device.address.length));
    }),
  ],
  [
    0x8927,
    reading(({ view, bytes }, device) => {
      bytes.fill(0, UNION, UNION + 2 + LINK_ADDRESS);
      view.setUint16(UNION, device.type, true);
      bytes.set(device.address.subarray(0, LINK_ADDRESS), UNION + 2);
    }),
  ],
  [
    0x8937,
    changing(({ view, bytes }, device) => {
      if (view.getUint16(UNION, true) !== device.type) fail(EINVAL);
      setBroadcast(device, bytes.slice(UNION + 2, UNION + 2 + device.broadcast.length));
    }),
  ],
  // SIOCGIFINDEX
  [0x8933, reading(({ view }, device) => view.setInt32(UNION, device.ifindex, true))],
  // SIOCADDMULTI, SIOCDELMULTI
  [
    0x8931,
    changing((request, device) => {
      if (device.multicastList.addFixed(linkGroup(request, device))) device.rxModeChanged();
    }),
  ],
  [
    0x8932,
    changing((request, device) => {
      if (!device.multicastList.remove(linkGroup(request, device), true)) fail(ENOENT);
      device.rxModeChanged();
    }),
  ],
  // SIOCGIFTXQLEN, SIOCSIFTXQLEN
  [0x8942, reading(({ view }, device) => view.setInt32(UNION, device.txQueueLength, true))],
  [0x8943, changing(({ view }, device) => setTxQueueLength(device, view.getInt32(UNION, true)))],
  // SIOCGIFMAP: no memory, port or interrupt
  [0x8970, reading(({ bytes }) => void bytes.fill(0, UNION, IFREQ))],
];

/** The group that a sockaddr names. Linux: dev_ifsioc() refuses devices without ndo_set_rx_mode. */
function linkGroup({ bytes }: IoctlRequest, device: NetDevice): Uint8Array {
  if (!device.hasMulticastList) fail(EINVAL);
  return bytes.slice(UNION + 2, UNION + 2 + device.address.length);
}
