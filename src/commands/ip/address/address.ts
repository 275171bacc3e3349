import type { IpObject } from '../object.js';
import { flushVerb } from './flush.js';
import { add, change, remove, replace } from './modify.js';
import { restore, save, showdump } from './save.js';
import { show, showAddresses } from './show.js';
import { ADDRESS_USAGE } from './usage.js';

/** `ip address`: addresses of devices. */
export const address: IpObject = {
  name: 'address',
  summary: 'addresses of network devices',
  usage: ADDRESS_USAGE,
  description: [
    'A device may have any number of IPv4 and IPv6 addresses. Each brings a route to its own prefix and one for itself in the table local.',
    'Of IPv4 addresses in one prefix the first is primary, the others are secondary and go when it goes, unless promote_secondaries is set.',
  ],
  verbs: [add, change, replace, remove, show, flushVerb, save, showdump, restore],
  withoutVerb: showAddresses,
  examples: [
    ['ip addr add 10.0.0.1/24 brd + dev eth0', 'an address, its broadcast address made from the prefix'],
    ['ip -br addr', 'all addresses, one line a device'],
    ['ip addr flush dev eth0 scope global', 'take the global ones away'],
  ],
};
