// Devices that can be captured on: -D, and what -i names.

import { NetlinkClient } from '../../../client/netlink-client.js';
import type { Transport } from '../../../client/transport.js';
import { AF_UNSPEC } from '../../../netlink/constants.js';
import { IFF_LOOPBACK, IFF_RUNNING, IFF_UP, RTM_GETLINK } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NETLINK, DLT_RAW } from '../link-types.js';

export interface CaptureDevice {
  readonly name: string;
  /** 0: all devices. */
  readonly index: number;
  readonly flags: number;
  /** ARPHRD_* */
  readonly type: number;
}

export const ANY = 'any';

// linux/if_arp.h
const ARPHRD_ETHER = 1;
const ARPHRD_TUNNEL = 768;
const ARPHRD_TUNNEL6 = 769;
const ARPHRD_LOOPBACK = 772;
const ARPHRD_SIT = 776;
const ARPHRD_IPGRE = 778;
const ARPHRD_IP6GRE = 823;
const ARPHRD_NETLINK = 824;
const ARPHRD_RAWIP = 519;
const ARPHRD_VOID = 0xffff;
const ARPHRD_NONE = 0xfffe;

const linkTypes: Readonly<Record<number, number>> = {
  [ARPHRD_ETHER]: DLT_EN10MB,
  [ARPHRD_LOOPBACK]: DLT_EN10MB,
  [ARPHRD_TUNNEL]: DLT_RAW,
  [ARPHRD_TUNNEL6]: DLT_RAW,
  [ARPHRD_SIT]: DLT_RAW,
  [ARPHRD_IPGRE]: DLT_RAW,
  [ARPHRD_IP6GRE]: DLT_RAW,
  [ARPHRD_RAWIP]: DLT_RAW,
  [ARPHRD_VOID]: DLT_RAW,
  [ARPHRD_NONE]: DLT_RAW,
  [ARPHRD_NETLINK]: DLT_NETLINK,
};

/** Link types that a device has, the usual one first. */
export function deviceLinkTypes(device: CaptureDevice): readonly number[] {
  if (device.index === 0) return [DLT_LINUX_SLL, DLT_LINUX_SLL2];
  return [linkTypes[device.type] ?? DLT_LINUX_SLL];
}

/** All devices in their order, and "any". */
export async function captureDevices(transport: Transport): Promise<readonly CaptureDevice[]> {
  const client = await NetlinkClient.open(transport);
  const devices: CaptureDevice[] = [];
  try {
    for await (const message of client.dump(linkMessage, { type: RTM_GETLINK, header: { family: AF_UNSPEC }, attributes: {} })) {
      const { header, attributes } = linkMessage.parse(message);
      devices.push({ name: attributes.ifname ?? '', index: header.index, flags: header.flags, type: header.type });
    }
  } finally {
    client.close();
  }
  // As libpcap sorts them: those that are up and running first, then "any", loopback after that.
  const any: CaptureDevice = { name: ANY, index: 0, flags: IFF_UP | IFF_RUNNING, type: ARPHRD_ETHER };
  const merit = ({ flags, index }: CaptureDevice) =>
    ((flags & IFF_RUNNING) === 0 ? 8 : 0) +
    ((flags & IFF_UP) === 0 ? 4 : 0) +
    ((flags & IFF_LOOPBACK) !== 0 ? 2 : 0) +
    (index === 0 ? 1 : 0);
  return [...devices, any].sort((one, other) => merit(one) - merit(other) || one.index - other.index);
}

/** The lines of -D. */
export function deviceList(devices: readonly CaptureDevice[]): string {
  return devices
    .map(({ name, index, flags }, n) => {
      const words = [
        (flags & IFF_UP) !== 0 ? 'Up' : '',
        (flags & IFF_RUNNING) !== 0 ? 'Running' : '',
        (flags & IFF_LOOPBACK) !== 0 ? 'Loopback' : '',
      ];
      if (index > 0 && (flags & IFF_LOOPBACK) === 0) words.push((flags & IFF_RUNNING) !== 0 ? 'Connected' : 'Disconnected');
      const description = index === 0 ? ' (Pseudo-device that captures on all interfaces)' : '';
      return `${n + 1}.${name}${description} [${words.filter((word) => word !== '').join(', ') || 'none'}]\n`;
    })
    .join('');
}
