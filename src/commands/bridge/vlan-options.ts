import { AF_BRIDGE } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED } from '../../netlink/rtnl/bridge.js';
import {
  BRIDGE_VLAN_INFO_ONLY_OPTS,
  BRIDGE_VLANDB_DUMPF_GLOBAL,
  BRIDGE_VLANDB_DUMPF_STATS,
  bridgeVlanDumpMessage,
  bridgeVlanMessage,
  type VlanEntryAttributes,
  type VlanGlobalOptions,
} from '../../netlink/rtnl/bridge-vlan.js';
import { RTM_DELVLAN, RTM_GETVLAN, RTM_NEWVLAN } from '../../netlink/rtnl/constants.js';
import type { IpContext } from '../ip/context.js';
import { portStates } from '../ip/link/kinds/bridge-slave.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { fatal, invalidArgument } from '../shared/failure.js';
import { parseUnsigned } from '../shared/numbers.js';
import type { Printer } from '../shared/printer.js';
import type { BridgeVerb } from './object.js';
import { VLAN_USAGE } from './usage.js';
import { parseRange, type Range, type ShowSelection } from './vlan-words.js';

/** Where VLANs begin in a line, and what is said of each. */
export const INDENT = 18;
const DETAIL_INDENT = 20;

/** Name of the port before its first VLAN, blanks before the others. */
export function printPlace(out: Printer, name: string): void {
  out.field('ifname', name, name.padEnd(INDENT), 'interface');
}

/** "5" or "5-9". */
export function printRange(out: Printer, begin: number, end: number): void {
  out.field('vlan', begin, begin === end ? `${begin}` : `${begin}-${end}`);
  if (begin !== end) out.json('vlanEnd', end);
}

/** `always`: an empty list as well. */
export function printVlanFlags(out: Printer, flags: number, always = false): void {
  if (!always && (flags & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)) === 0) return;
  out.openArray('flags');
  if ((flags & BRIDGE_VLAN_INFO_PVID) !== 0) out.field(null, 'PVID', ' PVID');
  if ((flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) out.field(null, 'Egress Untagged', ' Egress Untagged');
  out.closeArray();
}

interface Counters {
  readonly rxBytes?: number | undefined;
  readonly rxPackets?: number | undefined;
  readonly txBytes?: number | undefined;
  readonly txPackets?: number | undefined;
}

export function printVlanCounters(out: Printer, { rxBytes = 0, rxPackets = 0, txBytes = 0, txPackets = 0 }: Counters): void {
  out.text(' '.repeat(DETAIL_INDENT));
  out.field('rx_bytes', rxBytes, `RX: ${rxBytes} bytes`);
  out.field('rx_packets', rxPackets, ` ${rxPackets} packets\n`);
  out.text(' '.repeat(DETAIL_INDENT));
  out.field('tx_bytes', txBytes, `TX: ${txBytes} bytes`);
  out.field('tx_packets', txPackets, ` ${txPackets} packets\n`);
}

function printEntry(out: Printer, entry: VlanEntryAttributes, first: boolean): void {
  const { info, range, state = 0, mcastRouter, stats } = entry;
  if (info === undefined) return;
  out.openObject();
  if (!first) out.text(' '.repeat(INDENT));
  printRange(out, info.vid, range ?? info.vid);
  printVlanFlags(out, info.flags);
  out.text('\n');
  out.text(' '.repeat(DETAIL_INDENT));
  const name = portStates[state];
  if (name === undefined) out.field('state_index', state, `state (${state}) `);
  else out.field('state', name, `state ${name} `);
  if (mcastRouter !== undefined) out.field('mcast_router', mcastRouter, `mcast_router ${mcastRouter} `);
  out.text('\n');
  if (stats !== undefined) printVlanCounters(out, stats);
  out.closeObject();
}

/** Numbers of a VLAN's snooping: word, attribute, greatest value. In the order in which they are shown. */
const settings = [
  ['mcast_snooping', 'mcastSnooping', 0xff],
  ['mcast_querier', 'mcastQuerier', 0xff],
  ['mcast_igmp_version', 'mcastIgmpVersion', 0xff],
  ['mcast_mld_version', 'mcastMldVersion', 0xff],
  ['mcast_last_member_count', 'mcastLastMemberCnt', 0xffffffff],
  ['mcast_last_member_interval', 'mcastLastMemberIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_startup_query_count', 'mcastStartupQueryCnt', 0xffffffff],
  ['mcast_startup_query_interval', 'mcastStartupQueryIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_membership_interval', 'mcastMembershipIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_querier_interval', 'mcastQuerierIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_query_interval', 'mcastQueryIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_query_response_interval', 'mcastQueryResponseIntvl', Number.MAX_SAFE_INTEGER],
] as const;
export const vlanSettingWords: readonly string[] = settings.map(([word]) => word);

function printGlobal(context: IpContext, options: VlanGlobalOptions, first: boolean): void {
  const { out, links } = context;
  if (options.id === undefined) return;
  out.openObject();
  if (!first) out.text(' '.repeat(INDENT));
  printRange(out, options.id, options.range ?? options.id);
  out.text('\n');
  out.text(' '.repeat(DETAIL_INDENT));
  for (const [word, key] of settings) {
    const value = options[key];
    if (value !== undefined) out.field(word, value, `${word} ${value} `);
  }
  out.text('\n');
  const ports = (options.mcastRouterPorts?.ports ?? []).flatMap((port) => (port === null ? [] : [links.nameOf(port.head)]));
  if (ports.length > 0) {
    out.openArray('router_ports', `${' '.repeat(DETAIL_INDENT)}router ports: `);
    for (const name of ports) {
      out.openObject();
      out.field('port', name, `${name} `);
      out.closeObject();
    }
    out.closeArray('\n');
  }
  out.closeObject();
}

const covers = (vid: number | undefined, begin: number, end: number): boolean => vid === undefined || (vid >= begin && vid <= end);

/** VLANs of the places in one message; `vid`: only what it is in. */
function printMessage(context: IpContext, message: NetlinkMessage, vid: number | undefined): void {
  const { out, links } = context;
  const { header, attributes } = bridgeVlanMessage.parse(message);
  const entries = (attributes.entries ?? []).filter(({ info, range }) => info !== undefined && covers(vid, info.vid, range ?? info.vid));
  const global = (attributes.globalOptions ?? []).filter(({ id, range }) => id !== undefined && covers(vid, id, range ?? id));
  if (entries.length === 0 && global.length === 0) return;
  out.openObject();
  printPlace(out, links.nameOf(header.ifindex));
  out.openArray('vlans');
  for (const [at, entry] of entries.entries()) printEntry(out, entry, at === 0);
  for (const [at, options] of global.entries()) printGlobal(context, options, at === 0);
  out.closeArray();
  out.closeObject();
}

export function printVlanEvent(context: IpContext, message: NetlinkMessage): void {
  if (message.type === RTM_DELVLAN) context.out.text('Deleted ');
  printMessage(context, message, undefined);
}

/** `bridge -d vlan show` and `bridge vlan global show`. */
export async function showVlanOptions(context: IpContext, { index, vid }: ShowSelection, global: boolean): Promise<number> {
  const { out, links, options } = context;
  await links.load();
  const flags = (global ? BRIDGE_VLANDB_DUMPF_GLOBAL : 0) | (options.stats > 0 && !global ? BRIDGE_VLANDB_DUMPF_STATS : 0);
  const request = { type: RTM_GETVLAN, header: { family: AF_BRIDGE }, attributes: flags === 0 ? {} : { flags } };
  out.openDocument();
  out.text(`${'port'.padEnd(INDENT)}vlan-id  \n`);
  for await (const message of context.dump(bridgeVlanDumpMessage, request)) {
    const { ifindex } = bridgeVlanMessage.readHeader(message);
    if (index === 0 || ifindex === index) printMessage(context, message, vid);
  }
  out.closeDocument();
  return 0;
}

async function placeIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw fatal(`Cannot find network device "${name}"`);
  return index;
}

/** A number, or the name of a state. */
function stateOf(word: string): number {
  const number = parseUnsigned(word, 0xff);
  if (number !== null) return number;
  const index = portStates.findIndex((name) => name === word.toLowerCase());
  if (index < 0) throw fatal('Error: invalid STP state');
  return index;
}

export async function setVlan(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let range: Range | undefined;
  const options: { state?: number; mcastRouter?: number } = {};
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (word === 'vid') range = parseRange(cursor.next());
    else if (word === 'state') options.state = stateOf(cursor.next());
    else if (word === 'mcast_router') {
      const text = cursor.next();
      const mode = parseUnsigned(text, 0xff);
      if (mode === null) throw invalidArgument('invalid mcast_router', text);
      options.mcastRouter = mode;
    } else if (abbreviates(word, 'help')) throw fatal(VLAN_USAGE);
  }
  if (device === undefined || range === undefined) throw fatal('Device and VLAN ID are required arguments.');
  const ifindex = await placeIndex(context, device);
  const info = { flags: BRIDGE_VLAN_INFO_ONLY_OPTS, vid: range.begin };
  await context.request(bridgeVlanMessage, {
    type: RTM_NEWVLAN,
    header: { family: AF_BRIDGE, ifindex },
    attributes: { entries: [{ info, ...(range.end === range.begin ? {} : { range: range.end }), ...options }] },
  });
  return 0;
}

async function setGlobal(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let range: Range | undefined;
  const options: { -readonly [K in keyof VlanGlobalOptions]: VlanGlobalOptions[K] } = {};
  while (!cursor.done) {
    const word = cursor.next();
    const setting = settings.find(([name]) => name === word);
    if (setting !== undefined) {
      const text = cursor.next();
      const value = parseUnsigned(text, setting[2]);
      if (value === null) throw invalidArgument(`invalid ${word}`, text);
      options[setting[1]] = value;
    } else if (word === 'dev') device = cursor.next();
    else if (word === 'vid') range = parseRange(cursor.next());
    else if (abbreviates(word, 'help')) throw fatal(VLAN_USAGE);
  }
  if (device === undefined || range === undefined) throw fatal('Device and VLAN ID are required arguments.');
  const ifindex = await placeIndex(context, device);
  await context.request(bridgeVlanMessage, {
    type: RTM_NEWVLAN,
    header: { family: AF_BRIDGE, ifindex },
    attributes: { globalOptions: [{ ...options, id: range.begin, ...(range.end === range.begin ? {} : { range: range.end }) }] },
  });
  return 0;
}

/** `bridge vlan global ...`; `select` reads what to show. */
export const globalVerb = (select: (context: IpContext, cursor: Cursor) => Promise<ShowSelection>): BridgeVerb => ({
  names: ['global'],
  async run(context, cursor) {
    const word = cursor.done ? 'show' : cursor.next();
    if (abbreviates(word, 'set')) return setGlobal(context, cursor);
    if (!['show', 'lst', 'list'].some((name) => abbreviates(word, name))) throw fatal(VLAN_USAGE);
    return showVlanOptions(context, await select(context, cursor), true);
  },
});
