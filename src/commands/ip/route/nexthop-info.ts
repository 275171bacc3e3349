import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTM_GETNEXTHOP } from '../../../netlink/rtnl/constants.js';
import { nexthopMessage } from '../../../netlink/rtnl/nexthop.js';
import type { IpContext } from '../context.js';
import { loadNexthopNames, printNexthopFields } from '../nexthop/print.js';

/** The nexthop objects that routes shown with -details may name. */
const loaded = new WeakMap<IpContext, ReadonlyMap<number, NetlinkMessage>>();

/** With -details: what the nexthop objects are now, which printNexthopInfo() shows. */
export async function loadNexthopInfo(context: IpContext): Promise<void> {
  if (context.options.details === 0) return;
  await loadNexthopNames(context);
  const nexthops = new Map<number, NetlinkMessage>();
  for await (const message of context.dump(nexthopMessage, { type: RTM_GETNEXTHOP, header: {} })) {
    const { id } = nexthopMessage.parseAttributes(message);
    if (id !== undefined) nexthops.set(id, message);
  }
  loaded.set(context, nexthops);
}

/** A line below a route: the nexthop object that it uses. iproute2: print_cache_nexthop_id() */
export function printNexthopInfo(context: IpContext, id: number): void {
  const message = loaded.get(context)?.get(id);
  if (message === undefined) return;
  const { out } = context;
  out.text('\n\tnh_info ');
  out.openObject('nh_info');
  printNexthopFields(context, message);
  out.closeObject();
}
