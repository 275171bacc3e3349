import fc from 'fast-check';
import type { NetlinkSocket } from '../../../../src/control/netlink-socket.js';
import { NETLINK_ADD_MEMBERSHIP, NETLINK_ROUTE } from '../../../../src/netlink/constants.js';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_NEXTHOP,
} from '../../../../src/netlink/rtnl/constants.js';
import { drain, root } from '../netlink-fixture.js';
import { dumped, fact, sorted } from './facts.js';
import { operations } from './operations.js';
import { type Table, World } from './world.js';

// Who listens from the beginning knows what who asks at the end is told.

const GROUPS = [
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_NEXTHOP,
];
const DELETIONS: ReadonlySet<number> = new Set([RTM_DELLINK, RTM_DELADDR, RTM_DELROUTE, RTM_DELRULE, RTM_DELNEIGH, RTM_DELNEXTHOP]);

function hear(known: Map<string, string>, socket: NetlinkSocket): void {
  for (const message of drain(socket)) {
    const about = fact(message);
    if (about === null) continue;
    if (DELETIONS.has(message.type)) known.delete(about.key);
    else known.set(about.key, about.says);
  }
}

/** Tables all of whose changes Linux tells. */
const TOLD: readonly Table[] = ['links', 'addresses4', 'addresses6', 'rules4', 'rules6', 'neighbours', 'nexthops'];
/** Of routes it tells what comes; what goes with a device or an address goes without a word. */
const TOLD_WHEN_NEW: readonly Table[] = ['routes4', 'routes6'];

const isRoute = ([key]: readonly [string, string]) => key.startsWith('route');

test('notifications, replayed, give the state that a dump shows', () => {
  fc.assert(
    fc.property(fc.array(operations, { minLength: 5, maxLength: 30 }), (requests) => {
      const world = new World();
      const listener = world.assembled.netlink.open({ protocol: NETLINK_ROUTE, credentials: root });
      for (const group of GROUPS) listener.setOption(NETLINK_ADD_MEMBERSHIP, group);
      const known = dumped(world, [...TOLD, ...TOLD_WHEN_NEW]);
      try {
        for (const request of requests) {
          world.do(request);
          hear(known, listener);
          world.settle();
          hear(known, listener);
        }
        // An IPv6 address is told once nobody else has it.
        world.wait(3);
        hear(known, listener);
        const facts = sorted([...known].filter((entry) => !isRoute(entry)));
        expect(facts).toEqual(sorted(dumped(world, TOLD)));
        const unheard = [...dumped(world, TOLD_WHEN_NEW).keys()].filter((key) => !known.has(key));
        expect(unheard).toEqual([]);
      } finally {
        listener.close();
        world.close();
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);
