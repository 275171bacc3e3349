import { USER_HZ } from '../../../base/clock.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTM_DELNEXTHOP, RTM_DELNEXTHOPBUCKET } from '../../../netlink/rtnl/constants.js';
import { NEXTHOP_GRP_TYPE_RES, type NexthopAttributes, nexthopMessage } from '../../../netlink/rtnl/nexthop.js';
import { familyColor } from '../../shared/color.js';
import type { IpContext } from '../context.js';
import { printEncapsulation } from '../encap/encap.js';
import { printFlags } from '../route/details.js';

/** The name files that printing nexthops looks into. */
export const loadNexthopNames = (context: IpContext) => context.names.load('rt_protos', 'rt_scopes');

/** One nexthop object, a line. Names and devices must be loaded. */
export function printNexthop(context: IpContext, message: NetlinkMessage): void {
  const { out } = context;
  if (message.type === RTM_DELNEXTHOP) out.flag('deleted', 'Deleted ');
  out.openObject();
  printNexthopFields(context, message);
  out.text('\n');
  out.closeObject();
}

/** What a nexthop object says, without an end of the line: as a route shows it, too. */
export function printNexthopFields(context: IpContext, message: NetlinkMessage): void {
  const { out, options, names, links } = context;
  const { header, attributes } = nexthopMessage.parse(message);
  if (attributes.id !== undefined) out.field('id', attributes.id, `id ${attributes.id} `);
  if (attributes.group !== undefined) printGroup(context, attributes.group);
  if (attributes.groupType === NEXTHOP_GRP_TYPE_RES) {
    out.field('type', 'resilient', 'type resilient ');
    if (attributes.resilient !== undefined) printResilient(context, attributes.resilient);
  }
  printEncapsulation(context, attributes);
  if (attributes.gateway !== undefined) {
    const text = context.host(header.family, attributes.gateway);
    out.named('gateway', text, 'via', familyColor(header.family));
  }
  if (attributes.oif !== undefined) {
    const device = links.nameOf(attributes.oif);
    out.named('dev', device, 'dev', 'interface');
  }
  if (header.scope !== 0 || options.details > 0) {
    const scope = names.text('rt_scopes', header.scope);
    out.field('scope', scope, `scope ${scope} `);
  }
  if (attributes.blackhole === true) out.field('blackhole', null, 'blackhole ');
  if (header.protocol !== 0 || options.details > 0) {
    const protocol = names.text('rt_protos', header.protocol);
    out.field('protocol', protocol, `proto ${protocol} `);
  }
  printFlags(out, header.flags);
  if (attributes.fdb === true) out.field('fdb', null, 'fdb');
}

function printGroup({ out }: IpContext, group: NonNullable<NexthopAttributes['group']>): void {
  out.openArray('group', 'group ');
  for (const [index, { id, weight }] of group.entries()) {
    out.openObject();
    out.text(index === 0 ? '' : '/');
    out.field('id', id, String(id));
    if (weight > 1) out.field('weight', weight, `,${weight}`);
    out.closeObject();
  }
  out.closeArray(' ');
}

/** As printf's %g writes hundredths. */
const seconds = (ticks: number) => Number((ticks / USER_HZ).toPrecision(6));

function printResilient({ out }: IpContext, resilient: NonNullable<NexthopAttributes['resilient']>): void {
  const { buckets, idleTimer, unbalancedTimer, unbalancedTime } = resilient;
  out.openObject('resilient_args');
  if (buckets !== undefined) out.field('buckets', buckets, `buckets ${buckets} `);
  if (idleTimer !== undefined) out.field('idle_timer', seconds(idleTimer), `idle_timer ${seconds(idleTimer)} `);
  if (unbalancedTimer !== undefined)
    out.field('unbalanced_timer', seconds(unbalancedTimer), `unbalanced_timer ${seconds(unbalancedTimer)} `);
  if (unbalancedTime !== undefined) out.field('unbalanced_time', seconds(unbalancedTime), `unbalanced_time ${seconds(unbalancedTime)} `);
  out.closeObject();
}

/** One bucket of a resilient group. */
export function printBucket({ out }: IpContext, message: NetlinkMessage): void {
  const { attributes } = nexthopMessage.parse(message);
  if (message.type === RTM_DELNEXTHOPBUCKET) out.flag('deleted', 'Deleted ');
  out.openObject();
  if (attributes.id !== undefined) out.field('id', attributes.id, `id ${attributes.id} `);
  const { bucket } = attributes;
  if (bucket !== undefined) {
    out.openObject('bucket');
    if (bucket.index !== undefined) out.field('index', bucket.index, `index ${bucket.index} `);
    if (bucket.idleTime !== undefined) out.field('idle_time', seconds(bucket.idleTime), `idle_time ${seconds(bucket.idleTime)} `);
    if (bucket.nexthopId !== undefined) out.field('nhid', bucket.nexthopId, `nhid ${bucket.nexthopId} `);
    out.closeObject();
  }
  out.text('\n');
  out.closeObject();
}
