import { addressModule } from './address.js';
import { fdbModule } from './fdb.js';
import { linkModule } from './link.js';
import { neighbourModule } from './neighbour.js';
import { netconfModule } from './netconf.js';
import { nexthopModule } from './nexthop.js';
import { nsidModule } from './nsid.js';
import { routeModule } from './route.js';
import { ruleModule } from './rule.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** The parts of rtnetlink; a new one is one file and one line here. Of one event they tell in this order. */
export const rtnetlinkModules: readonly RtnetlinkModule[] = [
  nsidModule,
  netconfModule,
  linkModule,
  addressModule,
  routeModule,
  ruleModule,
  nexthopModule,
  neighbourModule,
  fdbModule,
];
