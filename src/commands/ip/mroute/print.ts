import { AF_INET, AF_INET6, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { RT_TABLE_MAIN, RTM_DELROUTE, RTNH_F_UNRESOLVED } from '../../../netlink/rtnl/constants.js';
import { type MrouteAttributes, mrouteMessage } from '../../../netlink/rtnl/mroute.js';
import type { RouteHeader } from '../../../netlink/rtnl/route.js';
import { type Address, formatAddress, sameBits } from '../../shared/address.js';
import type { IpContext } from '../context.js';

const HUNDREDTHS = 100;

export interface MrouteView {
  readonly message: NetlinkMessage;
  readonly header: RouteHeader;
  readonly attributes: MrouteAttributes;
  readonly table: number;
}

export interface MrouteFilter {
  /** RTNL_FAMILY_* */
  readonly family: number;
  /** 0: all. */
  table: number;
  iif: number;
  from: Address | undefined;
  to: Address | undefined;
}

export function viewOfMroute(message: NetlinkMessage): MrouteView {
  const { header, attributes } = mrouteMessage.parse(message);
  return { message, header, attributes, table: attributes.table ?? header.table };
}

export function selectsMroute(filter: MrouteFilter, { attributes, table }: MrouteView): boolean {
  const within = (prefix: Address | undefined, bytes: Uint8Array | undefined) =>
    prefix === undefined || prefix.bytes.length === 0 || (bytes !== undefined && sameBits(bytes, prefix.bytes, prefix.length));
  return (
    (filter.table === 0 || filter.table === table) &&
    (filter.iif === 0 || filter.iif === attributes.iif) &&
    within(filter.from, attributes.src) &&
    within(filter.to, attributes.dst)
  );
}

/** One route. Names of tables and devices must be loaded. iproute2: print_mroute() */
export function printMroute(context: IpContext, view: MrouteView, filter: Pick<MrouteFilter, 'table'>): void {
  const { out, options, names, links } = context;
  const { header, attributes, table, message } = view;
  const family = header.family === RTNL_FAMILY_IPMR ? AF_INET : AF_INET6;
  const address = (bytes: Uint8Array | undefined) => (bytes === undefined ? 'unknown' : formatAddress(family, bytes));
  const unresolved = (header.flags & RTNH_F_UNRESOLVED) !== 0;
  if (message.type === RTM_DELROUTE) out.flag('deleted', 'Deleted ');
  const [source, group] = [address(attributes.src), address(attributes.dst)];
  out.json('src', source);
  out.json('dst', group);
  out.text(`${`(${source},${group})`.padEnd(32)} `);
  out.text('Iif: ');
  const iif = attributes.iif === undefined ? undefined : links.nameOf(attributes.iif);
  out.field(
    'iif',
    iif ?? 'unresolved',
    iif === undefined ? 'unresolved ' : `${iif.padEnd(10)} `,
    iif === undefined ? undefined : 'interface',
  );
  if (attributes.multipath !== undefined && attributes.multipath.length > 0) {
    out.text('Oifs: ');
    out.openArray('multipath');
    for (const { ifindex, hops } of attributes.multipath) {
      out.openObject();
      const name = links.nameOf(ifindex);
      out.field('oif', name, name, 'interface');
      if (hops > 1) out.field('ttl', hops, `(ttl ${hops}) `);
      else out.text(' ');
      out.closeObject();
    }
    out.closeArray();
  }
  out.field('state', unresolved ? 'unresolved' : 'resolved', ` State: ${unresolved ? 'unresolved' : 'resolved'}`);
  if (options.stats > 0) printStatistics(context, attributes);
  if (table !== 0 && (table !== RT_TABLE_MAIN || options.details > 0) && filter.table === 0)
    out.field('table', names.text('rt_tables', table), ` Table: ${names.text('rt_tables', table)}`);
  out.text('\n');
}

function printStatistics({ out }: IpContext, { mfcStats, expires }: MrouteAttributes): void {
  if (mfcStats !== undefined) {
    out.newLine();
    out.field('packets', mfcStats.packets, `  ${mfcStats.packets} packets,`);
    out.field('bytes', mfcStats.bytes, ` ${mfcStats.bytes} bytes`);
    if (mfcStats.wrongIf !== 0) out.field('wrong_if', mfcStats.wrongIf, `, ${mfcStats.wrongIf} arrived on wrong iif.`);
  }
  if (expires !== undefined) {
    const seconds = expires / HUNDREDTHS;
    out.field('expires', seconds, `, Age ${seconds.toFixed(2)}`);
  }
}
