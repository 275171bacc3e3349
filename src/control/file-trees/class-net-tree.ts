import { EACCES, EINVAL, ENODEV, ENOENT, EOPNOTSUPP } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkSettings } from '../../net/core/ethtool-ops.js';
import { deviceFlags, shownOperState } from '../../net/core/device-state.js';
import type { Namespace } from '../../net/core/namespace.js';
import { isProgramDevice, type TunSettings } from '../../drivers/tun.js';
import { classNetWrites } from './class-net-writes.js';
import type { FileTree } from './file-tree.js';

/** IF_OPER_* as net/core/net-sysfs.c words them. */
const OPER_STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
const hex = (value: number) => `0x${value.toString(16)}`;
const bytes = (address: Uint8Array) => [...address].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
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

/** Files of /sys/class/net/DEVICE: Documentation/ABI/testing/sysfs-class-net. */
const attributes: Readonly<Record<string, (device: NetDevice) => string>> = {
  addr_assign_type: (device) => String(device.addressAssignType),
  addr_len: (device) => String(device.address.length),
  address: (device) => bytes(device.address),
  broadcast: (device) => bytes(device.broadcast),
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
  iflink: (device) => String(device.link?.ifindex ?? device.ifindex),
  link_mode: (device) => String(device.linkMode),
  mtu: (device) => String(device.mtu),
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
  uevent: (device) => `INTERFACE=${device.name}\nIFINDEX=${device.ifindex}`,
};

/** Of tun and tap devices alone. */
const ofTun: Readonly<Record<string, (settings: TunSettings) => string>> = {
  tun_flags: ({ flags }) => hex(flags),
  owner: ({ user }) => String(user ?? -1),
  group: ({ group }) => String(group ?? -1),
};

/** /sys/class/net/DEVICE/statistics: struct rtnl_link_stats64 by its names. */
const statistics: Readonly<Record<string, (device: NetDevice) => number>> = {
  collisions: ({ statistics: s }) => s.collisions,
  multicast: ({ statistics: s }) => s.multicast,
  rx_bytes: ({ statistics: s }) => s.rxBytes,
  rx_compressed: ({ statistics: s }) => s.rxCompressed,
  rx_crc_errors: ({ statistics: s }) => s.rxCrcErrors,
  rx_dropped: ({ statistics: s }) => s.rxDropped,
  rx_errors: ({ statistics: s }) => s.rxErrors,
  rx_fifo_errors: ({ statistics: s }) => s.rxFifoErrors,
  rx_frame_errors: ({ statistics: s }) => s.rxFrameErrors,
  rx_length_errors: ({ statistics: s }) => s.rxLengthErrors,
  rx_missed_errors: ({ statistics: s }) => s.rxMissedErrors,
  rx_over_errors: ({ statistics: s }) => s.rxOverErrors,
  rx_packets: ({ statistics: s }) => s.rxPackets,
  tx_aborted_errors: ({ statistics: s }) => s.txAbortedErrors,
  tx_bytes: ({ statistics: s }) => s.txBytes,
  tx_carrier_errors: ({ statistics: s }) => s.txCarrierErrors,
  tx_compressed: ({ statistics: s }) => s.txCompressed,
  tx_dropped: ({ statistics: s }) => s.txDropped,
  tx_errors: ({ statistics: s }) => s.txErrors,
  tx_fifo_errors: ({ statistics: s }) => s.txFifoErrors,
  tx_heartbeat_errors: ({ statistics: s }) => s.txHeartbeatErrors,
  tx_packets: ({ statistics: s }) => s.txPackets,
  tx_window_errors: ({ statistics: s }) => s.txWindowErrors,
};

const modeOf = (name: string) => (Object.hasOwn(classNetWrites, name) ? 0o644 : 0o444);
const file = (name: string) => ({ name, mode: modeOf(name) });

/** The device of a path, and what of it the path names. */
function find(namespace: Namespace, path: string): readonly [device: NetDevice | undefined, rest: string] {
  const [name = ''] = path.split('/', 1);
  return [namespace.deviceByName(name), path.slice(name.length + 1)];
}

function reader(device: NetDevice, path: string): ((device: NetDevice) => string) | undefined {
  if (isProgramDevice(device) && Object.hasOwn(ofTun, path)) return () => ofTun[path]!(device.settings);
  if (Object.hasOwn(attributes, path)) return attributes[path];
  const counter = path.startsWith('statistics/') ? path.slice('statistics/'.length) : '';
  if (!Object.hasOwn(statistics, counter)) return undefined;
  return () => {
    device.refreshStatistics();
    return String(statistics[counter]!(device));
  };
}

/** /sys/class/net */
export const classNetTree: FileTree = {
  list: (namespace, path) => {
    if (path === '') return namespace.devices().map(({ name }) => ({ name, mode: null }));
    const [device, rest] = find(namespace, path);
    if (device === undefined) return null;
    if (rest === 'statistics') return Object.keys(statistics).map((name) => ({ name, mode: 0o444 }));
    const own = isProgramDevice(device) ? Object.keys(ofTun) : [];
    return rest === '' ? [...[...Object.keys(attributes), ...own].map(file), { name: 'statistics', mode: null }] : null;
  },
  mode: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    return device !== undefined && reader(device, rest) !== undefined ? modeOf(rest) : null;
  },
  read: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    const read = device === undefined ? undefined : reader(device, rest);
    if (device === undefined || read === undefined) throw new NetError(ENOENT);
    return `${read(device)}\n`;
  },
  write: (namespace, path, text) => {
    const [device, rest] = find(namespace, path);
    if (device === undefined) throw new NetError(ENODEV);
    if (!Object.hasOwn(classNetWrites, rest)) throw new NetError(EACCES);
    classNetWrites[rest]!(device, text);
  },
};
