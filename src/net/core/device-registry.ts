import { EBUSY, EEXIST, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from './device.js';
import { freeName } from './device-name.js';
import { closeDevice } from './device-state.js';
import { runLinkWatch, updateOperState } from './link-watch.js';
import type { Namespace } from './namespace.js';

// Devices come into the tables of a namespace, get other names, move to other namespaces and leave: Linux's net/core/dev.c.

/** All of ifi_change: what the message about a new or a leaving device says. */
const ALL_FLAGS = 0xffff_ffff;

export interface RegisterOptions {
  /** The ifindex wished for; 0 or left out: the next free one. */
  readonly ifindex?: number;
  /** False: the caller tells RTM_NEWLINK's listeners, after it has configured the device (RTNL_LINK_INITIALIZING). */
  readonly announce?: boolean;
}

/**
 * Makes `device` known in `namespace`; a "%d" in its name is completed. Throws EINVAL, EEXIST, ENFILE for the name, EBUSY for
 * the ifindex; the device then is nowhere. Linux: register_netdevice()
 */
export function registerDevice(namespace: Namespace, device: NetDevice, options: RegisterOptions = {}): void {
  device.name = freeName(namespace, device.name);
  const wished = options.ifindex ?? 0;
  if (wished !== 0 && namespace.devicesByIndex.has(wished)) fail(EBUSY);
  device.namespace = namespace;
  device.ifindex = wished !== 0 ? wished : newIfindex(namespace);
  list(device);
  device.registered = true;
  // Linux: linkwatch_init_dev()
  if (!device.carrier || device.dormant) updateOperState(device);
  namespace.deviceEvents.notify({ type: 'register', device });
  if (options.announce !== false) namespace.deviceEvents.notify({ type: 'change', device, flags: ALL_FLAGS });
}

/** Takes devices out of their namespaces, for good. Linux: unregister_netdevice_many() */
export function unregisterDevices(devices: readonly NetDevice[]): void {
  const leaving = devices.filter((device) => device.registered);
  for (const device of leaving) device.leaving();
  for (const device of leaving) closeDevice(device);
  for (const device of leaving) {
    unlist(device);
    device.registered = false;
  }
  for (const device of leaving) {
    const { deviceEvents } = device.namespace;
    device.qdiscName = 'noop';
    device.linkWatchPending = false;
    deviceEvents.notify({ type: 'unregister', device });
    deviceEvents.notify({ type: 'unlisted', device, movedTo: null, newIfindex: 0 });
    device.unregistered();
  }
}

export const unregisterDevice = (device: NetDevice): void => unregisterDevices([device]);

/** EBUSY while it is up, else as freeName(). Linux: dev_change_name() */
export function renameDevice(device: NetDevice, wanted: string): void {
  if (device.up && !device.liveRename) fail(EBUSY);
  if (wanted === device.name) return;
  const { namespace, name: oldName } = device;
  const name = freeName(namespace, wanted);
  namespace.devicesByName.delete(oldName);
  device.name = name;
  namespace.devicesByName.set(name, device);
  namespace.deviceGeneration++;
  namespace.deviceEvents.notify({ type: 'rename', device, oldName });
}

export interface MoveOptions {
  /** A name, or a pattern with "%d", for when its own is taken in the new namespace. */
  readonly name?: string;
  /** IFLA_NEW_IFINDEX; 0 or left out: its own, or the next free one where that is taken. */
  readonly ifindex?: number;
}

/**
 * Moves a device to another namespace; it is down there. Throws EINVAL (it may not leave), EEXIST (a name is taken), EBUSY (the
 * ifindex is), with everything as it was. Linux: __dev_change_net_namespace()
 */
export function moveDevice(device: NetDevice, to: Namespace, options: MoveOptions = {}): void {
  const from = device.namespace;
  if (device.netnsLocal || !device.registered) fail(EINVAL);
  if (from === to) return;
  let name = device.name;
  if (to.devicesByName.has(name)) name = options.name === undefined ? fail(EEXIST) : freeName(to, options.name);
  for (const altName of device.altNames) if (to.devicesByName.has(altName)) fail(EEXIST);
  const wished = options.ifindex ?? 0;
  if (wished !== 0 && to.devicesByIndex.has(wished)) fail(EBUSY);
  const ifindex = wished !== 0 ? wished : to.devicesByIndex.has(device.ifindex) ? newIfindex(to) : device.ifindex;

  closeDevice(device);
  if (device.linkWatchPending) runLinkWatch(device);
  unlist(device);
  device.qdiscName = 'noop';
  from.deviceEvents.notify({ type: 'unregister', device });
  from.deviceEvents.notify({ type: 'unlisted', device, movedTo: to, newIfindex: ifindex });
  device.namespace = to;
  device.ifindex = ifindex;
  device.name = name;
  list(device);
  to.deviceEvents.notify({ type: 'register', device });
  to.deviceEvents.notify({ type: 'change', device, flags: ALL_FLAGS });
}

/**
 * Empties a namespace that is going: devices that are no link kind's own go back to the initial one, the others end.
 * Linux: default_device_exit_net(), default_device_exit_batch()
 */
export function evictDevices(namespace: Namespace): void {
  const { initial } = namespace.stack;
  for (const device of namespace.devices()) {
    const stays = device.netnsLocal || (device.kind !== null && device.kind.destroyedWithNamespace !== false);
    if (stays || namespace === initial) continue;
    const fallback = `dev${device.ifindex}`;
    // Names that would clash there do not keep it here.
    for (const altName of device.altNames.filter((taken) => initial.devicesByName.has(taken))) {
      namespace.devicesByName.delete(altName);
      device.altNames.splice(device.altNames.indexOf(altName), 1);
    }
    moveDevice(device, initial, { name: initial.devicesByName.has(fallback) ? 'dev%d' : fallback });
  }
  const leaving = new Set<NetDevice>();
  for (const device of namespace.devices().reverse())
    for (const end of device.kind?.deletes?.(device) ?? [device]) if (end.registered) leaving.add(end);
  unregisterDevices([...leaving]);
}

function newIfindex(namespace: Namespace): number {
  let ifindex = namespace.nextIfindex;
  while (namespace.devicesByIndex.has(ifindex)) ifindex = ifindex === 0x7fff_ffff ? 1 : ifindex + 1;
  namespace.nextIfindex = ifindex === 0x7fff_ffff ? 1 : ifindex + 1;
  return ifindex;
}

function list(device: NetDevice): void {
  const { devicesByIndex, devicesByName } = device.namespace;
  device.namespace.deviceGeneration++;
  devicesByIndex.set(device.ifindex, device);
  devicesByName.set(device.name, device);
  for (const altName of device.altNames) devicesByName.set(altName, device);
}

function unlist(device: NetDevice): void {
  const { devicesByIndex, devicesByName } = device.namespace;
  device.namespace.deviceGeneration++;
  devicesByIndex.delete(device.ifindex);
  devicesByName.delete(device.name);
  for (const altName of device.altNames) devicesByName.delete(altName);
}
