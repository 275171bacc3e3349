import { NUD_FAILED } from '../../netlink/rtnl/constants.js';
import { ARPOP_REQUEST } from '../../wire/arp.js';
import { ETH_P_ARP } from '../../wire/ethernet.js';
import type { NetDevice } from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import type { Namespace } from '../core/namespace.js';
import { NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE } from '../core/neighbour.js';
import { NeighbourTable } from '../core/neighbour-table.js';
import type { NamespaceModule } from '../core/stack.js';
import { type Ipv4Routes, ipv4Routes } from '../ipv4/routes.js';
import { arpReceive } from './process.js';
import { ArpProtocol } from './protocol.js';
import { arpSend } from './send.js';

/** ARP in each namespace. It stands behind IPv4 in the list of modules, and before the loopback. */
export const arpModule: NamespaceModule = {
  name: 'arp',
  attach(stack) {
    stack.packetTypes.set(ETH_P_ARP, arpReceive);
  },
  init(namespace: Namespace): void {
    const routes = ipv4Routes(namespace);
    const table = new NeighbourTable(namespace, new ArpProtocol(namespace));
    routes.arp = table;
    routes.fib.onDisable = (device) => table.deviceDown(device);
    routes.fib.onBroadcastAddress = (device, address) => forget(table, device, address);
    routes.onAnnounce = (device, address) => arpSend(device, ARPOP_REQUEST, address, address, null, device.address);
    namespace.deviceEvents.subscribe((event) => deviceEvent(routes, event));
  },
  exit(namespace: Namespace): void {
    ipv4Routes(namespace).arp.destroy();
  },
};

/** Linux: arp_netdev_event() */
function deviceEvent(routes: Ipv4Routes, event: DeviceEvent): void {
  const { device } = event;
  switch (event.type) {
    case 'address':
      routes.arp.flush(device, { keepPermanent: false });
      routes.fib.flushCache();
      break;
    case 'carrier':
      if (!device.carrier && device.ipv4?.evictsWithoutCarrier() === true) routes.arp.flush(device, { keepPermanent: true });
      break;
    case 'unregister':
      routes.arp.deviceGone(device);
      break;
    default:
      break;
  }
}

/** An address has become everybody's: what was not resolved of it is nobody's any more. Linux: arp_invalidate() */
function forget(table: NeighbourTable, device: NetDevice, address: number): void {
  const neighbour = table.lookup(device, address);
  if (neighbour === null || neighbour.valid) return;
  neighbour.update(null, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
  table.remove(neighbour);
}
