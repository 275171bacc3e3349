import fc from 'fast-check';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_REQUEST } from '../../../../src/netlink/constants.js';
import type { NetlinkMessage } from '../../../../src/netlink/message.js';
import { addressMessage } from '../../../../src/netlink/rtnl/address.js';
import {
  RTM_DELADDR,
  RTM_DELNEIGH,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../../../../src/netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../../src/netlink/rtnl/neighbour.js';
import { nexthopMessage } from '../../../../src/netlink/rtnl/nexthop.js';
import { routeMessage } from '../../../../src/netlink/rtnl/route.js';
import { ruleMessage } from '../../../../src/netlink/rtnl/rule.js';
import { dumped, sorted } from './facts.js';
import { operations } from './operations.js';
import { hexOf, type Table, World } from './world.js';

// What a dump shows, taken away and sent again as it was shown, is there again: what save and restore live by.

const RTPROT_STATIC = 4;
const NUD_PERMANENT = 0x80;

/** The message as a request of another type; of a route without what the kernel alone says in rtm_flags. */
function asRequest({ bytes, start, end }: NetlinkMessage, type: number, flags: number, isRoute: boolean): { bytes: Uint8Array } {
  const copy = bytes.slice(start, end);
  const view = new DataView(copy.buffer);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | NLM_F_REQUEST | NLM_F_ACK, true);
  view.setUint32(8, 1, true);
  view.setUint32(12, 0, true);
  if (isRoute) view.setUint32(24, view.getUint32(24, true) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN), true);
  return { bytes: copy };
}

const mine: Partial<
  Record<
    Table,
    {
      readonly deletion: number;
      readonly selects: (message: NetlinkMessage) => boolean;
      readonly late: (message: NetlinkMessage) => boolean;
    }
  >
> = {
  addresses4: { deletion: RTM_DELADDR, selects: isSet, late: () => false },
  addresses6: { deletion: RTM_DELADDR, selects: isSet, late: () => false },
  nexthops: {
    deletion: RTM_DELNEXTHOP,
    selects: () => true,
    // Groups behind those that they are of.
    late: (message) => nexthopMessage.parse(message).attributes.group !== undefined,
  },
  neighbours: {
    deletion: RTM_DELNEIGH,
    selects: (message) => neighbourMessage.parse(message).header.state === NUD_PERMANENT,
    late: () => false,
  },
  rules4: {
    deletion: RTM_DELRULE,
    // The rule of the table local stays whatever is asked (FIB_RULE_PERMANENT).
    selects: (message) => ruleMessage.parse(message).attributes.priority !== undefined,
    late: () => false,
  },
  routes4: {
    deletion: RTM_DELROUTE,
    selects: (message) => routeMessage.parse(message).header.protocol === RTPROT_STATIC,
    late: (message) => isLate(message),
  },
  routes6: {
    deletion: RTM_DELROUTE,
    selects: (message) => routeMessage.parse(message).header.protocol === RTPROT_STATIC,
    late: (message) => isLate(message),
  },
};

/** Not those that the stack gives itself: of the loopback, and of links. */
function isSet(message: NetlinkMessage): boolean {
  return addressMessage.parse(message).header.scope === 0;
}

/** Through a gateway, which needs other routes. */
function isLate(message: NetlinkMessage): boolean {
  const { attributes } = routeMessage.parse(message);
  return attributes.gateway !== undefined || attributes.multipath !== undefined;
}

const tables = Object.keys(mine) as Table[];

test('what was dumped, deleted and sent again is the same as before', () => {
  fc.assert(
    fc.property(fc.array(operations, { minLength: 10, maxLength: 40 }), (requests) => {
      const world = new World();
      try {
        for (const request of requests) {
          world.do(request);
          world.settle();
        }
        world.wait(3);
        const before = sorted(dumped(world, tables));
        const saved = tables.map((table) => ({ table, messages: world.dump(table).filter(mine[table]!.selects) }));
        for (const { table, messages } of [...saved].reverse())
          for (const message of messages) world.do(asRequest(message, mine[table]!.deletion, 0, table.startsWith('routes')));
        for (const { table } of saved) expect(world.dump(table).filter(mine[table]!.selects).map(hexOf)).toEqual([]);
        for (const { table, messages } of saved) {
          const { late } = mine[table]!;
          for (const message of [...messages.filter((one) => !late(one)), ...messages.filter(late)])
            world.do(asRequest(message, message.type, NLM_F_CREATE, table.startsWith('routes')));
        }
        expect(sorted(dumped(world, tables))).toEqual(before);
      } finally {
        world.close();
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);
