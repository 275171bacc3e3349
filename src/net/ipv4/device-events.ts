import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import { Ipv4Device } from './device.js';
import type { Ipv4Routes } from './routes.js';

/** Smaller than this, no IPv4 on a device (RFC 791). */
const IPV4_MIN_MTU = 68;

/** Addresses and routes come and go with devices. Linux: inetdev_event(), fib_netdev_event() */
export function followDevices(routes: Ipv4Routes): void {
  routes.namespace.deviceEvents.subscribe((event) => deviceEvent(routes, event));
}

function deviceEvent(routes: Ipv4Routes, event: DeviceEvent): void {
  const { device } = event;
  switch (event.type) {
    case 'register':
      attach(routes, device);
      break;
    case 'up':
      deviceUp(routes, device);
      break;
    case 'down':
      routes.fib.disable(device, false);
      break;
    case 'carrier':
      if (device.ipv4 === null) break;
      if (device.carrier) routes.fib.carrierUp(device);
      else routes.fib.carrierDown(device);
      break;
    case 'mtu':
      mtuChanged(routes, device);
      break;
    case 'rename':
      routes.addresses.renamed(device);
      break;
    case 'address':
      if (device.up && device.ipv4?.arpNotify() === true) announce(routes, device);
      break;
    case 'notifyPeers':
      announce(routes, device);
      break;
    case 'master':
      // All of its routes go; those of its addresses come back in the other table when it is set up again.
      if (event.upper.l3Table !== 0) routes.fib.disable(device, true);
      break;
    case 'unregister':
      detach(routes, device, true);
      break;
    default:
      break;
  }
}

/** Linux: inetdev_init() */
function attach(routes: Ipv4Routes, device: NetDevice): void {
  if (device.ipv4 !== null || device.mtu < IPV4_MIN_MTU) return;
  device.ipv4 = new Ipv4Device(device, routes.allConfig, routes.defaultConfig, routes.arp.parametersOf(device));
}

function deviceUp(routes: Ipv4Routes, device: NetDevice): void {
  if (device.ipv4 === null) return;
  if ((device.flags & IFF_LOOPBACK) !== 0) routes.addresses.loopbackUp(device);
  for (const address of device.ipv4.addresses) routes.interfaceRoutes.add(address);
  routes.fib.deviceUp(device);
  routes.addresses.generation++;
  routes.fib.flushCache();
  if (device.ipv4.arpNotify()) announce(routes, device);
}

/** Neighbours hear at once where the device's addresses are. Linux: inetdev_send_gratuitous_arp() */
function announce(routes: Ipv4Routes, device: NetDevice): void {
  if (device.ipv4 === null || routes.onAnnounce === null) return;
  for (const address of device.ipv4.addresses) routes.onAnnounce(device, address.local);
}

function mtuChanged(routes: Ipv4Routes, device: NetDevice): void {
  if (device.mtu < IPV4_MIN_MTU) detach(routes, device);
  else attach(routes, device);
  const inDevice = device.ipv4;
  if (inDevice !== null) {
    routes.fib.infos.deviceMtu(device, inDevice.mtu);
    inDevice.mtu = device.mtu;
  }
  routes.fib.flushCache();
}

/** Linux: inetdev_destroy() */
function detach(routes: Ipv4Routes, device: NetDevice, unregistered = false): void {
  if (device.ipv4 === null) return;
  routes.ipv4.multicast.forget(device);
  routes.addresses.detach(device);
  routes.fib.disable(device, true, unregistered);
  routes.forgetDevice(device);
  device.ipv4 = null;
}
