import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { RTM_DELTUNNEL, RTM_GETTUNNEL, RTM_NEWTUNNEL } from '../../netlink/rtnl/constants.js';
import { TUNNEL_MSG_FLAG_STATS, tunnelMessage, type VniEntry, type VniStatistics } from '../../netlink/rtnl/tunnel.js';
import type { IpContext } from '../ip/context.js';
import { type Address, formatAddress, ipv4Bytes, parseAddress, readIpv4 } from '../shared/address.js';
import type { Cursor } from '../shared/cursor.js';
import { CommandFailure, duplicateArgument, failure, fatal, invalidArgument } from '../shared/failure.js';
import type { BridgeVerb } from './object.js';
import type { BridgeOptions } from './options.js';
import { VNI_USAGE } from './usage.js';

const NAME_WIDTH = 18;
const VNI_WIDTH = 15;

const isGroup = (text: string) => /^(22[4-9]|23\d)\.|^ff/i.test(text);
const remoteOf = ({ group, group6 }: VniEntry): string | undefined => {
  if (group !== undefined) return formatAddress(AF_INET, ipv4Bytes(group));
  return group6 === undefined ? undefined : formatAddress(AF_INET6, group6);
};

/** The device where it stands for the first time in its message, then room. */
function printVni(context: IpContext, entry: VniEntry, name: string | null): void {
  const { out } = context;
  out.openObject();
  if (name === null) out.text(' '.repeat(NAME_WIDTH));
  else out.text(name.padEnd(NAME_WIDTH), 'interface');
  const { start = 0, end = start } = entry;
  out.field('vni', start, start === end ? ` ${start}`.padEnd(VNI_WIDTH) : ` ${start}`);
  if (start !== end) out.field('vniEnd', end, `-${String(end).padEnd(VNI_WIDTH - 1)} `);
  const remote = remoteOf(entry);
  if (remote !== undefined) out.field(isGroup(remote) ? 'group' : 'remote', remote, ` ${remote}`);
  out.newLine();
  if (entry.stats !== undefined) printCounters(context, entry.stats);
  out.closeObject();
}

function printCounters({ out }: IpContext, stats: VniStatistics): void {
  const directions = [
    ['rx', stats.rxBytes, stats.rxPkts, stats.rxDrops, stats.rxErrors],
    ['tx', stats.txBytes, stats.txPkts, stats.txDrops, stats.txErrors],
  ] as const;
  const names = ['bytes', 'pkts', 'drops', 'errors'];
  out.openObject('stats');
  for (const [direction, ...counts] of directions) {
    out.text(`${' '.repeat(NAME_WIDTH + 1)}${direction.toUpperCase()}: `);
    for (const [i, count = 0] of counts.entries()) out.field(`${direction}_${names[i]}`, count, `${names[i]} ${count} `);
    out.newLine();
  }
  out.closeObject();
}

/** The VNIs of one device. Devices must be loaded. */
export function printVnis(context: IpContext, message: NetlinkMessage): void {
  const { out, links } = context;
  const { header, attributes } = tunnelMessage.parse(message);
  if (header.family !== AF_BRIDGE) return;
  const { entries = [] } = attributes;
  if (message.type === RTM_DELTUNNEL) out.flag('deleted', 'Deleted ');
  const name = links.nameOf(header.ifindex);
  out.openObject();
  out.json('ifname', name);
  out.openArray('vnis');
  for (const [i, entry] of entries.entries()) printVni(context, entry, i === 0 ? name : null);
  out.closeArray();
  out.newLine();
  out.closeObject();
}

interface Words {
  device: string | undefined;
  vnis: string | undefined;
  remote: Address | undefined;
}

function readWords(context: IpContext, cursor: Cursor, oneDevice: boolean): Words {
  const words: Words = { device: undefined, vnis: undefined, remote: undefined };
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      const name = cursor.next();
      if (words.device !== undefined && oneDevice) throw duplicateArgument('dev', name);
      words.device = name;
    } else if (word === 'vni') {
      const text = cursor.next();
      if (words.vnis !== undefined) throw invalidArgument('duplicate vni', text);
      words.vnis = text;
    } else if (word === 'group' || word === 'remote') {
      if (words.remote !== undefined) throw invalidArgument('duplicate group', word);
      const text = cursor.next();
      words.remote = parseAddress(text, context.options.family);
      if (word === 'group' && !isGroup(formatAddress(words.remote.family, words.remote.bytes)))
        throw invalidArgument('invalid group address', text);
    } else if (word === 'help') throw fatal(VNI_USAGE);
    // Other words are passed over, as the real one does.
  }
  return words;
}

/** As atoi(3): the digits that a word begins with. */
const leadingNumber = (text: string) => Number.parseInt(/^\s*[+-]?\d+/.exec(text)?.[0] ?? '0', 10) >>> 0;

/** "10,20-22": single VNIs and ranges. */
function entriesOf(vnis: string, remote: Address | undefined): VniEntry[] {
  const where = remote === undefined ? {} : remote.family === AF_INET ? { group: readIpv4(remote.bytes) } : { group6: remote.bytes };
  return vnis
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [start = '', end] = part.split(/-(.*)/s);
      const last = end === undefined ? 0 : leadingNumber(end);
      return { start: leadingNumber(start), ...(last === 0 ? {} : { end: last }), ...where };
    });
}

async function modify(context: IpContext, cursor: Cursor, type: number): Promise<number> {
  const { device, vnis, remote } = readWords(context, cursor, false);
  if (device === undefined || vnis === undefined) throw failure('Device and VNI ID are required arguments.', 255);
  const ifindex = await context.links.indexOf(device);
  if (ifindex === 0) throw failure(`Cannot find vxlan device "${device}"`, 255);
  await context.request(tunnelMessage, { type, header: { family: AF_BRIDGE, ifindex }, attributes: { entries: entriesOf(vnis, remote) } });
  return 0;
}

/** `bridge vni show` */
export async function showVnis(context: IpContext, cursor: Cursor, options: BridgeOptions): Promise<number> {
  const { out, links } = context;
  const { device } = readWords(context, cursor, true);
  const ifindex = device === undefined ? 0 : await links.indexOf(device);
  if (device !== undefined && ifindex === 0) throw failure(`Cannot find device "${device}"`, 1);
  await links.load();
  out.openDocument();
  out.text(`${'dev'.padEnd(NAME_WIDTH)}${'vni'.padEnd(VNI_WIDTH + 2)}${'group/remote'.padEnd(15)}\n`);
  const header = { family: AF_BRIDGE, flags: options.stats > 0 ? TUNNEL_MSG_FLAG_STATS : 0, ifindex };
  try {
    for await (const message of context.dump(tunnelMessage, { type: RTM_GETTUNNEL, header })) printVnis(context, message);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // Spelled so.
    throw failure(error.text.replace('Dump terminated', 'Dump ternminated').trimEnd());
  }
  out.closeDocument();
  return 0;
}

// Whole words alone are understood: "del" is not.
export const vniVerbs: readonly BridgeVerb[] = [
  { names: ['add'], exact: true, run: (context, cursor) => modify(context, cursor, RTM_NEWTUNNEL) },
  { names: ['delete'], exact: true, run: (context, cursor) => modify(context, cursor, RTM_DELTUNNEL) },
  { names: ['show', 'lst', 'list'], exact: true, run: showVnis },
];
