import type { IpObject } from '../object.js';
import { add, help, remove, replace, set } from './modify.js';
import { property } from './property.js';
import { show, showLinks } from './show.js';
import { LINK_USAGE } from './usage.js';

/** `ip link`: network devices. */
export const link: IpObject = {
  name: 'link',
  summary: 'network devices: make, change, show, remove',
  usage: LINK_USAGE,
  description: [
    'A link is a network device: the loopback, a virtual cable, a NIC. Each has an index, a name that can be changed while it is down, a maximum packet size and a link layer address.',
    'Words may be abbreviated as far as the first one that fits in the order given here; a device may be named by its name, by an alternative name, or as ifN by its index.',
  ],
  verbs: [add, set, replace, remove, show, property, help],
  withoutVerb: showLinks,
  examples: [
    ['ip link add v0 type veth peer name v1', 'make a virtual cable with the ends v0 and v1'],
    ['ip link set v1 netns blue', 'move one end into the network namespace blue'],
    ['ip -s -d link show v0', 'show the other with counters and details'],
  ],
};
