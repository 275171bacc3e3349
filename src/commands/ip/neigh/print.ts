import { USER_HZ } from '../../../base/clock.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import {
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_OFFLOADED,
  NTF_PROXY,
  NTF_ROUTER,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
} from '../../../netlink/rtnl/constants.js';
import { type NeighbourAttributes, type NeighbourHeader, neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { type Address, sameBits } from '../../shared/address.js';
import { familyColor } from '../../shared/color.js';
import { formatLinkAddress } from '../../shared/link-layer.js';
import type { IpContext } from '../context.js';
import { stateWords } from './states.js';

/** What `ip neigh show|flush` select by. */
export interface NeighbourFilter {
  family: number;
  index: number;
  /** NUD_* bits; 0x100 stands for entries without a state. */
  states: number;
  prefix: Address | undefined;
  protocol: number;
  unusedOnly: boolean;
  master: number;
  proxy: boolean;
}

export interface NeighbourView {
  readonly header: NeighbourHeader;
  readonly attributes: NeighbourAttributes;
  readonly type: number;
}

export function viewOf(message: NetlinkMessage): NeighbourView {
  const { header, attributes } = neighbourMessage.parse(message);
  return { header, attributes, type: message.type };
}

export function selects(filter: NeighbourFilter, { header, attributes }: NeighbourView): boolean {
  if (filter.family !== 0 && filter.family !== header.family) return false;
  if (filter.index !== 0 && filter.index !== header.ifindex) return false;
  const special = (header.flags & (NTF_PROXY | NTF_EXT_LEARNED)) !== 0;
  if ((filter.states & header.state) === 0 && !special && (header.state !== 0 || (filter.states & 0x100) === 0)) return false;
  const { prefix } = filter;
  if (
    prefix !== undefined &&
    prefix.family !== 0 &&
    !(attributes.dst !== undefined && sameBits(prefix.bytes, attributes.dst, prefix.length))
  )
    return false;
  if (filter.protocol !== 0 && filter.protocol !== (attributes.protocol ?? 0)) return false;
  return !filter.unusedOnly || attributes.cacheinfo === undefined || attributes.cacheinfo.refcnt === 0;
}

/** One entry. `device` is left out where the selection names it already. */
export function printNeighbour(context: IpContext, view: NeighbourView, withDevice: boolean): void {
  const { out, options, links } = context;
  const { header, attributes } = view;
  if (view.type === RTM_DELNEIGH) out.flag('deleted', 'Deleted ');
  else if (view.type === RTM_GETNEIGH) out.field('miss', null, 'miss ');
  if (attributes.dst !== undefined) {
    const text = context.host(header.family, attributes.dst);
    out.field('dst', text, options.brief ? `${text.padEnd(39)} ` : `${text} `, familyColor(header.family));
  }
  if (withDevice && header.ifindex !== 0) {
    const name = links.nameOf(header.ifindex);
    if (!options.brief) out.text('dev ');
    out.field('dev', name, options.brief ? `${name.padEnd(16)} ` : `${name} `, 'interface');
  }
  if (attributes.lladdr !== undefined) {
    const text = formatLinkAddress(attributes.lladdr, links.typeOf(header.ifindex));
    if (!options.brief) out.text('lladdr ');
    out.field('lladdr', text, options.brief ? text : `${text} `, 'mac');
  }
  if (!options.brief) printRest(context, view);
  out.text('\n');
}

function printRest(context: IpContext, { header, attributes }: NeighbourView): void {
  const { out, options, names } = context;
  const mark = (set: boolean, word: string) => {
    if (set) out.field(word, null, `${word} `);
  };
  mark((header.flags & NTF_ROUTER) !== 0, 'router');
  mark((header.flags & NTF_PROXY) !== 0, 'proxy');
  mark(((attributes.flagsExt ?? 0) & NTF_EXT_MANAGED) !== 0, 'managed');
  mark((header.flags & NTF_EXT_LEARNED) !== 0, 'extern_learn');
  mark((header.flags & NTF_OFFLOADED) !== 0, 'offload');
  if (options.stats > 0) printUse(context, attributes);
  if (header.state !== 0) {
    out.openArray('state');
    for (const word of stateWords(header.state)) out.field(null, word, `${word} `);
    out.closeArray();
  }
  if (attributes.protocol !== undefined && attributes.protocol !== 0) {
    const name = names.text('rt_protos', attributes.protocol);
    out.field('protocol', name, `proto ${name} `);
  }
}

/** When it was used, confirmed and updated, in seconds ago. */
function printUse({ out }: IpContext, { cacheinfo, probes }: NeighbourAttributes): void {
  if (cacheinfo !== undefined) {
    const seconds = (ticks: number) => Math.floor(ticks / USER_HZ);
    if (cacheinfo.refcnt !== 0) out.field('refcnt', cacheinfo.refcnt, ` ref ${cacheinfo.refcnt}`);
    out.field('used', seconds(cacheinfo.used), ` used ${seconds(cacheinfo.used)}`);
    out.field('confirmed', seconds(cacheinfo.confirmed), `/${seconds(cacheinfo.confirmed)}`);
    out.field('updated', seconds(cacheinfo.updated), `/${seconds(cacheinfo.updated)}`);
  }
  if (probes !== undefined) out.field('probes', probes, `probes ${probes} `);
}
