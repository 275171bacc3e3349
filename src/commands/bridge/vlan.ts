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
import { duplicateArgument, fatal, invalidArgument } from '../shared/failure.js';
import { parseUnsigned } from '../shared/numbers.js';
import type { BridgeVerb } from './object.js';
import type { BridgeOptions } from './options.js';
import { VLAN_USAGE } from './usage.js';

const MAX_VLAN = 4096;
/** Where the VLANs begin in a line. */
const INDENT = 18;

interface Range {
  readonly begin: number;
  readonly end: number;
}

async function bridgeIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw fatal(`Cannot find bridge device "${name}"`);
  return index;
}

/** "5" or "5-9". */
function parseRange(word: string): Range {
  const dash = word.indexOf('-', 1);
  if (dash < 0) {
    const begin = Number.parseInt(word, 10);
    if (!(begin >= 0 && begin < MAX_VLAN)) throw fatal(`Invalid VLAN ID "${word}"`);
    return { begin, end: begin };
  }
  const begin = Number.parseInt(word.slice(0, dash), 10);
  const end = Number.parseInt(word.slice(dash + 1), 10);
  if (!(begin >= 0 && begin < MAX_VLAN && end >= 0 && end < MAX_VLAN) || begin >= end) throw fatal(`Invalid VLAN range "${word}"`);
  return { begin, end };
}

async function modify(context: IpContext, cursor: Cursor, _options: BridgeOptions, name: string): Promise<number> {
  let device: string | undefined;
  let range: Range | undefined;
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
    else if (abbreviates(word, 'help')) throw fatal(VLAN_USAGE);
  }
  if (device === undefined || range === undefined) throw fatal('Device and VLAN ID are required arguments.');
  const index = await bridgeIndex(context, device);
  const { begin, end } = range;
  if (begin !== end && (info & BRIDGE_VLAN_INFO_PVID) !== 0) throw fatal('pvid cannot be configured for a vlan range');
  const vlanInfo =
    begin === end
      ? [{ vid: begin, flags: info }]
      : [
          { vid: begin, flags: info | BRIDGE_VLAN_INFO_RANGE_BEGIN },
          { vid: end, flags: info | BRIDGE_VLAN_INFO_RANGE_END },
        ];
  await context.request(bridgeLinkMessage, {
    type: name === 'delete' ? RTM_DELLINK : RTM_SETLINK,
    header: { family: AF_BRIDGE, index },
    attributes: { afSpec: { ...(flags === 0 ? {} : { flags }), vlanInfo } },
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

async function show(context: IpContext, cursor: Cursor, options: BridgeOptions): Promise<number> {
  const { out, links } = context;
  let index = 0;
  let vlan: number | undefined;
  let device: string | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      if (device !== undefined) throw duplicateArgument('dev', word);
      device = cursor.next();
    } else if (word === 'vid') {
      const text = cursor.next();
      const number = parseUnsigned(text, 0xffff);
      if (number === null) throw invalidArgument('VLAN id', text);
      vlan = number;
    }
  }
  if (device !== undefined) index = await linkIndex(context, device);
  await links.load();
  const extMask = options.compressVlans ? RTEXT_FILTER_BRVLAN_COMPRESSED : RTEXT_FILTER_BRVLAN;
  out.openDocument();
  out.text(`${'port'.padEnd(INDENT)}vlan-id  \n`);
  const request = { type: RTM_GETLINK, header: { family: AF_BRIDGE }, attributes: { extMask } };
  for await (const message of context.dump(bridgeLinkMessage, request)) {
    const { header, attributes } = bridgeLinkMessage.parse(message);
    if (index !== 0 && header.index !== index) continue;
    const vlans = shown(attributes.afSpec?.vlanInfo ?? [], vlan);
    if (vlans.length === 0) continue;
    const name = attributes.ifname ?? links.nameOf(header.index);
    out.openObject();
    out.field('ifname', name, `${name.padEnd(INDENT - 2)}  `, 'interface');
    out.openArray('vlans');
    for (const [at, { begin, end, flags }] of vlans.entries()) {
      out.openObject();
      if (at > 0) out.text(' '.repeat(INDENT));
      out.field('vlan', begin, begin === end ? `${begin}` : `${begin}-${end}`);
      if (begin !== end) out.json('vlanEnd', end);
      if ((flags & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)) !== 0) {
        out.openArray('flags');
        if ((flags & BRIDGE_VLAN_INFO_PVID) !== 0) out.field(null, 'PVID', ' PVID');
        if ((flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) out.field(null, 'Egress Untagged', ' Egress Untagged');
        out.closeArray();
      }
      out.text('\n');
      out.closeObject();
    }
    out.closeArray();
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

async function linkIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw fatal(`Cannot find device "${name}"`);
  return index;
}

export const vlanVerbs: readonly BridgeVerb[] = [
  { names: ['add'], run: modify },
  { names: ['delete'], run: modify },
  { names: ['show', 'lst', 'list'], run: show },
];
export const showVlans = show;
