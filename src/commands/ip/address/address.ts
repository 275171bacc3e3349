import { type IpObject, lazy } from '../object.js';
import { show, showAddresses } from './show.js';
import { ADDRESS_USAGE } from './usage.js';

const modify = () => import('./modify.js');
const saved = () => import('./save.js');

/** `ip address`: addresses of devices. */
export const address: IpObject = {
  name: 'address',
  summary: 'addresses of network devices',
  usage: ADDRESS_USAGE,
  description: [
    'A device may have any number of IPv4 and IPv6 addresses. Each brings a route to its own prefix and one for itself in the table local.',
    'Of IPv4 addresses in one prefix the first is primary, the others are secondary and go when it goes, unless promote_secondaries is set.',
  ],
  verbs: [
    lazy(['add'], async () => (await modify()).add),
    lazy(['change'], async () => (await modify()).change, ['chg']),
    lazy(['replace'], async () => (await modify()).replace),
    lazy(['delete'], async () => (await modify()).remove),
    show,
    lazy(['flush'], async () => (await import('./flush.js')).flushVerb),
    lazy(['save'], async () => (await saved()).save),
    lazy(['showdump'], async () => (await saved()).showdump),
    lazy(['restore'], async () => (await saved()).restore),
  ],
  withoutVerb: showAddresses,
  examples: [
    ['ip addr add 10.0.0.1/24 brd + dev eth0', 'an address, its broadcast address made from the prefix'],
    ['ip -br addr', 'all addresses, one line a device'],
    ['ip addr flush dev eth0 scope global', 'take the global ones away'],
  ],
};
