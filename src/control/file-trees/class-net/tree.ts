import { ENODEV, ENOENT } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { isProgramDevice } from '../../../drivers/tun.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { BridgePort } from '../../../net/bridge/port.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { FileTree, TreeEntry } from '../file-tree.js';
import { attributes, ofTun } from './attributes.js';
import { bondFiles, bondingMasters, bondOf, bondSlaveOf, slaveFiles } from './bond.js';
import { forwardingEntries } from './brforward.js';
import { bridgeFiles, portFiles } from './bridge.js';
import { deviceLinks, linkText } from './links.js';
import { powerFiles } from './power.js';
import { queueFiles, queueNames } from './queues.js';
import { type Files, refuse } from './setting-file.js';
import { statistics } from './statistics.js';
import { classNetWrites } from './writes.js';

/** What stands for one file: its permission bits, its text without the line feed, and what a write does. */
interface Node {
  readonly mode: number;
  read(): string;
  write(text: string): void;
}

/** The device of a path, and what of it the path names. */
function find(namespace: Namespace, path: string): readonly [device: NetDevice | undefined, rest: string] {
  const [name = ''] = path.split('/', 1);
  return [namespace.deviceByName(name), path.slice(name.length + 1)];
}

/** The one file that is no text. */
const BRFORWARD = 'brforward';

/** A file of the device itself. */
function attributeNode(device: NetDevice, name: string): Node | undefined {
  if (isProgramDevice(device) && Object.hasOwn(ofTun, name))
    return { mode: 0o444, read: () => ofTun[name]!(device.settings), write: refuse };
  if (name === BRFORWARD && device instanceof BridgeDevice) return { mode: 0o400, read: () => '', write: refuse };
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

/** A folder below a device: its files, and what each of them is; folders in it. */
interface Folder {
  readonly names: readonly string[];
  readonly folders: readonly string[];
  node(name: string): Node | undefined;
}

const folderOf = <T>(files: Files<T>, of: T, folders: readonly string[] = []): Folder => ({
  names: Object.keys(files),
  folders,
  node(name) {
    const file = Object.hasOwn(files, name) ? files[name]! : undefined;
    return file && { mode: file.mode, read: () => file.read(of), write: (text) => file.write(of, text) };
  },
});

const onlyFolders = (folders: readonly string[]): Folder => ({ names: [], folders, node: () => undefined });

/** A folder of a device by its path; null: it has none such. */
function folder(device: NetDevice, path: string): Folder | null {
  const bond = bondOf(device);
  const slave = bondSlaveOf(device);
  switch (path) {
    case 'statistics':
      return { names: Object.keys(statistics), folders: [], node: (name) => counterNode(device, name) };
    case 'power':
      return folderOf(powerFiles, device);
    case 'queues':
      return onlyFolders(queueNames(device));
    case 'bridge':
      return device instanceof BridgeDevice ? folderOf(bridgeFiles, device) : null;
    case 'brif':
      return device instanceof BridgeDevice ? onlyFolders([]) : null;
    case 'brport':
      return device.port instanceof BridgePort ? folderOf(portFiles, device.port) : null;
    case 'bonding':
      return bond === null ? null : folderOf(bondFiles, bond);
    case 'bonding_slave':
      return slave === null ? null : folderOf(slaveFiles, slave);
  }
  const files = queueFiles(device, path);
  return files === null ? null : folderOf(files, device, /^queues\/tx-\d+$/.test(path) ? ['byte_queue_limits'] : []);
}

const FOLDERS = ['bonding', 'bonding_slave', 'bridge', 'brif', 'brport', 'power', 'queues', 'statistics'];

function nodeOf(device: NetDevice, path: string): Node | undefined {
  const end = path.lastIndexOf('/');
  return end < 0 ? attributeNode(device, path) : folder(device, path.slice(0, end))?.node(path.slice(end + 1));
}

/** The links right in a folder of a device. */
function linksIn(device: NetDevice, path: string): Iterable<readonly [name: string, text: string]> {
  if (path === '') return deviceLinks(device);
  const names =
    path === 'brport' ? ['bridge'] : path === 'brif' && device instanceof BridgeDevice ? device.ports.map((port) => port.device.name) : [];
  return names.map((name) => [name, linkText(device, `${path}/${name}`) ?? ''] as const);
}

function listDevice(device: NetDevice, path: string): readonly TreeEntry[] | null {
  const links = () => [...linksIn(device, path)].map(([name, link]) => ({ name, mode: null, link }));
  if (path === '') {
    const names = [
      ...Object.keys(attributes),
      ...(isProgramDevice(device) ? Object.keys(ofTun) : []),
      ...(device instanceof BridgeDevice ? [BRFORWARD] : []),
    ];
    return [
      ...names.map((name) => ({ name, mode: attributeNode(device, name)!.mode })),
      ...FOLDERS.filter((name) => folder(device, name) !== null).map((name) => ({ name, mode: null })),
      ...links(),
    ];
  }
  const below = folder(device, path);
  if (below === null) return null;
  return [
    ...below.names.map((name) => ({ name, mode: below.node(name)!.mode })),
    ...below.folders.map((name) => ({ name, mode: null })),
    ...links(),
  ];
}

const text = (value: string): string => (value === '' ? '' : `${value}\n`);

/** /sys/devices/virtual/net */
export const virtualNetTree: FileTree = {
  list: (namespace, path) => {
    if (path === '') return namespace.devices().map(({ name }) => ({ name, mode: null }));
    const [device, rest] = find(namespace, path);
    return device === undefined ? null : listDevice(device, rest);
  },
  mode: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    return device === undefined ? null : (nodeOf(device, rest)?.mode ?? null);
  },
  link: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    return device === undefined ? null : linkText(device, rest);
  },
  read: (namespace, path) => {
    const [device, rest] = find(namespace, path);
    const node = device === undefined ? undefined : nodeOf(device, rest);
    if (node === undefined) throw new NetError(ENOENT);
    if (rest === BRFORWARD && device instanceof BridgeDevice) return forwardingEntries(device);
    return text(node.read());
  },
  write: (namespace, path, written) => {
    const [device, rest] = find(namespace, path);
    if (device === undefined) throw new NetError(ENODEV);
    const node = nodeOf(device, rest);
    if (node === undefined) refuse();
    else node.write(written);
  },
};

const MASTERS = 'bonding_masters';
const linkOf = (name: string) => `../../devices/virtual/net/${name}`;

/** /sys/class/net: links to the devices, and what modules have for all of theirs. */
export const classNetTree: FileTree = {
  list: (namespace, path) => {
    if (path !== '') return null;
    const devices = namespace.devices().map(({ name }) => ({ name, mode: null, link: linkOf(name) }));
    return bondingMasters.exists(namespace) ? [...devices, { name: MASTERS, mode: bondingMasters.mode }] : devices;
  },
  mode: (namespace, path) => (path === MASTERS && bondingMasters.exists(namespace) ? bondingMasters.mode : null),
  link: (namespace, path) => (namespace.deviceByName(path) === undefined ? null : linkOf(path)),
  read: (namespace, path) => {
    if (path !== MASTERS) throw new NetError(ENOENT);
    return text(bondingMasters.read(namespace));
  },
  write: (namespace, path, written) => (path === MASTERS ? bondingMasters.write(namespace, written) : refuse()),
};
