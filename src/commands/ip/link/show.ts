import { AF_PACKET, AF_UNSPEC } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF, RTM_GETLINK } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { Cursor } from '../../shared/cursor.js';
import type { VerbGrammar } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { type DeviceFilter, deviceFilterKeywords, readDeviceFilter } from './filter.js';
import { printLink, selects, viewOf } from './print.js';
import { LINK_USAGE } from './usage.js';

/** Of the words that `ip addr show` knows as well, those that mean something for devices. */
const words = ['up', 'group', 'master', 'vrf', 'nomaster', 'type', 'dev'];

const grammar: VerbGrammar = {
  names: ['show', 'list'],
  hidden: ['lst'],
  summary: 'show devices',
  operands: '[ DEVICE ]',
  completeOperand: 'device',
  keywords: deviceFilterKeywords.filter(({ word }) => words.includes(word)),
};

export async function showLinks(context: IpContext, cursor: Cursor): Promise<number> {
  const filter = await readDeviceFilter(context, cursor, LINK_USAGE, AF_PACKET);
  const { out } = context;
  const one = filter.deviceName !== undefined && filter.group === undefined;
  const messages = one ? [await getLink(context, filter.index)] : await listLinks(context, filter);
  out.openDocument();
  for (const message of messages) {
    const view = await viewOf(context, message);
    out.openObject();
    if (selects(filter, view)) await printLink(context, filter, view, { asLink: true, showQueue: true });
    out.closeObject();
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

const extMask = (context: IpContext) => RTEXT_FILTER_VF | (context.options.stats > 0 ? 0 : RTEXT_FILTER_SKIP_STATS);

export async function getLink(context: IpContext, index: number): Promise<NetlinkMessage> {
  return context.get(linkMessage, { type: RTM_GETLINK, header: { index }, attributes: { extMask: RTEXT_FILTER_VF } });
}

/** The devices that the sender's own filter lets through, all of them remembered by name. */
export async function listLinks(context: IpContext, filter: DeviceFilter, family = AF_UNSPEC): Promise<NetlinkMessage[]> {
  const filtered = filter.master > 0 || filter.kind !== undefined || filter.slaveKind !== undefined;
  const messages: NetlinkMessage[] = [];
  // A family's own dump takes no attributes: its devices are selected here alone.
  const attributes = family === AF_UNSPEC ? selection(context, filter) : {};
  const dump = context.dump(linkMessage, { type: RTM_GETLINK, header: { family }, attributes });
  for await (const message of dump) {
    context.links.remember(message);
    messages.push(message);
  }
  // Of a family's own dump, what is said of a device is not all there is.
  if (!filtered && family === AF_UNSPEC) context.links.markComplete();
  return messages;
}

const selection = (context: IpContext, { master, kind, slaveKind }: DeviceFilter) => ({
  extMask: extMask(context),
  ...(master > 0 ? { master } : {}),
  ...(kind !== undefined || slaveKind !== undefined
    ? { linkinfo: { ...(kind === undefined ? {} : { kind }), ...(slaveKind === undefined ? {} : { slaveKind }) } }
    : {}),
});

export const show: Verb = { ...grammar, run: showLinks };
