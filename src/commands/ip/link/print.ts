import type { NetlinkMessage } from '../../../netlink/message.js';
import { IFF_POINTOPOINT, IFF_UP, RTM_DELLINK } from '../../../netlink/rtnl/constants.js';
import { type LinkAttributes, type LinkHeader, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { stateColor } from '../../shared/color.js';
import { globMatches } from '../../shared/glob.js';
import { formatLinkAddress, linkTypeName } from '../../shared/link-layer.js';
import type { IpContext } from '../context.js';
import { type DeviceFilter, wantsLinkLayer } from './filter.js';
import { printFlags } from './flags.js';
import { linkKind } from './kinds/index.js';
import { addressGenerationModes, linkEvents, linkModes, operationalStates } from './names.js';

export interface LinkView {
  readonly header: LinkHeader;
  readonly attributes: LinkAttributes;
  readonly deleted: boolean;
}

/** Reads a link message and gets ready what printing it needs: names of other devices, groups, namespaces. */
export async function viewOf(context: IpContext, message: NetlinkMessage): Promise<LinkView> {
  const { header, attributes } = linkMessage.parse(message);
  await context.names.load('group');
  if (attributes.linkNetnsid !== undefined || attributes.newNetnsid !== undefined) await context.namespaces.load();
  if (attributes.linkNetnsid === undefined) await context.links.learn(attributes.link ?? 0);
  await context.links.learn(attributes.master ?? 0);
  return { header, attributes, deleted: message.type === RTM_DELLINK };
}

/** Does the selection take the device? */
export function selects(filter: DeviceFilter, { header, attributes }: LinkView): boolean {
  if (filter.index !== 0 && filter.index !== header.index) return false;
  if (filter.up && (header.flags & IFF_UP) === 0) return false;
  if (filter.label !== undefined && wantsLinkLayer(filter) && !globMatches(filter.label, attributes.ifname ?? '')) return false;
  if (filter.group !== undefined && attributes.group !== undefined && filter.group !== attributes.group) return false;
  if (filter.master > 0 && attributes.master !== filter.master) return false;
  if (filter.master < 0 && attributes.master !== undefined) return false;
  if (filter.kind !== undefined && attributes.linkinfo?.kind !== filter.kind) return false;
  return filter.slaveKind === undefined || attributes.linkinfo?.slaveKind === filter.slaveKind;
}

export interface LinkStyle {
  /** `ip link`: mode, statistics and altnames belong to it; `ip addr` shows the device as a heading. */
  readonly asLink: boolean;
  readonly showQueue: boolean;
}

/** One device, with its lines of details; the record's last newline included. */
export async function printLink(context: IpContext, filter: DeviceFilter, view: LinkView, style: LinkStyle): Promise<void> {
  const { out, options } = context;
  const { header, attributes } = view;
  if (view.deleted) out.flag('deleted', 'Deleted ');
  if (options.brief) {
    printBrief(context, view, style.asLink);
    return;
  }
  out.field('ifindex', header.index, `${header.index}: `);
  const lowerIsDown = printName(context, view, (name) => `${name}: `);
  printFlags(out, header.flags, lowerIsDown);
  if (attributes.mtu !== undefined) out.field('mtu', attributes.mtu, `mtu ${attributes.mtu} `);
  if (attributes.qdisc !== undefined) out.field('qdisc', attributes.qdisc, `qdisc ${attributes.qdisc} `);
  if (attributes.master !== undefined) {
    const master = context.links.nameOf(attributes.master);
    out.field('master', master, `master ${master} `);
  }
  printState(context, attributes.operstate, false);
  if (style.asLink && attributes.linkmode !== undefined) {
    const mode = linkModes[attributes.linkmode];
    if (mode === undefined) out.field('linkmode_index', attributes.linkmode, `mode ${attributes.linkmode} `);
    else out.field('linkmode', mode, `mode ${mode} `);
  }
  if (attributes.group !== undefined) {
    const group = context.names.text('group', attributes.group);
    out.field('group', group, `group ${group} `);
  }
  const queue = attributes.txqlen ?? context.links.txQueueLengthOf(header.index);
  if (style.showQueue && queue !== undefined && queue !== 0) out.field('txqlen', queue | 0, `qlen ${queue | 0}`);
  printEvent(context, attributes);
  if (wantsLinkLayer(filter) || options.details > 0) printLinkLayer(context, view);
  printNamespaces(context, attributes);
  if (attributes.protoDown) printProtoDown(context, attributes);
  if (options.details > 0) await printDetails(context, view, style);
  const full = style.asLink || options.details > 0;
  if (full && attributes.ifalias !== undefined) {
    out.newLine();
    out.field('ifalias', attributes.ifalias, `    alias ${attributes.ifalias}`);
  }
  if (style.asLink && options.stats > 0) {
    out.newLine();
    const { printStatistics } = await import('./statistics.js');
    printStatistics(context, attributes, options.stats);
  }
  printAlternativeNames(context, attributes);
  out.text('\n');
}

/** "name@lower" in the form that `frame` gives it. Is the lower device down? */
function printName(context: IpContext, { header, attributes }: LinkView, frame: (name: string) => string): boolean {
  const { out, links } = context;
  const name = attributes.ifname ?? `if${header.index}`;
  let full = name;
  let down = false;
  const lower = attributes.link;
  if (lower !== undefined) {
    let lowerName = 'NONE';
    if (lower === 0) out.json('link', null);
    else if (attributes.linkNetnsid !== undefined) {
      lowerName = `if${lower}`;
      out.json('link_index', lower);
    } else {
      lowerName = links.nameOf(lower);
      out.json('link', lowerName);
      down = (links.flagsOf(lower) & IFF_UP) === 0;
    }
    full = `${name}@${lowerName}`;
  }
  out.field('ifname', name, frame(full), 'interface');
  return down;
}

function printState(context: IpContext, state: number | undefined, brief: boolean): void {
  const { out } = context;
  if (state === undefined) return;
  const name = operationalStates[state];
  if (name === undefined) {
    out.field('operstate_index', state, brief ? `${`0x${state.toString(16)}`.padEnd(14)} ` : `state 0x${state.toString(16)} `);
    return;
  }
  if (brief) {
    out.field('operstate', name, `${name.padEnd(14)} `, stateColor(name));
    return;
  }
  out.text('state ');
  out.field('operstate', name, `${name} `, stateColor(name));
}

function printEvent({ out }: IpContext, { event }: LinkAttributes): void {
  if (event === undefined || event === 0) return;
  const name = linkEvents[event];
  if (name === undefined) out.field('event', String(event), `event ${event} `);
  else out.field('event', name, `event ${name} `);
}

function printLinkLayer({ out, options }: IpContext, { header, attributes }: LinkView): void {
  out.newLine();
  const type = linkTypeName(header.type, options.numeric);
  out.field('link_type', type, `    link/${type} `);
  const { address, broadcast, permAddress } = attributes;
  if (address !== undefined) {
    const text = formatLinkAddress(address, header.type);
    out.field('address', text, text, 'mac');
  }
  if (broadcast !== undefined) {
    const pointToPoint = (header.flags & IFF_POINTOPOINT) !== 0;
    if (pointToPoint) out.flag('link_pointtopoint', ' peer ');
    else out.text(' brd ');
    const text = formatLinkAddress(broadcast, header.type);
    out.field('broadcast', text, text, 'mac');
  }
  if (permAddress !== undefined) {
    const text = formatLinkAddress(permAddress, header.type);
    if (address === undefined || formatLinkAddress(address, header.type) !== text) {
      out.text(' permaddr ');
      out.field('permaddr', text, text, 'mac');
    }
  }
}

function printNamespaces({ out, namespaces }: IpContext, { linkNetnsid, newNetnsid, newIfindex }: LinkAttributes): void {
  const print = (key: string, word: string, nsid: number) => {
    const name = namespaces.nameOf(nsid);
    if (nsid < 0) out.field(key, nsid, ` ${word}-netnsid unknown`);
    else out.field(key, nsid, name === undefined ? ` ${word}-netnsid ${nsid}` : ` ${word}-netns ${name}`);
  };
  if (linkNetnsid !== undefined) print('link_netnsid', 'link', linkNetnsid);
  if (newNetnsid !== undefined) print('new_netnsid', 'new', newNetnsid);
  if (newIfindex !== undefined) out.field('new_ifindex', newIfindex, ` new-ifindex ${newIfindex}`);
}

function printProtoDown({ out }: IpContext, { protoDownReason }: LinkAttributes): void {
  out.flag('proto_down', ' protodown on ');
  const reasons = protoDownReason?.value ?? 0;
  if (reasons === 0) return;
  const bits = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((reasons >>> bit) & 1) !== 0);
  out.openArray('proto_down_reason', 'protodown_reason <');
  for (const [index, bit] of bits.entries()) out.field(null, String(bit), index === bits.length - 1 ? `${bit}` : `${bit},`);
  out.closeArray('>');
}

async function printDetails(context: IpContext, { attributes }: LinkView, style: LinkStyle): Promise<void> {
  const { out } = context;
  const count = (key: string, word: string, value: number | undefined) => {
    if (value !== undefined) out.field(key, value, `${word} ${value} `);
  };
  count('promiscuity', ' promiscuity', attributes.promiscuity);
  count('allmulti', ' allmulti', attributes.allmulti);
  count('min_mtu', 'minmtu', attributes.minMtu);
  count('max_mtu', 'maxmtu', attributes.maxMtu);
  if (attributes.linkinfo !== undefined) await printLinkInfo(context, attributes.linkinfo);
  const mode = style.asLink ? attributes.afSpec?.inet6?.addrGenMode : undefined;
  if (mode !== undefined) {
    const name = addressGenerationModes[mode] ?? `0x${mode.toString(16)}`;
    out.field('inet6_addr_gen_mode', name, `addrgenmode ${name} `);
  }
  count('num_tx_queues', 'numtxqueues', attributes.numTxQueues);
  count('num_rx_queues', 'numrxqueues', attributes.numRxQueues);
  count('gso_max_size', 'gso_max_size', attributes.gsoMaxSize);
  count('gso_max_segs', 'gso_max_segs', attributes.gsoMaxSegs);
  count('tso_max_size', 'tso_max_size', attributes.tsoMaxSize);
  count('tso_max_segs', 'tso_max_segs', attributes.tsoMaxSegs);
  count('gro_max_size', 'gro_max_size', attributes.groMaxSize);
  const { parentDevBusName, parentDevName } = attributes;
  if (parentDevBusName !== undefined) out.field('parentbus', parentDevBusName, `parentbus ${parentDevBusName} `);
  if (parentDevName !== undefined) out.field('parentdev', parentDevName, `parentdev ${parentDevName} `);
}

async function printLinkInfo(context: IpContext, info: NonNullable<LinkAttributes['linkinfo']>): Promise<void> {
  const { out } = context;
  out.openObject('linkinfo');
  if (info.kind !== undefined) {
    out.newLine();
    out.field('info_kind', info.kind, `    ${info.kind} `);
    const part = await linkKind(info.kind);
    if (part?.print !== undefined) {
      await part.prepare?.(context, info.data);
      out.openObject('info_data');
      part.print(context, info.data);
      out.closeObject();
    }
  }
  if (info.slaveKind !== undefined) {
    out.newLine();
    out.field('info_slave_kind', info.slaveKind, `    ${info.slaveKind}_slave `);
    const part = await linkKind(`${info.slaveKind}_slave`);
    if (part?.print !== undefined) {
      out.openObject('info_slave_data');
      part.print(context, info.slaveData);
      out.closeObject();
    }
  }
  out.closeObject();
}

function printAlternativeNames({ out }: IpContext, { propList }: LinkAttributes): void {
  if (propList === undefined) return;
  out.openArray('altnames');
  for (const name of propList) {
    out.newLine();
    out.field(null, name, `    altname ${name}`);
  }
  out.closeArray();
}

/** One line of `-brief`: name, state, and for `ip link` address and flags. */
function printBrief(context: IpContext, view: LinkView, asLink: boolean): void {
  const { out } = context;
  const { header, attributes } = view;
  const lowerIsDown = printName(context, view, (name) => `${name.padEnd(16)} `);
  printState(context, attributes.operstate, true);
  if (!asLink) return;
  if (attributes.address !== undefined) {
    const text = formatLinkAddress(attributes.address, header.type);
    out.field('address', text, `${text} `, 'mac');
  }
  printFlags(out, header.flags, lowerIsDown);
  out.text('\n');
}
