import { AF_BRIDGE } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB } from '../../netlink/rtnl/constants.js';
import {
  MDB_FLAGS_BLOCKED,
  MDB_FLAGS_FAST_LEAVE,
  MDB_FLAGS_OFFLOAD,
  MDB_FLAGS_STAR_EXCL,
  MDB_PERMANENT,
  MDB_TEMPORARY,
  mdbMessage,
  mdbSetMessage,
  type RouterAttributes,
} from '../../netlink/rtnl/mdb.js';
import type { MessageOf } from '../../netlink/schema.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import { formatIpv4, ipv4Bytes, parseIpv4, readIpv4 } from '../../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../../wire/ipv6-address.js';
import { formatMac, parseMac } from '../../wire/mac-address.js';
import type { IpContext } from '../ip/context.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { duplicateArgument, fatal } from '../shared/failure.js';
import { deviceIndex } from './link.js';
import type { BridgeVerb } from './object.js';
import { MDB_USAGE } from './usage.js';

type Mdb = MessageOf<typeof mdbMessage>;
type Entry = NonNullable<NonNullable<Mdb['attributes']['mdb']>[number][number]>;

/** MDB_RTR_TYPE_* that are told of. */
const ROUTER_PERMANENT = 2;
const INCLUDE = 1;

/** Ticks of 10 ms as seconds with two decimals. */
const seconds = (ticks: number, width: number): string =>
  `${String(Math.floor(ticks / 100)).padStart(width)}.${String(ticks % 100).padStart(2, '0')}`;

function addressText(protocol: number, bytes: Uint8Array): string {
  if (protocol === ETH_P_IP) return formatIpv4(readIpv4(bytes));
  return protocol === ETH_P_IPV6 ? formatIpv6(bytes) : formatMac(bytes, 0, 6);
}

const flagNames: readonly (readonly [number, string])[] = [
  [MDB_FLAGS_OFFLOAD, 'offload'],
  [MDB_FLAGS_FAST_LEAVE, 'fast_leave'],
  [MDB_FLAGS_STAR_EXCL, 'added_by_star_ex'],
  [MDB_FLAGS_BLOCKED, 'blocked'],
];

function printEntry(context: IpContext, bridge: number, { head, attributes }: Entry, deleted: boolean, vid: number): void {
  const { out, links, options } = context;
  if (vid !== 0 && head.vid !== vid) return;
  out.openObject();
  if (deleted) out.flag('deleted', 'Deleted ');
  out.json('index', bridge);
  const name = links.nameOf(bridge);
  out.text('dev ');
  out.field('dev', name, name, 'interface');
  const port = links.nameOf(head.ifindex);
  out.text(' port ');
  out.field('port', port, port, 'interface');
  out.text(' grp ');
  const group = addressText(head.protocol, head.address);
  const role = head.protocol === ETH_P_IP ? 'inet' : head.protocol === ETH_P_IPV6 ? 'inet6' : 'mac';
  out.field('grp', group, group, role);
  if (attributes.source !== undefined) {
    const source = addressText(head.protocol, attributes.source);
    out.text(' src ');
    out.field('src', source, source, role);
  }
  const state = (head.state & MDB_PERMANENT) !== 0 ? 'permanent' : 'temp';
  out.field('state', state, ` ${state}`);
  if (options.details > 0) {
    if (attributes.groupMode !== undefined) {
      const mode = attributes.groupMode === INCLUDE ? 'include' : 'exclude';
      out.field('filter_mode', mode, ` filter_mode ${mode}`);
    }
    if (attributes.sources !== undefined) {
      out.openArray('source_list', ' source_list ');
      for (const [at, source] of attributes.sources.entries()) {
        out.openObject();
        out.text(at === 0 ? '' : ',');
        const text = addressText(head.protocol, source.address ?? new Uint8Array(16));
        out.field('address', text, text, role);
        const timer = seconds(source.timer ?? 0, 0);
        out.field('timer', timer, `/${timer}`);
        out.closeObject();
      }
      out.closeArray();
    }
    if (attributes.protocol !== undefined) {
      const protocol = context.names.text('rt_protos', attributes.protocol);
      out.field('protocol', protocol, ` proto ${protocol} `);
    }
  }
  out.openArray('flags');
  for (const [flag, word] of flagNames) if ((head.flags & flag) !== 0) out.field(null, word, ` ${word}`);
  out.closeArray();
  if (head.vid !== 0) out.field('vid', head.vid, ` vid ${head.vid}`);
  if (options.stats > 0 && attributes.timer !== undefined) {
    const timer = seconds(attributes.timer, 4);
    out.field('timer', timer, ` ${timer}`);
  }
  out.text('\n');
  out.closeObject();
}

function printRouterStatistics({ out }: IpContext, { timer, type, vid }: RouterAttributes): void {
  if (timer !== undefined) out.field('timer', seconds(timer, 4), ` ${seconds(timer, 4)}`);
  if (type !== undefined) {
    const name = type === ROUTER_PERMANENT ? 'permanent' : 'temp';
    out.field('type', name, ` ${name}`);
  }
  if (vid !== undefined) out.field('vid', vid, ` vid ${vid}`);
}

function printRouters(context: IpContext, bridge: number, { router }: Mdb['attributes']): void {
  const { out, links, options } = context;
  const name = links.nameOf(bridge);
  const statistics = options.stats > 0;
  out.openArray(name, statistics ? '' : `router ports on ${name}: `);
  for (const port of router?.ports ?? []) {
    if (port === null) continue;
    const portName = links.nameOf(port.head);
    out.openObject();
    out.field('port', portName, statistics ? `router ports on ${name}: ${portName}` : `${portName} `);
    if (statistics) {
      printRouterStatistics(context, port.attributes);
      out.text('\n');
    }
    out.closeObject();
  }
  out.closeArray();
  if (!statistics) out.newLine();
}

/** A message of the database as monitors show it. */
export function printMdbEvent(context: IpContext, message: NetlinkMessage): void {
  const { out, links } = context;
  const { header, attributes } = mdbMessage.parse(message);
  const deleted = message.type === RTM_DELMDB;
  for (const entries of attributes.mdb ?? [])
    for (const entry of entries) if (entry !== null) printEntry(context, header.ifindex, entry, deleted, 0);
  for (const port of attributes.router?.ports ?? [])
    if (port !== null)
      out.text(`${deleted ? 'Deleted ' : ''}router port dev ${links.nameOf(port.head)} master ${links.nameOf(header.ifindex)}\n`);
}

export const prepareMdb = async (context: IpContext): Promise<void> => {
  await context.names.load('rt_protos');
  await context.links.load();
};

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { out } = context;
  let device: string | undefined;
  let vid = 0;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      const name = cursor.next();
      if (device !== undefined) throw duplicateArgument('dev', name);
      device = name;
    } else if (word === 'vid') {
      const text = cursor.next();
      if (vid !== 0) throw duplicateArgument('vid', text);
      vid = Number.parseInt(text, 10) || 0;
    }
  }
  const ifindex = device === undefined ? 0 : await deviceIndex(context, device);
  await prepareMdb(context);
  const messages: Mdb[] = [];
  const request = { type: RTM_GETMDB, header: { family: AF_BRIDGE }, attributes: {} };
  for await (const message of context.dump(mdbMessage, request, 255)) {
    const parsed = mdbMessage.parse(message);
    if (ifindex === 0 || parsed.header.ifindex === ifindex) messages.push(parsed);
  }
  out.openDocument();
  out.openObject();
  out.openArray('mdb');
  for (const { header, attributes } of messages)
    for (const entries of attributes.mdb ?? [])
      for (const entry of entries) if (entry !== null) printEntry(context, header.ifindex, entry, false, vid);
  out.closeArray();
  out.openObject('router');
  if (context.options.details > 0)
    for (const { header, attributes } of messages) if (attributes.router !== undefined) printRouters(context, header.ifindex, attributes);
  out.closeObject();
  out.closeObject();
  out.closeDocument();
  return 0;
}

/** Protocol and bytes of a group. */
function parseGroup(text: string): { protocol: number; address: Uint8Array } {
  const four = parseIpv4(text);
  if (four !== null) return { protocol: ETH_P_IP, address: ipv4Bytes(four) };
  const six = parseIpv6(text);
  if (six !== null) return { protocol: ETH_P_IPV6, address: six };
  const mac = parseMac(text);
  if (mac === null) throw fatal(`"${text}" is invalid lladdr.\nInvalid address "${text}"`);
  return { protocol: 0, address: mac };
}

function parseSource(text: string): Uint8Array {
  const four = parseIpv4(text);
  const address = four === null ? parseIpv6(text) : ipv4Bytes(four);
  if (address === null) throw fatal(`Invalid source address "${text}"`);
  return address;
}

async function modify(context: IpContext, cursor: Cursor, _options: unknown, name: string): Promise<number> {
  let device: string | undefined;
  let port: string | undefined;
  let group: string | undefined;
  let source: string | undefined;
  let state = MDB_TEMPORARY;
  let vid = 0;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (word === 'grp') group = cursor.next();
    else if (word === 'port') port = cursor.next();
    else if (word === 'permanent') state |= MDB_PERMANENT;
    else if (word === 'temp') state &= ~MDB_PERMANENT;
    else if (word === 'vid') vid = (Number.parseInt(cursor.next(), 10) || 0) & 0xffff;
    else if (word === 'src') source = cursor.next();
    else if (abbreviates(word, 'help')) throw fatal(MDB_USAGE);
  }
  if (device === undefined || port === undefined || group === undefined)
    throw fatal('Device, group address and port name are required arguments.');
  const ifindex = await deviceIndex(context, device);
  const portIndex = await deviceIndex(context, port);
  const parsed = parseGroup(group);
  const from = source === undefined ? undefined : parseSource(source);
  await context.request(mdbSetMessage, {
    type: name === 'delete' ? RTM_DELMDB : RTM_NEWMDB,
    header: { family: AF_BRIDGE, ifindex },
    attributes: {
      entry: { ifindex: portIndex, state, flags: 0, vid, ...parsed },
      ...(from === undefined ? {} : { attributes: { source: from } }),
    },
  });
  return 0;
}

export const mdbVerbs: readonly BridgeVerb[] = [
  { names: ['add'], run: modify },
  { names: ['delete'], run: modify },
  { names: ['show', 'lst', 'list'], run: show },
];
export const showMdb = show;
