import { AF_INET6, AF_PACKET, AF_UNSPEC } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import { RTM_GETADDR } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { Cursor } from '../../shared/cursor.js';
import type { IpContext } from '../context.js';
import { type DeviceFilter, deviceFilterKeywords, readDeviceFilter } from '../link/filter.js';
import { printLink, selects as selectsLink, viewOf as linkViewOf } from '../link/print.js';
import { getLink, listLinks } from '../link/show.js';
import type { Verb } from '../object.js';
import { type AddressView, printAddress, selects, viewOf } from './print.js';
import { ADDRESS_USAGE } from './usage.js';

export async function showAddresses(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, options } = context;
  const filter = await readDeviceFilter(context, cursor, ADDRESS_USAGE, options.family);
  await context.names.load('rt_scopes');
  const family = options.family === AF_INET6 ? AF_INET6 : AF_UNSPEC;
  let links = filter.index === 0 ? await listLinks(context, filter, family) : [await rememberedLink(context, filter.index)];
  // IPv6's own dump of devices does not have all that a heading shows.
  if (family === AF_INET6) await context.links.load();
  const addresses = filter.family === AF_PACKET ? [] : await listAddresses(context, filter);
  if (filter.family !== AF_PACKET) links = links.filter((link) => hasSelected(context, filter, link, addresses));
  const withHeading = options.brief || !(filter.family !== AF_PACKET && (options.oneline || filter.label !== undefined));
  out.openDocument();
  for (const message of links) {
    const view = await linkViewOf(context, message);
    out.openObject();
    const shown = withHeading && selectsLink(filter, view);
    if (shown) await printLink(context, filter, view, { asLink: false, showQueue: true });
    if ((shown || !withHeading) && filter.family !== AF_PACKET) {
      printAddresses(context, filter, view.header.index, addresses);
      if (shown && options.stats > 0 && !options.brief) {
        const { printStatistics } = await import('../link/statistics.js');
        printStatistics(context, view.attributes, options.stats);
        out.text('\n');
      }
    }
    out.closeObject();
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

async function rememberedLink(context: IpContext, index: number): Promise<NetlinkMessage> {
  const message = await getLink(context, index);
  context.links.remember(message);
  return message;
}

function printAddresses(context: IpContext, filter: DeviceFilter, index: number, addresses: readonly AddressView[]): void {
  const { out, options } = context;
  out.openArray('addr_info');
  for (const address of addresses) {
    if (address.header.index !== index || (filter.family !== AF_UNSPEC && filter.family !== address.header.family)) continue;
    // What is not selected leaves an empty object in JSON, as iproute2 has it.
    out.openObject();
    if (selects(filter, address, context.links.nameOf(index))) printAddress(context, address, { withDevice: options.oneline });
    out.closeObject();
  }
  out.closeArray();
  if (options.brief) out.text('\n');
}

export async function listAddresses(context: IpContext, filter: DeviceFilter): Promise<AddressView[]> {
  const views: AddressView[] = [];
  const request = { type: RTM_GETADDR, header: { family: filter.family === AF_PACKET ? AF_UNSPEC : filter.family, index: filter.index } };
  for await (const message of context.dump(addressMessage, request)) views.push(viewOf(message));
  return views;
}

/** A device stays when one of its addresses is selected, or when it has none at all and no family is asked for. */
function hasSelected(context: IpContext, filter: DeviceFilter, message: NetlinkMessage, addresses: readonly AddressView[]): boolean {
  const { index } = linkMessage.readHeader(message);
  const own = addresses.filter(({ header }) => header.index === index);
  if (own.length === 0) return filter.family === AF_UNSPEC;
  return own.some((address) => selects(filter, address, context.links.nameOf(index)));
}

export const show: Verb = {
  names: ['show', 'list'],
  hidden: ['lst'],
  summary: 'show the addresses of devices',
  operands: '[ DEVICE ]',
  completeOperand: 'device',
  keywords: deviceFilterKeywords.filter(({ word }) => !word.startsWith('-')),
  run: showAddresses,
};
