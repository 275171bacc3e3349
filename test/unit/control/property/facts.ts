import { AF_BRIDGE, AF_INET6 } from '../../../../src/netlink/constants.js';
import { type NetlinkMessage, payloadStart } from '../../../../src/netlink/message.js';
import { addressMessage } from '../../../../src/netlink/rtnl/address.js';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from '../../../../src/netlink/rtnl/constants.js';
import { linkMessage } from '../../../../src/netlink/rtnl/link/link.js';
import { neighbourMessage } from '../../../../src/netlink/rtnl/neighbour.js';
import { nexthopMessage } from '../../../../src/netlink/rtnl/nexthop.js';
import { routeMessage } from '../../../../src/netlink/rtnl/route.js';
import { hexOf, type Table, type World } from './world.js';

const NUD_NOARP = 0x40;

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

/** What a message is about, and what it says of it; null: nothing that is compared. */
export function fact(message: NetlinkMessage): { readonly key: string; readonly says: string } | null {
  const family = message.bytes[payloadStart(message)]!;
  switch (message.type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      if (family === AF_BRIDGE || family === AF_INET6) return null;
      const { header, attributes: a } = linkMessage.parse(message);
      // Not IFLA_LINK: the first end of a veth pair is told before it has another.
      const says = [header.flags, a.ifname, a.mtu, hex(a.address), a.master ?? 0, a.txqlen, a.operstate, a.linkinfo?.kind];
      return { key: `link ${header.index}`, says: says.join(' ') };
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const { header, attributes: a } = addressMessage.parse(message);
      const key = `address ${family} ${header.index} ${hex(a.local ?? a.address)} ${hex(a.address)} ${header.prefixlen}`;
      return { key, says: `${a.flags} ${header.scope} ${a.label ?? ''}` };
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const { header, attributes: a } = routeMessage.parse(message);
      const ways = (a.multipath ?? []).map((leg) => `${leg.ifindex}/${hex(leg.attributes.gateway)}`);
      const what = [
        header.dstLen,
        header.tos,
        header.type,
        header.protocol,
        header.scope,
        a.table,
        hex(a.dst),
        hex(a.prefsrc),
        a.priority ?? 0,
      ];
      const way = [a.oif ?? 0, hex(a.gateway), a.nhId ?? 0, ...ways];
      return { key: `route ${family} ${what.join(' ')} by ${way.join(' ')}`, says: '' };
    }
    case RTM_NEWRULE:
    case RTM_DELRULE:
      return { key: `rule ${hexOf(message)}`, says: '' };
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: {
      const { header, attributes: a } = neighbourMessage.parse(message);
      if (family === AF_BRIDGE || (header.state & NUD_NOARP) !== 0) return null;
      // Linux makes the entry before it finds that there is no address to put into it, and tells nobody (neigh_add()).
      if (message.type === RTM_NEWNEIGH && header.state === 0) return null;
      return { key: `neighbour ${family} ${header.ifindex} ${hex(a.dst)}`, says: `${header.state} ${hex(a.lladdr)}` };
    }
    case RTM_NEWNEXTHOP:
    case RTM_DELNEXTHOP: {
      const { attributes: a } = nexthopMessage.parse(message);
      return { key: `nexthop ${a.id}`, says: `${a.oif ?? 0} ${hex(a.gateway)} ${JSON.stringify(a.group ?? [])}` };
    }
    default:
      return null;
  }
}

/** All that tables say, by what it is about. */
export function dumped(world: World, tables: readonly Table[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const table of tables)
    for (const message of world.dump(table)) {
      const about = fact(message);
      if (about !== null) found.set(about.key, about.says);
    }
  return found;
}

/** As lines that compare well. */
export const sorted = (facts: Iterable<readonly [string, string]>) => [...facts].map(([key, says]) => `${key}: ${says}`).sort();
