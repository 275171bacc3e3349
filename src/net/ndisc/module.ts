import type { NamespaceModule } from '../core/stack.js';
import { Ndisc } from './ndisc.js';

/** Neighbour discovery of every namespace; stands behind IPv6. */
export const ndiscModule: NamespaceModule = {
  name: 'ndisc',
  init(namespace) {
    const ndisc = new Ndisc(namespace);
    ndisc.onRouterAdvertisement = (advertisement) => namespace.ipv6.addresses.routers.receive(advertisement);
    ndisc.onDuplicate = (address) => namespace.ipv6.addresses.dad.failed(address);
    namespace.ipv6.ndisc = ndisc;
    namespace.deviceEvents.subscribe((event) => {
      if (event.type === 'down') ndisc.table.deviceDown(event.device);
      else if (event.type === 'unregister') ndisc.table.deviceGone(event.device);
      else if (event.type === 'address') ndisc.table.flush(event.device, { keepPermanent: false });
      else if (event.type === 'carrier' && !event.device.carrier && event.device.ipv6 !== null) {
        const { config, all } = event.device.ipv6;
        if (config.ndiscEvictNocarrier !== 0 && all.ndiscEvictNocarrier !== 0) ndisc.table.flush(event.device, { keepPermanent: true });
      }
    });
  },
  exit(namespace) {
    namespace.ipv6.ndisc.table.destroy();
  },
};
