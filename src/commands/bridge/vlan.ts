import { AF_BRIDGE } from '../../netlink/constants.js';
import {
  BRIDGE_FLAGS_MASTER,
  BRIDGE_FLAGS_SELF,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  bridgeLinkMessage,
} from '../../netlink/rtnl/bridge.js';
import {
  RTEXT_FILTER_BRVLAN,
  RTEXT_FILTER_BRVLAN_COMPRESSED,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_SETLINK,
} from '../../netlink/rtnl/constants.js';
import type { IpContext } from '../ip/context.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { duplicateArgument, fatal } from '../shared/failure.js';
import type { BridgeVerb } from './object.js';
import type { BridgeOptions } from './options.js';
import { VLAN_USAGE } from './usage.js';
import { globalVerb, INDENT, printPlace, printRange, printVlanFlags, setVlan, showVlanOptions } from './vlan-options.js';
import { parseTunnel, showTunnels } from './vlan-tunnel.js';
import { showVlanStatistics } from './vlan-statistics.js';
import { parseRange, type Range, type ShowSelection } from './vlan-words.js';

async function bridgeIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw fatal(`Cannot find bridge device "${name}"`);
  return index;
}

/** One value, or the first and the last of a range. */
const rangeOf = <T>({ begin, end }: Range, make: (vid: number, flags: number) => T): T[] =>
  begin === end ? [make(begin, 0)] : [make(begin, BRIDGE_VLAN_INFO_RANGE_BEGIN), make(end, BRIDGE_VLAN_INFO_RANGE_END)];

async function modify(context: IpContext, cursor: Cursor, _options: BridgeOptions, name: string): Promise<number> {
  let device: string | undefined;
  let range: Range | undefined;
  let tunnel: Range | undefined;
  let flags = 0;
  let info = 0;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (word === 'vid') range = parseRange(cursor.next());
    else if (word === 'self') flags |= BRIDGE_FLAGS_SELF;
    else if (word === 'master') flags |= BRIDGE_FLAGS_MASTER;
    else if (word === 'pvid') info |= BRIDGE_VLAN_INFO_PVID;
    else if (word === 'untagged') info |= BRIDGE_VLAN_INFO_UNTAGGED;
    else if (word === 'tunnel_info') tunnel = parseTunnel(cursor);
    else if (abbreviates(word, 'help')) throw fatal(VLAN_USAGE);
  }
  if (device === undefined || range === undefined) throw fatal('Device and VLAN ID are required arguments.');
  const index = await bridgeIndex(context, device);
  if (range.begin !== range.end && (info & BRIDGE_VLAN_INFO_PVID) !== 0) throw fatal('pvid cannot be configured for a vlan range');
  const asked = range;
  const named = tunnel;
  const spec =
    named === undefined
      ? { vlanInfo: rangeOf(asked, (vid, flag) => ({ vid, flags: info | flag })) }
      : { tunnelInfo: rangeOf(asked, (vid, flag) => ({ id: vid === asked.begin ? named.begin : named.end, vid, flags: flag })) };
  await context.request(bridgeLinkMessage, {
    type: name === 'delete' ? RTM_DELLINK : RTM_SETLINK,
    header: { family: AF_BRIDGE, index },
    attributes: { afSpec: { ...(flags === 0 ? {} : { flags }), ...spec } },
  });
  return 0;
}

interface Shown extends Range {
  readonly flags: number;
}

/** Ranges of the message, or where they are not to be compressed, all their VLANs. */
function shown(infos: readonly { vid: number; flags: number }[], vlan: number | undefined): Shown[] {
  const all: Shown[] = [];
  let begin = 0;
  for (const { vid, flags } of infos) {
    if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
      begin = vid;
      continue;
    }
    const first = (flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0 ? begin : vid;
    if (vlan !== undefined && (vlan < first || vlan > vid)) continue;
    all.push({ begin: first, end: vid, flags });
  }
  return all;
}

/** The words of all forms of `show`. */
async function select(context: IpContext, cursor: Cursor): Promise<ShowSelection> {
  let vid: number | undefined;
  let device: string | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      if (device !== undefined) throw duplicateArgument('dev', word);
      device = cursor.next();
    } else if (word === 'vid') {
      const text = cursor.next();
      if (vid !== undefined) throw duplicateArgument('vid', text);
      // What is no number selects nothing, as atoi(3) has it.
      vid = (Number.parseInt(text, 10) || 0) === 0 ? undefined : Number.parseInt(text, 10);
    }
  }
  const index = device === undefined ? 0 : await context.links.indexOf(device);
  if (device !== undefined && index === 0) throw fatal(`Cannot find device "${device}"`);
  return { index, vid };
}

async function show(context: IpContext, cursor: Cursor, options: BridgeOptions): Promise<number> {
  const { out, links } = context;
  const { index, vid } = await select(context, cursor);
  if (options.details > 0) return showVlanOptions(context, { index, vid }, false);
  if (options.stats > 0) return showVlanStatistics(context, { index, vid });
  await links.load();
  const extMask = options.compressVlans ? RTEXT_FILTER_BRVLAN_COMPRESSED : RTEXT_FILTER_BRVLAN;
  out.openDocument();
  out.text(`${'port'.padEnd(INDENT)}vlan-id  \n`);
  const request = { type: RTM_GETLINK, header: { family: AF_BRIDGE }, attributes: { extMask } };
  for await (const message of context.dump(bridgeLinkMessage, request)) {
    const { header, attributes } = bridgeLinkMessage.parse(message);
    if (index !== 0 && header.index !== index) continue;
    const vlans = shown(attributes.afSpec?.vlanInfo ?? [], vid);
    if (vlans.length === 0) continue;
    out.openObject();
    printPlace(out, attributes.ifname ?? links.nameOf(header.index));
    out.openArray('vlans');
    for (const [at, { begin, end, flags }] of vlans.entries()) {
      out.openObject();
      if (at > 0) out.text(' '.repeat(INDENT));
      printRange(out, begin, end);
      printVlanFlags(out, flags);
      out.text('\n');
      out.closeObject();
    }
    out.closeArray();
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

export const vlanVerbs: readonly BridgeVerb[] = [
  { names: ['add'], run: modify },
  { names: ['delete'], run: modify },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['tunnelshow'], run: async (context, cursor) => showTunnels(context, await select(context, cursor)) },
  { names: ['set'], run: setVlan },
  globalVerb(select),
];
export const showVlans = show;
