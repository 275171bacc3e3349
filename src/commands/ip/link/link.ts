import { type IpObject, lazy } from '../object.js';
import { show, showLinks } from './show.js';
import { LINK_USAGE } from './usage.js';

const modify = () => import('./modify.js');

/** `ip link`: network devices. */
export const link: IpObject = {
  name: 'link',
  summary: 'network devices: make, change, show, remove',
  usage: LINK_USAGE,
  description: [
    'A link is a network device: the loopback, a virtual cable, a NIC. Each has an index, a name that can be changed while it is down, a maximum packet size and a link layer address.',
    'Words may be abbreviated as far as the first one that fits in the order given here; a device may be named by its name, by an alternative name, or as ifN by its index.',
  ],
  verbs: [
    lazy(['add'], async () => (await modify()).add),
    lazy(['set', 'change'], async () => (await modify()).set),
    lazy(['replace'], async () => (await modify()).replace),
    lazy(['delete'], async () => (await modify()).remove),
    show,
    lazy(['xstats'], async () => (await import('./xstats.js')).xstats),
    lazy(['afstats'], async () => (await import('./xstats.js')).afstats),
    lazy(['property'], async () => (await import('./property.js')).property),
    lazy(['help'], async () => (await modify()).help),
  ],
  withoutVerb: showLinks,
  examples: [
    ['ip link add v0 type veth peer name v1', 'make a virtual cable with the ends v0 and v1'],
    ['ip link set v1 netns blue', 'move one end into the network namespace blue'],
    ['ip -s -d link show v0', 'show the other with counters and details'],
  ],
};
