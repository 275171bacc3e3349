import { type IpObject, lazy } from '../object.js';
import { flushVerb, show, showNeighbours } from './show.js';
import { NEIGHBOUR_USAGE } from './usage.js';

const modify = () => import('./modify.js');

/** `ip neigh`: the ARP and neighbour discovery tables. */
export const neighbour: IpObject = {
  name: 'neighbour',
  helpName: 'neigh',
  summary: 'neighbour tables: ARP and neighbour discovery',
  usage: NEIGHBOUR_USAGE,
  description: [
    'An entry binds a protocol address on a device to a link layer address. The stack makes entries as it needs them and lets them age; those made by hand stay.',
    'Entries in the state noarp are shown only when they are asked for (nud noarp, nud all).',
  ],
  verbs: [
    lazy(['add'], async () => (await modify()).add),
    lazy(['change'], async () => (await modify()).change, ['chg']),
    lazy(['replace'], async () => (await modify()).replace),
    lazy(['delete'], async () => (await modify()).remove),
    lazy(['get'], async () => (await import('./get.js')).get),
    show,
    flushVerb,
  ],
  withoutVerb: showNeighbours,
  examples: [
    ['ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0', 'a permanent entry'],
    ['ip neigh flush dev eth0 nud stale', 'remove what was not confirmed lately'],
  ],
};
