import { EACCES, EINVAL, ENODEV, ENOENT, EOPNOTSUPP } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { BridgeDevice } from '../../net/bridge/bridge-device.js';
import { BridgePort } from '../../net/bridge/port.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkSettings } from '../../net/core/ethtool-ops.js';
import { deviceFlags, shownOperState } from '../../net/core/device-state.js';
import type { Namespace } from '../../net/core/namespace.js';
import { isProgramDevice, type TunSettings } from '../../drivers/tun.js';
import { classNetWrites } from './class-net-writes.js';
import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import { bridgeFiles, portFiles, type SettingFile } from './class-net-bridge.js';
import type { FileTree, TreeEntry } from './file-tree.js';

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

// NET_NAME_* of linux/netdevice.h
const NET_NAME_ENUM = 1;
const NET_NAME_PREDICTABLE = 2;
const NET_NAME_USER = 3;

/** Kinds whose driver tells udev of itself (SET_NETDEV_DEVTYPE). */
const DEVICE_TYPES = new Set(['bridge', 'vlan', 'bond', 'vxlan', 'macvlan', 'ipvlan']);

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
  rx_nohandler: ({ statistics: s }) => s.rxNohandler,
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

/** What stands for one file: its permission bits, its text without the line feed, and what a write does. */
interface Node {
  readonly mode: number;
  read(): string;
  write(text: string): void;
}

function refuse(): never {
  throw new NetError(EACCES);
}

/** The device of a path, and what of it the path names. */
function find(namespace: Namespace, path: string): readonly [device: NetDevice | undefined, rest: string] {
  const [name = ''] = path.split('/', 1);
  return [namespace.deviceByName(name), path.slice(name.length + 1)];
}

/** A file of the device itself. */
function attributeNode(device: NetDevice, name: string): Node | undefined {
  if (isProgramDevice(device) && Object.hasOwn(ofTun, name))
    return { mode: 0o444, read: () => ofTun[name]!(device.settings), write: refuse };
  if (!Object.hasOwn(attributes, name)) return undefined;
  const write = Object.hasOwn(classNetWrites, name) ? classNetWrites[name]! : null;
  return {
    mode: write === null ? 0o444 : 0o644,
    read: () => attributes[name]!(device),
    write: (text) => (write === null ? refuse() : write(device, text)),
  };
}

function counterNode(device: NetDevice, name: string): Node | undefined {
  if (!Object.hasOwn(statistics, name)) return undefined;
  const read = () => {
    device.refreshStatistics();
    return String(statistics[name]!(device));
  };
  return { mode: 0o444, read, write: refuse };
}

function settingNode<T>(files: Readonly<Record<string, SettingFile<T>>>, of: T, name: string): Node | undefined {
  const file = Object.hasOwn(files, name) ? files[name]! : undefined;
  return file && { mode: file.mode, read: () => file.read(of), write: (text) => file.write(of, text) };
}

/** A folder below a device: its files, and what each of them is. */
interface Folder {
  readonly names: readonly string[];
  node(name: string): Node | undefined;
}

const folderOf = <T>(files: Readonly<Record<string, SettingFile<T>>>, of: T): Folder => ({
  names: Object.keys(files),
  node: (name) => settingNode(files, of, name),
});

/** A folder of a device by its path; null: it has none such. The folders of folders (brif) are listed by subfolders(). */
function folder(device: NetDevice, path: string): Folder | null {
  if (path === 'statistics') return { names: Object.keys(statistics), node: (name) => counterNode(device, name) };
  if (path === 'bridge' && device instanceof BridgeDevice) return folderOf(bridgeFiles, device);
  if (path === 'brport' && device.port instanceof BridgePort) return folderOf(portFiles, device.port);
  if (!path.startsWith('brif/') || !(device instanceof BridgeDevice)) return null;
  const port = device.ports.find((candidate) => candidate.device.name === path.slice('brif/'.length));
  return port === undefined ? null : folderOf(portFiles, port);
}

function subfolders(device: NetDevice): string[] {
  const bridge = device instanceof BridgeDevice ? ['bridge', 'brif'] : [];
  return [...bridge, ...(device.port instanceof BridgePort ? ['brport'] : []), 'statistics'];
}

function nodeOf(device: NetDevice, path: string): Node | undefined {
  const end = path.lastIndexOf('/');
  return end < 0 ? attributeNode(device, path) : folder(device, path.slice(0, end))?.node(path.slice(end + 1));
}

function listDevice(device: NetDevice, path: string): readonly TreeEntry[] | null {
  if (path === '') {
    const names = [...Object.keys(attributes), ...(isProgramDevice(device) ? Object.keys(ofTun) : [])];
    return [
      ...names.map((name) => ({ name, mode: attributeNode(device, name)!.mode })),
      ...subfolders(device).map((name) => ({ name, mode: null })),
    ];
  }
  if (path === 'brif' && device instanceof BridgeDevice) return device.ports.map((port) => ({ name: port.device.name, mode: null }));
  const below = folder(device, path);
  return below === null ? null : below.names.map((name) => ({ name, mode: below.node(name)!.mode }));
}

/** /sys/class/net */
export const classNetTree: FileTree = {
  list: (namespace, path) => {
    if (path === '') return namespace.devices().map(({ name }) => ({ name, mode: null }));
    const [device, rest] = find(namespace, path);
    return device === undefined ? null : listDevice(device, rest);
  },
  mode: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    return device === undefined ? null : (nodeOf(device, rest)?.mode ?? null);
  },
  read: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    const node = device === undefined ? undefined : nodeOf(device, rest);
    if (node === undefined) throw new NetError(ENOENT);
    return `${node.read()}\n`;
  },
  write: (namespace, path, text) => {
    const [device, rest] = find(namespace, path);
    if (device === undefined) throw new NetError(ENODEV);
    const node = nodeOf(device, rest);
    if (node === undefined) refuse();
    else node.write(text);
  },
};
