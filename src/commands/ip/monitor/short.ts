import { NLMSG_HDRLEN } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import * as rtnl from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { netconfMessage } from '../../../netlink/rtnl/netconf.js';
import { nexthopMessage } from '../../../netlink/rtnl/nexthop.js';
import { nsidMessage } from '../../../netlink/rtnl/nsid.js';
import { prefixMessage } from '../../../netlink/rtnl/prefix.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import { ruleMessage } from '../../../netlink/rtnl/rule.js';
import { statsMessage } from '../../../netlink/rtnl/stats.js';

interface Kind {
  readonly types: readonly number[];
  readonly headerBytes: number;
  /** The real tool says nothing. */
  readonly quiet?: boolean;
  readonly suffix?: string;
}

const kinds: readonly Kind[] = [
  { types: [rtnl.RTM_NEWLINK, rtnl.RTM_DELLINK], headerBytes: linkMessage.header.size, quiet: true },
  { types: [rtnl.RTM_NEWRULE, rtnl.RTM_DELRULE], headerBytes: ruleMessage.header.size, quiet: true },
  { types: [rtnl.RTM_NEWADDR, rtnl.RTM_DELADDR], headerBytes: addressMessage.header.size },
  { types: [rtnl.RTM_NEWROUTE, rtnl.RTM_DELROUTE], headerBytes: routeMessage.header.size },
  { types: [rtnl.RTM_NEWNEIGH, rtnl.RTM_DELNEIGH, rtnl.RTM_GETNEIGH], headerBytes: neighbourMessage.header.size },
  { types: [rtnl.RTM_NEWPREFIX], headerBytes: prefixMessage.header.size },
  { types: [rtnl.RTM_NEWNETCONF, rtnl.RTM_DELNETCONF], headerBytes: netconfMessage.header.size },
  { types: [rtnl.RTM_NEWNSID, rtnl.RTM_DELNSID], headerBytes: nsidMessage.header.size, suffix: ' in print_nsid' },
  { types: [rtnl.RTM_NEWNEXTHOP, rtnl.RTM_DELNEXTHOP], headerBytes: nexthopMessage.header.size },
  { types: [rtnl.RTM_NEWSTATS], headerBytes: statsMessage.header.size },
];
const byType = new Map(kinds.flatMap((kind) => kind.types.map((type) => [type, kind] as const)));

/** What is said of a message too short for its own header, as a file may hold it; null: the message is long enough. */
export function shortMessageText(message: NetlinkMessage): string | null {
  const kind = byType.get(message.type);
  if (kind === undefined) return null;
  const missing = message.end - message.start - NLMSG_HDRLEN - ((kind.headerBytes + 3) & ~3);
  if (missing >= 0) return null;
  return kind.quiet === true ? '' : `BUG: wrong nlmsg len ${missing}${kind.suffix ?? ''}`;
}
