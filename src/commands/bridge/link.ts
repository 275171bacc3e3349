import type { NetlinkMessage } from '../../netlink/message.js';
import { BRIDGE_FLAGS_MASTER, BRIDGE_FLAGS_SELF, bridgeLinkMessage } from '../../netlink/rtnl/bridge.js';
import { RTM_DELLINK, RTM_GETLINK, RTM_SETLINK } from '../../netlink/rtnl/constants.js';
import type { BridgePortData } from '../../netlink/rtnl/link/bridge.js';
import { AF_BRIDGE } from '../../netlink/constants.js';
import type { IpContext } from '../ip/context.js';
import { printFlags } from '../ip/link/flags.js';
import { portStates } from '../ip/link/kinds/bridge-slave.js';
import type { Writable } from '../ip/link/kinds/words.js';
import type { Cursor } from '../shared/cursor.js';
import { failure, fatal } from '../shared/failure.js';
import { parseSigned, parseUnsigned } from '../shared/numbers.js';
import type { BridgeVerb } from './object.js';
import { LINK_USAGE } from './usage.js';
import { IFF_UP } from '../../netlink/rtnl/constants.js';

type Values = Writable<BridgePortData>;
type Switch = { [K in keyof BridgePortData]-?: NonNullable<BridgePortData[K]> extends number ? K : never }[keyof BridgePortData];

/** Words that are on or off, in the order in which -details shows them. */
const switches: readonly (readonly [word: string, key: Switch, shown: boolean])[] = [
  ['hairpin', 'hairpin', true],
  ['guard', 'guard', true],
  ['root_block', 'rootBlock', true],
  ['fastleave', 'fastLeave', true],
  ['learning', 'learning', true],
  ['learning_sync', 'learningSync', false],
  ['flood', 'flood', true],
  ['mcast_flood', 'mcastFlood', true],
  ['bcast_flood', 'bcastFlood', true],
  ['mcast_to_unicast', 'mcastToUnicast', true],
  ['neigh_suppress', 'neighSuppress', true],
  ['vlan_tunnel', 'vlanTunnel', true],
  ['isolated', 'isolated', true],
  ['locked', 'locked', true],
];

function printPort(context: IpContext, port: BridgePortData): void {
  const { out, links, options } = context;
  if (port.state !== undefined) {
    const name = portStates[port.state];
    if (name === undefined) out.field('state_index', port.state, `state (${port.state}) `);
    else out.field('state', name, `state ${name} `);
  }
  if (port.priority !== undefined) out.field('priority', port.priority, `priority ${port.priority} `);
  if (port.cost !== undefined) out.field('cost', port.cost, `cost ${port.cost} `);
  if (options.details === 0) return;
  out.newLine();
  out.text('    ');
  for (const [word, key, shown] of switches) {
    const value = port[key];
    if (shown && value !== undefined) out.onOff(word, value !== 0);
    if (key === 'bcastFlood' && port.mcastRouter !== undefined)
      out.field('mcast_router', port.mcastRouter, `mcast_router ${port.mcastRouter} `);
    if (key === 'vlanTunnel' && port.backupPort !== undefined) {
      const name = links.nameOf(port.backupPort);
      out.field('backup_port', name, `backup_port ${name} `);
    }
  }
}

/** One port, with the newline of the record. */
export function printBridgeLink(context: IpContext, message: NetlinkMessage): void {
  const { out, links } = context;
  const { header, attributes } = bridgeLinkMessage.parse(message);
  if (message.type === RTM_DELLINK) out.flag('deleted', 'Deleted ');
  out.field('ifindex', header.index, `${header.index}: `);
  const name = attributes.ifname ?? links.nameOf(header.index);
  // An index means another device in another namespace.
  const elsewhere = attributes.linkNetnsid !== undefined;
  const lower = attributes.link === undefined ? undefined : elsewhere ? `if${attributes.link}` : links.nameOf(attributes.link);
  if (lower !== undefined) out.json('link', lower);
  out.field('ifname', name, lower === undefined ? `${name}: ` : `${name}@${lower}: `, 'interface');
  const lowerIsDown =
    !elsewhere && attributes.link !== undefined && links.has(attributes.link) && (links.flagsOf(attributes.link) & IFF_UP) === 0;
  printFlags(out, header.flags, lowerIsDown);
  if (attributes.mtu !== undefined) out.field('mtu', attributes.mtu, `mtu ${attributes.mtu} `);
  if (attributes.master !== undefined) {
    const master = links.nameOf(attributes.master);
    out.field('master', master, `master ${master} `);
  }
  if (attributes.protinfo !== undefined) printPort(context, attributes.protinfo);
  out.text('\n');
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, links } = context;
  let wanted: string | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word !== 'dev') continue;
    wanted = cursor.next();
  }
  const index = wanted === undefined ? 0 : await links.indexOf(wanted);
  if (wanted !== undefined && index === 0) throw fatal(`Cannot find device "${wanted}"`);
  await links.load();
  out.openDocument();
  for await (const message of context.dump(bridgeLinkMessage, { type: RTM_GETLINK, header: { family: AF_BRIDGE }, attributes: {} })) {
    const { header, attributes } = bridgeLinkMessage.parse(message);
    if ((index !== 0 && header.index !== index) || attributes.protinfo === undefined) continue;
    out.openObject();
    printBridgeLink(context, message);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

function onOff(word: string, argument: string): number {
  if (argument === 'on') return 1;
  if (argument === 'off') return 0;
  throw fatal(`Error: argument of "${word}" must be one of "off", "on", not "${argument}"`, 234);
}

async function set(context: IpContext, cursor: Cursor): Promise<number> {
  const port: Values = {};
  let device: string | undefined;
  let flags = 0;
  let mode: number | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    const known = switches.find(([name]) => name === word);
    if (known !== undefined) port[known[1]] = onOff(word, cursor.next());
    else if (word === 'dev') device = cursor.next();
    else if (word === 'cost') {
      const cost = parseSigned(cursor.next()) ?? 0;
      if (cost > 0) port.cost = cost;
    } else if (word === 'priority') {
      const priority = parseSigned(cursor.next()) ?? 0;
      if (priority >= 0) port.priority = priority & 0xffff;
    } else if (word === 'state') port.state = stateNumber(cursor.next());
    else if (word === 'mcast_router') port.mcastRouter = (parseUnsigned(cursor.next()) ?? 0) & 0xff;
    else if (word === 'backup_port') port.backupPort = await deviceIndex(context, cursor.next());
    else if (word === 'nobackup_port') port.backupPort = 0;
    else if (word === 'self') flags |= BRIDGE_FLAGS_SELF;
    else if (word === 'master') flags |= BRIDGE_FLAGS_MASTER;
    else if (word === 'hwmode') mode = bridgeMode(cursor.next());
    else throw fatal(LINK_USAGE);
  }
  if (device === undefined) throw fatal('Device is a required argument.');
  const index = await context.links.indexOf(device);
  if (index === 0) throw fatal(`Cannot find bridge device "${device}"`);
  // A mode is the hardware's.
  if (mode !== undefined && flags === 0) flags = BRIDGE_FLAGS_SELF;
  const afSpec = { ...(flags === 0 ? {} : { flags }), ...(mode === undefined ? {} : { mode }) };
  await context.request(bridgeLinkMessage, {
    type: RTM_SETLINK,
    header: { family: AF_BRIDGE, index },
    attributes: { protinfo: port, ...(flags === 0 && mode === undefined ? {} : { afSpec }) },
  });
  return 0;
}

/** BRIDGE_MODE_* */
function bridgeMode(word: string): number {
  const modes = ['veb', 'vepa'];
  const mode = modes.indexOf(word);
  if (mode < 0) throw fatal('Mode argument must be "vepa" or "veb".');
  return mode;
}

/** A number, or the name of a state. */
export function stateNumber(word: string): number {
  const number = parseUnsigned(word, 0xff);
  if (number !== null) return number;
  const index = portStates.findIndex((name) => name === word.toLowerCase());
  if (index < 0) throw fatal('Error: invalid STP port state');
  return index;
}

export async function deviceIndex(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw failure(`Cannot find device "${name}"`, 255);
  return index;
}

export const linkVerbs: readonly BridgeVerb[] = [
  { names: ['set', 'change'], run: set },
  { names: ['show', 'lst', 'list'], run: show },
];
export const showLinks = show;
