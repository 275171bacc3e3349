import { VethDevice } from '../../../drivers/veth.js';
import { VxlanDevice } from '../../../drivers/vxlan/device.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { BridgePort } from '../../../net/bridge/port.js';
import type { NetDevice } from '../../../net/core/device.js';
import { bondOf } from './bond.js';

// Symbolic links of /sys/class/net/DEVICE: who stands above and below. Linux: netdev_adjacent_sysfs_add()

/** The device that one stands on, as a VLAN does; the peer of a pair is none. */
function below(device: NetDevice): NetDevice | null {
  if (device instanceof VethDevice) return null;
  const lower = device instanceof VxlanDevice ? device.namespace.deviceByIndex(device.settings.ifindex) : device.link;
  return lower !== null && lower !== undefined && lower.namespace === device.namespace ? lower : null;
}

/** The devices that one stands on, and its members. */
function lowers(device: NetDevice): readonly NetDevice[] {
  const members = device.namespace.devices().filter((other) => other.master === device);
  const lower = below(device);
  return lower === null ? members : [lower, ...members];
}

const uppers = (device: NetDevice): readonly NetDevice[] =>
  device.namespace.devices().filter((other) => device.master === other || below(other) === device);

/** Links right below the folder of a device, by name: their texts. */
export function deviceLinks(device: NetDevice): ReadonlyMap<string, string> {
  const links = new Map([['subsystem', '../../../../class/net']]);
  if (device.master !== null) links.set('master', `../${device.master.name}`);
  for (const { name } of uppers(device)) links.set(`upper_${name}`, `../${name}`);
  for (const { name } of lowers(device)) links.set(`lower_${name}`, `../${name}`);
  for (const { device: slave } of bondOf(device)?.slaves ?? []) links.set(`slave_${slave.name}`, `../${slave.name}`);
  return links;
}

/** The text of the link that a path below a device is; null: it is none. */
export function linkText(device: NetDevice, path: string): string | null {
  if (path === 'brport/bridge') return device.port instanceof BridgePort ? `../../${device.port.bridge.name}` : null;
  if (path.startsWith('brif/') && device instanceof BridgeDevice) {
    const name = path.slice('brif/'.length);
    return device.ports.some((port) => port.device.name === name) ? `../../${name}/brport` : null;
  }
  if (path !== 'subsystem' && path !== 'master' && !/^(upper|lower|slave)_/.test(path)) return null;
  return deviceLinks(device).get(path) ?? null;
}
