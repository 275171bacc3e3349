import { type NetlinkMessage, payloadStart } from '../../../netlink/message.js';
import * as rtnl from '../../../netlink/rtnl/constants.js';
import { AF_INET6, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { TIME_STAMP, timeStampText } from '../../shared/recorded.js';
import { timestampText } from '../../shared/timestamp.js';
import { formatIpv6 } from '../../../wire/ipv6-address.js';
import type { IpContext } from '../context.js';
import { printAddress, viewOf as addressViewOf } from '../address/print.js';
import { newDeviceFilter } from '../link/filter.js';
import { printLink, viewOf as linkViewOf } from '../link/print.js';
import { printNeighbour, viewOf as neighbourViewOf } from '../neigh/print.js';
import { printMroute, viewOfMroute } from '../mroute/print.js';
import { printNetconf } from '../netconf/print.js';
import { printNsid } from '../netns/list-id.js';
import { newRouteFilter, selects as selectsRoute } from '../route/filter.js';
import { loadNexthopInfo } from '../route/nexthop-info.js';
import { loadRouteNames, printRoute, viewOf as routeViewOf } from '../route/print.js';
import { loadNexthopNames, printNexthop } from '../nexthop/print.js';
import { shortMessageText } from './short.js';
import { loadRuleNames, printRule, viewOf as ruleViewOf } from '../rule/print.js';

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
    const tooShort = shortMessageText(message);
    if (tooShort !== null) {
      if (tooShort !== '') this.#context.complain(tooShort);
      return;
    }
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
      case rtnl.RTM_NEWPREFIX:
        return this.#prefix(message);
      case rtnl.RTM_NEWSTATS:
        return this.#stats(message);
      case TIME_STAMP:
        this.#context.out.text(timeStampText(message));
        return;
      case rtnl.RTM_NEWADDRLABEL:
      case rtnl.RTM_DELADDRLABEL:
      case NLMSG_NOOP:
      case NLMSG_ERROR:
      case NLMSG_DONE:
        return;
      default:
        this.#context.complain(unknownText(message));
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
    if (view.attributes.nhId !== undefined) await loadNexthopInfo(this.#context);
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

  /** What a router announced: iproute2's print_prefix(), with no space behind the prefix. */
  async #prefix(message: NetlinkMessage): Promise<void> {
    const { prefixMessage } = await import('../../../netlink/rtnl/prefix.js');
    const { header, attributes } = prefixMessage.parse(message);
    await this.#context.links.learn(header.ifindex);
    if (header.family !== AF_INET6 || !this.#wanted(header.ifindex)) return;
    this.#head('PREFIX');
    const { out, links } = this.#context;
    const { address, cacheinfo } = attributes;
    out.text(`prefix ${address === undefined ? '' : formatIpv6(address)}/${header.len}`);
    out.text(`dev ${links.nameOf(header.ifindex)} `);
    if (cacheinfo !== undefined) out.text(`valid ${cacheinfo.validTime} preferred ${cacheinfo.preferredTime} `);
    out.text('\n');
  }

  async #stats(message: NetlinkMessage): Promise<void> {
    const { statsMessage } = await import('../../../netlink/rtnl/stats.js');
    const { printHardwareInfo } = await import('../stats/offload.js');
    const { header, attributes } = statsMessage.parse(message);
    await this.#context.links.learn(header.ifindex);
    if (!this.#wanted(header.ifindex)) return;
    this.#head('STATS');
    const { out, links } = this.#context;
    out.text(`${header.ifindex}: `);
    out.text(links.nameOf(header.ifindex), 'interface');
    out.text(':');
    printHardwareInfo(this.#context, attributes);
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
}

/** What is said of a message of a kind that is not known. */
function unknownText({ type, flags, start, end }: NetlinkMessage): string {
  const both = (value: number) => `0x${value.toString(16).padStart(8, '0')}(${value})`;
  return `Unknown message: type=${both(type)} flags=${both(flags)} len=${both(end - start)}`;
}
