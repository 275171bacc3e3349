import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import type { TunSettings } from '../../../drivers/tun.js';
import { deviceFlags, shownOperState } from '../../../net/core/device-state.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { LinkSettings } from '../../../net/core/ethtool-ops.js';
import { IFF_LOOPBACK } from '../../../netlink/rtnl/constants.js';
import { formatMac } from '../../../wire/mac-address.js';

/** IF_OPER_* as net/core/net-sysfs.c words them. */
const OPER_STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
const hex = (value: number) => `0x${value.toString(16)}`;
const bit = (value: boolean) => (value ? '1' : '0');

/** What a device that is down does not know. */
function running(device: NetDevice, text: string): string {
  if (!device.up) throw new NetError(EINVAL);
  return text;
}

/** What the driver says of its link; EINVAL where it says nothing, or is down. Linux: speed_show(), duplex_show() */
function linkSettings(device: NetDevice): LinkSettings {
  const knob = device.ethtool?.linkSettings;
  if (!device.up || knob === undefined) throw new NetError(EINVAL);
  return knob.get(device);
}

/** linux/ethtool.h: DUPLEX_* */
const DUPLEX: Readonly<Record<number, string>> = { 0: 'half', 1: 'full' };
const noPort = (): never => {
  throw new NetError(EOPNOTSUPP);
};

// NET_NAME_* of linux/netdevice.h
const NET_NAME_ENUM = 1;
const NET_NAME_PREDICTABLE = 2;
const NET_NAME_USER = 3;

/** Kinds whose driver tells udev of itself (SET_NETDEV_DEVTYPE). */
const DEVICE_TYPES = new Set(['bridge', 'vlan', 'bond', 'vxlan', 'macvlan', 'ipvlan']);

/** Files of /sys/class/net/DEVICE: Documentation/ABI/testing/sysfs-class-net. */
export const attributes: Readonly<Record<string, (device: NetDevice) => string>> = {
  addr_assign_type: (device) => String(device.addressAssignType),
  addr_len: (device) => String(device.address.length),
  address: (device) => formatMac(device.address),
  broadcast: (device) => formatMac(device.broadcast),
  carrier: (device) => running(device, bit(device.carrier)),
  carrier_changes: (device) => String(device.carrierUpCount + device.carrierDownCount),
  carrier_down_count: (device) => String(device.carrierDownCount),
  carrier_up_count: (device) => String(device.carrierUpCount),
  dev_id: (device) => hex(device.deviceId),
  dev_port: () => '0',
  dormant: (device) => running(device, bit(device.dormant)),
  duplex: (device) => DUPLEX[linkSettings(device).duplex] ?? 'unknown',
  flags: (device) => hex(deviceFlags(device) & 0xffff & ~0x40),
  gro_flush_timeout: () => '0',
  ifalias: (device) => device.alias,
  ifindex: (device) => String(device.ifindex),
  iflink: (device) => String(device.iflink),
  link_mode: (device) => String(device.linkMode),
  mtu: (device) => String(device.mtu),
  name_assign_type: (device) =>
    String((device.flags & IFF_LOOPBACK) !== 0 ? NET_NAME_PREDICTABLE : device.kind === null ? NET_NAME_ENUM : NET_NAME_USER),
  napi_defer_hard_irqs: () => '0',
  netdev_group: (device) => String(device.group),
  operstate: (device) => OPER_STATES[shownOperState(device)] ?? 'unknown',
  phys_port_id: noPort,
  phys_port_name: noPort,
  phys_switch_id: noPort,
  proto_down: (device) => bit(device.protoDown),
  speed: (device) => String(linkSettings(device).speed | 0),
  testing: (device) => running(device, '0'),
  threaded: () => '0',
  tx_queue_len: (device) => String(device.txQueueLength),
  type: (device) => String(device.type),
  uevent: (device) =>
    `${DEVICE_TYPES.has(device.kind?.kind ?? '') ? `DEVTYPE=${device.kind!.kind}\n` : ''}INTERFACE=${device.name}\nIFINDEX=${device.ifindex}`,
};

/** Of tun and tap devices alone. */
export const ofTun: Readonly<Record<string, (settings: TunSettings) => string>> = {
  tun_flags: ({ flags }) => hex(flags),
  owner: ({ user }) => String(user ?? -1),
  group: ({ group }) => String(group ?? -1),
};
