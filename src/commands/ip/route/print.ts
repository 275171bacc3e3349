import { USER_HZ } from '../../../base/clock.js';
import { AF_INET, AF_INET6, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import {
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTM_DELROUTE,
  RTM_F_CLONED,
  RTN_UNICAST,
  RTPROT_BOOT,
} from '../../../netlink/rtnl/constants.js';
import { type Nexthop, type RouteAttributes, type RouteHeader, routeMessage, type Via } from '../../../netlink/rtnl/route.js';
import { formatAddress } from '../../shared/address.js';
import { familyColor } from '../../shared/color.js';
import { addressBits, familyName } from '../../shared/families.js';
import { hex } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { printEncapsulation } from '../encap/encap.js';
import { printFlags, printMetrics, printRealms } from './details.js';
import type { RouteFilter } from './filter.js';
import { preferences, typeName } from './names.js';
import { printNexthopInfo } from './nexthop-info.js';

export interface RouteView {
  readonly message: NetlinkMessage;
  readonly header: RouteHeader;
  readonly attributes: RouteAttributes;
  readonly table: number;
}

export function viewOf(message: NetlinkMessage): RouteView {
  const { header, attributes } = routeMessage.parse(message);
  return { message, header, attributes, table: attributes.table ?? header.table };
}

/** The name files that printing routes looks into. */
export const loadRouteNames = (context: IpContext) => context.names.load('rt_tables', 'rt_protos', 'rt_scopes', 'rt_realms', 'rt_dsfield');

/** A dump of all families has multicast routes in it, which are shown in the family of their addresses. iproute2: get_real_family() */
function inAddressFamily(view: RouteView): RouteView {
  const { family } = view.header;
  if (family !== RTNL_FAMILY_IPMR && family !== RTNL_FAMILY_IP6MR) return view;
  return { ...view, header: { ...view.header, family: family === RTNL_FAMILY_IPMR ? AF_INET : AF_INET6 } };
}

/** One route. What the selection fixes to one value is not repeated in each line. Names and devices must be loaded. */
export function printRoute(context: IpContext, shown: RouteView, filter: RouteFilter): void {
  const view = inAddressFamily(shown);
  const { out, options, names, links } = context;
  const { header, attributes, table } = view;
  const detailed = options.details > 0;
  const cloned = (header.flags & RTM_F_CLONED) !== 0;
  if (view.message.type === RTM_DELROUTE) out.flag('deleted', 'Deleted ');
  if (header.type !== RTN_UNICAST || detailed) {
    const type = typeName(header.type, options.numeric);
    out.field('type', type, `${type} `);
  }
  // In the multicast family no length is that of a whole address.
  printDestination(context, view, addressBits(shown.header.family));
  if (attributes.nhId !== undefined) out.field('nhid', attributes.nhId, `nhid ${attributes.nhId} `);
  printEncapsulation(context, attributes);
  if (header.tos !== 0 && filter.tos === undefined) {
    const tos = names.nameOf('rt_dsfield', header.tos) ?? `0x${header.tos.toString(16).padStart(2, '0')}`;
    out.field('tos', tos, `tos ${tos} `);
  }
  if (!fixes(filter.via, header.family)) printGateway(context, header.family, attributes);
  if (attributes.oif !== undefined && filter.oif === 0) {
    const device = links.nameOf(attributes.oif);
    out.named('dev', device, 'dev', 'interface');
  }
  if (table !== RT_TABLE_UNSPEC && (table !== RT_TABLE_MAIN || detailed) && filter.table === 0) {
    const name = names.text('rt_tables', table);
    out.field('table', name, `table ${name} `);
  }
  if (!cloned) {
    if ((header.protocol !== RTPROT_BOOT || detailed) && filter.protocol === undefined) {
      const name = names.text('rt_protos', header.protocol);
      out.field('protocol', name, `proto ${name} `);
    }
    if ((header.scope !== RT_SCOPE_UNIVERSE || detailed) && filter.scope === undefined) {
      const name = names.text('rt_scopes', header.scope);
      out.field('scope', name, `scope ${name} `);
    }
  }
  if (attributes.prefsrc !== undefined && !fixes(filter.src, header.family)) {
    const text = context.host(header.family, attributes.prefsrc);
    out.named('prefsrc', text, 'src', familyColor(header.family));
  }
  if (attributes.priority !== undefined && filter.metric === undefined)
    out.field('metric', attributes.priority, `metric ${attributes.priority} `);
  printFlags(out, header.flags);
  if (attributes.mark !== undefined && attributes.mark !== 0)
    out.field('mark', attributes.mark, `mark ${attributes.mark >= 16 ? hex(attributes.mark) : attributes.mark} `);
  if (attributes.flow !== undefined && filter.realm?.mask !== 0xffff_ffff) printRealms(context, attributes.flow);
  if (attributes.uid !== undefined) out.field('uid', attributes.uid, `uid ${attributes.uid} `);
  printCache(context, header, attributes, cloned);
  if (attributes.metrics !== undefined) printMetrics(out, attributes.metrics);
  if (attributes.iif !== undefined && filter.iif === 0) {
    const device = links.nameOf(attributes.iif);
    out.named('iif', device, 'iif', 'interface');
  }
  if (attributes.pref !== undefined) {
    const name = preferences.find(([number]) => number === attributes.pref)?.[1];
    out.field('pref', name ?? attributes.pref, `pref ${name ?? attributes.pref}`);
  }
  if (attributes.ttlPropagate !== undefined)
    out.field('ttl-propogate', attributes.ttlPropagate !== 0, `ttl-propagate ${attributes.ttlPropagate === 0 ? 'disabled' : 'enabled'}`);
  if (detailed && attributes.nhId !== undefined) printNexthopInfo(context, attributes.nhId);
  if (attributes.multipath !== undefined) printNexthops(context, header.family, attributes.multipath, filter);
  out.text('\n');
}

/** Is it one address that was asked for? Then all lines would show the same. */
const fixes = (wanted: { readonly length: number } | undefined, family: number) =>
  wanted !== undefined && wanted.length === addressBits(family);

function printDestination(context: IpContext, { header, attributes }: RouteView, bits: number): void {
  const { out } = context;
  const prefix = (bytes: Uint8Array | undefined, length: number, none: string) => {
    if (bytes === undefined) return length === 0 ? none : `0/${length}`;
    return length === bits ? context.host(header.family, bytes) : `${formatAddress(header.family, bytes)}/${length}`;
  };
  const destination = prefix(attributes.dst, header.dstLen, 'default');
  out.field('dst', destination, `${destination} `, attributes.dst === undefined ? undefined : familyColor(header.family));
  if (attributes.src === undefined && header.srcLen === 0) return;
  const source = prefix(attributes.src, header.srcLen, '');
  out.field('from', source, `from ${source} `, familyColor(header.family));
}

function printGateway(context: IpContext, family: number, attributes: { gateway?: Uint8Array | undefined; via?: Via | undefined }): void {
  const { out } = context;
  if (attributes.gateway !== undefined) {
    const text = context.host(family, attributes.gateway);
    out.named('gateway', text, 'via', familyColor(family));
  }
  if (attributes.via !== undefined) {
    const { via } = attributes;
    const text = formatAddress(via.family, via.address);
    out.openObject('via');
    out.field('family', familyName(via.family), `via ${familyName(via.family)} `);
    out.field('host', text, `${text} `, familyColor(via.family));
    out.closeObject();
  }
}

// linux/in_route.h: RTCF_*, as they are printed.
const cacheFlags: readonly (readonly [mask: number, name: string])[] = [
  [0x80000000, 'local'],
  [0x40000000, 'reject'],
  [0x20000000, 'mc'],
  [0x10000000, 'brd'],
  [0x08000000, 'dst-nat'],
  [0x00800000, 'src-nat'],
  [0x00400000, 'masq'],
  [0x00020000, 'dst-direct'],
  [0x04000000, 'src-direct'],
  [0x00040000, 'redirected'],
  [0x01000000, 'redirect'],
  [0x00200000, 'fastroute'],
  [0x00010000, 'notify'],
  [0x00080000, 'proxy'],
];

function printCache(context: IpContext, header: RouteHeader, attributes: RouteAttributes, cloned: boolean): void {
  const { out } = context;
  if (header.family === AF_INET) {
    if (!cloned) return;
    out.newLine();
    const words = cacheFlags.filter(([mask]) => (header.flags & mask) !== 0).map(([, name]) => name);
    out.openArray('cache', words.length > 0 ? '    cache <' : '    cache ');
    for (const [index, word] of words.entries()) out.field(null, word, index === words.length - 1 ? word : `${word},`);
    out.closeArray(words.length > 0 ? '> ' : '');
  } else if (header.family !== AF_INET6) return;
  printCacheInfo(context, attributes);
}

function printCacheInfo({ out, options }: IpContext, { cacheinfo }: RouteAttributes): void {
  if (cacheinfo === undefined) return;
  const seconds = (ticks: number) => Math.trunc(ticks / USER_HZ);
  if (cacheinfo.expires !== 0) out.field('expires', seconds(cacheinfo.expires), `expires ${seconds(cacheinfo.expires)}sec `);
  if (cacheinfo.error !== 0) out.field('error', cacheinfo.error | 0, `error ${cacheinfo.error | 0} `);
  if (options.stats === 0) return;
  if (cacheinfo.clntref !== 0) out.field('users', cacheinfo.clntref, `users ${cacheinfo.clntref} `);
  if (cacheinfo.used !== 0) out.field('used', cacheinfo.used, `used ${cacheinfo.used} `);
  if (cacheinfo.lastuse !== 0) out.field('age', seconds(cacheinfo.lastuse), `age ${seconds(cacheinfo.lastuse)}sec `);
}

function printNexthops(context: IpContext, family: number, legs: readonly Nexthop[], filter: RouteFilter): void {
  const { out, links } = context;
  out.openArray('nexthops');
  for (const leg of legs) {
    if (filter.oif !== 0 && leg.ifindex !== filter.oif) continue;
    out.openObject();
    out.newLine();
    out.text('\tnexthop ');
    printEncapsulation(context, leg.attributes);
    printGateway(context, family, leg.attributes);
    if (leg.attributes.flow !== undefined) printRealms(context, leg.attributes.flow);
    const device = links.nameOf(leg.ifindex);
    out.field('dev', device, `dev ${device} `);
    out.field('weight', leg.hops + 1, `weight ${leg.hops + 1} `);
    printFlags(out, leg.flags);
    out.closeObject();
  }
  out.closeArray();
}
