import { addressModule } from './address.js';
import { fdbModule } from './fdb.js';
import { bridgeModule } from './bridge.js';
import { address6Module } from './ipv6/address.js';
import { addressLabelModule } from './ipv6/address-label.js';
import { mrouteModule } from './mroute.js';
import { link6Module } from './ipv6/link.js';
import { netconf6Module } from './ipv6/netconf.js';
import { route6Module } from './ipv6/route.js';
import { linkModule } from './link.js';
import { neighbourModule } from './neighbour.js';
import { neighbourTableModule } from './neighbour-table.js';
import { netconfModule } from './netconf.js';
import { nexthopModule } from './nexthop.js';
import { nsidModule } from './nsid.js';
import { routeModule } from './route.js';
import { ruleModule } from './rule.js';
import { statsModule } from './stats.js';
import { tunnelModule } from './tunnel.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** The parts of rtnetlink; a new one is one file and one line here. Of one event they tell in this order. */
export const rtnetlinkModules: readonly RtnetlinkModule[] = [
  nsidModule,
  netconfModule,
  netconf6Module,
  linkModule,
  bridgeModule,
  link6Module,
  addressModule,
  address6Module,
  addressLabelModule,
  routeModule,
  ruleModule,
  nexthopModule,
  route6Module,
  mrouteModule,
  neighbourModule,
  neighbourTableModule,
  fdbModule,
  statsModule,
  tunnelModule,
];
