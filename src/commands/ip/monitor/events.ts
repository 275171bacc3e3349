import { type NetlinkMessage, payloadStart } from '../../../netlink/message.js';
import * as rtnl from '../../../netlink/rtnl/constants.js';
import { RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { asctime, timestampText } from '../../shared/timestamp.js';
import type { IpContext } from '../context.js';
import { printAddress, viewOf as addressViewOf } from '../address/print.js';
import { newDeviceFilter } from '../link/filter.js';
import { printLink, viewOf as linkViewOf } from '../link/print.js';
import { printNeighbour, viewOf as neighbourViewOf } from '../neigh/print.js';
import { printMroute, viewOfMroute } from '../mroute/print.js';
import { printNetconf } from '../netconf/print.js';
import { printNsid } from '../netns/list-id.js';
import { newRouteFilter, selects as selectsRoute } from '../route/filter.js';
import { loadRouteNames, printRoute, viewOf as routeViewOf } from '../route/print.js';
import { loadNexthopNames, printNexthop } from '../nexthop/print.js';
import { loadRuleNames, printRule, viewOf as ruleViewOf } from '../rule/print.js';

/** rtmon's own message between the others: seconds and microseconds. */
const TIME_STAMP = 15;

export interface EventStyle {
  readonly labels: boolean;
  /** Only what is about that device; 0: all. */
  readonly index: number;
  /** Each event says which namespace it is of. */
  readonly namespaces?: boolean;
}

/** Prints what a multicast group tells. Events of kinds that `ip` cannot show yet are passed over. */
export class EventPrinter {
  readonly #context: IpContext;
  readonly #style: EventStyle;
  #nsid: number | null = null;

  constructor(context: IpContext, style: EventStyle) {
    this.#context = context;
    this.#style = style;
  }

  /** Names of devices, tables and the rest that events are shown with. */
  async prepare(): Promise<void> {
    await loadRouteNames(this.#context);
    await this.#context.links.load();
  }

  /** `nsid`: the namespace of the event; null: ours. */
  async print(message: NetlinkMessage, nsid: number | null = null): Promise<void> {
    this.#nsid = nsid;
    switch (message.type) {
      case rtnl.RTM_NEWLINK:
      case rtnl.RTM_DELLINK:
        return this.#link(message);
      case rtnl.RTM_NEWADDR:
      case rtnl.RTM_DELADDR:
        return this.#address(message);
      case rtnl.RTM_NEWROUTE:
      case rtnl.RTM_DELROUTE:
        return this.#route(message);
      case rtnl.RTM_NEWNEIGH:
      case rtnl.RTM_DELNEIGH:
      case rtnl.RTM_GETNEIGH:
        return this.#neighbour(message);
      case rtnl.RTM_NEWNEXTHOP:
      case rtnl.RTM_DELNEXTHOP:
        await loadNexthopNames(this.#context);
        this.#head('NEXTHOP');
        printNexthop(this.#context, message);
        return;
      case rtnl.RTM_NEWRULE:
      case rtnl.RTM_DELRULE:
        await loadRuleNames(this.#context);
        this.#head('RULE');
        printRule(this.#context, ruleViewOf(message));
        return;
      case rtnl.RTM_NEWNETCONF:
      case rtnl.RTM_DELNETCONF:
        return this.#netconf(message);
      case rtnl.RTM_NEWNSID:
      case rtnl.RTM_DELNSID:
        this.#context.namespaces.reset();
        await this.#context.namespaces.load();
        this.#head('NSID');
        printNsid(this.#context, message);
        return;
      case TIME_STAMP:
        this.#recordedTime(message);
        return;
      default:
    }
  }

  async #link(message: NetlinkMessage): Promise<void> {
    const { links } = this.#context;
    const { index } = linkMessage.readHeader(message);
    // An index means another device in another namespace.
    const own = this.#nsid === null;
    if (own && message.type === rtnl.RTM_NEWLINK) links.remember(message);
    if (this.#wanted(index)) {
      const view = await linkViewOf(this.#context, message);
      this.#head('LINK');
      await printLink(this.#context, newDeviceFilter(this.#context.options.family), view, { asLink: false, showQueue: false });
    }
    if (own && message.type === rtnl.RTM_DELLINK) links.forget(index);
  }

  async #address(message: NetlinkMessage): Promise<void> {
    const { index } = addressMessage.readHeader(message);
    await this.#context.links.learn(index);
    if (!this.#wanted(index)) return;
    this.#head('ADDR');
    printAddress(this.#context, addressViewOf(message), { withDevice: true });
  }

  async #mroute(message: NetlinkMessage): Promise<void> {
    const view = viewOfMroute(message);
    const { iif, multipath } = view.attributes;
    for (const index of [iif, ...(multipath ?? []).map((leg) => leg.ifindex)]) await this.#context.links.learn(index ?? 0);
    this.#head('MROUTE');
    printMroute(this.#context, view, { table: 0 });
  }

  async #route(message: NetlinkMessage): Promise<void> {
    const family = message.bytes[payloadStart(message)];
    if (family === RTNL_FAMILY_IPMR || family === RTNL_FAMILY_IP6MR) {
      await this.#mroute(message);
      return;
    }
    const view = routeViewOf(message);
    const filter = { ...newRouteFilter(0), table: 0 };
    if (!selectsRoute(filter, view)) return;
    const { oif, iif, multipath } = view.attributes;
    for (const index of [oif, iif, ...(multipath ?? []).map((leg) => leg.ifindex)]) await this.#context.links.learn(index ?? 0);
    if (this.#style.index !== 0 && oif !== this.#style.index) return;
    this.#head('ROUTE');
    printRoute(this.#context, view, filter);
  }

  async #neighbour(message: NetlinkMessage): Promise<void> {
    const view = neighbourViewOf(message);
    await this.#context.links.learn(view.header.ifindex);
    if (!this.#wanted(view.header.ifindex)) return;
    this.#head('NEIGH');
    printNeighbour(this.#context, view, this.#style.index === 0);
  }

  async #netconf(message: NetlinkMessage): Promise<void> {
    const { netconfMessage } = await import('../../../netlink/rtnl/netconf.js');
    const index = netconfMessage.parseAttributes(message).ifindex ?? 0;
    await this.#context.links.learn(index);
    if (!this.#wanted(index)) return;
    this.#head('NETCONF');
    printNetconf(this.#context, message);
  }

  #wanted(index: number): boolean {
    return this.#style.index === 0 || this.#style.index === index;
  }

  /** Time, namespace and label, as far as they are asked for. */
  #head(label: string): void {
    const { options, out, io } = this.#context;
    if (options.timestamp) out.text(timestampText(io.nowUs(), options.timestampShort));
    if (this.#style.namespaces) out.text(this.#nsid === null ? '[nsid current]' : `[nsid ${this.#nsid}]`);
    if (this.#style.labels) out.text(`[${label}]`);
  }

  #recordedTime(message: NetlinkMessage): void {
    const at = payloadStart(message);
    const seconds = message.view.getUint32(at, true);
    const micro = message.view.getUint32(at + 4, true);
    this.#context.out.text(`Timestamp: ${asctime(new Date(seconds * 1000))} ${micro} us\n`);
  }
}
