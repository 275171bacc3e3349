import { ENOENT, EOPNOTSUPP, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { TapstackFamily } from '../../../client/tapstack-family.js';
import { AF_INET, AF_INET6, AF_PACKET, AF_UNSPEC } from '../../../netlink/constants.js';
import { Command } from '../../../netlink/genl/tapstack.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { familyColor } from '../../shared/color.js';
import { duplicateOrGarbage, failure, fatal } from '../../shared/failure.js';
import { parseLinkAddress } from '../../shared/link-layer.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';

/** Text of `ip maddr help`. */
const MADDRESS_USAGE = `Usage: ip maddr [ add | del ] MULTIADDR dev STRING
       ip maddr show [ dev STRING ]`;

interface Membership {
  readonly index: number;
  readonly name: string;
  readonly family: number;
  readonly address: Uint8Array;
  readonly users: number;
  /** Joined by the user, not by a protocol. */
  readonly fixed: boolean;
}

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** /proc/net/dev_mcast: index, name, users, users by the user, address. */
function readLinks(text: string): Membership[] {
  return text.split('\n').flatMap((line) => {
    const [index = '', name = '', users = '', fixed = '', address = ''] = line.trim().split(/\s+/);
    if (address === '') return [];
    return [{ index: Number(index), name, family: AF_PACKET, address: bytesOf(address), users: Number(users), fixed: fixed !== '0' }];
  });
}

/** /proc/net/igmp: a line a device, then one a group, its address as a word of this machine. */
function readIgmp(text: string): Membership[] {
  const found: Membership[] = [];
  let index = 0;
  let name = '';
  for (const line of text.split('\n').slice(1)) {
    const words = line.trim().split(/\s+/);
    if (!line.startsWith('\t')) {
      index = Number(words[0]);
      name = (words[1] ?? '').replace(/:$/, '');
    } else found.push({ index, name, family: AF_INET, address: bytesOf(words[0] ?? '').reverse(), users: Number(words[1]), fixed: false });
  }
  return found;
}

/** /proc/net/igmp6: index, name, group, users. */
function readIgmp6(text: string): Membership[] {
  return text.split('\n').flatMap((line) => {
    const [index = '', name = '', group = '', users = ''] = line.trim().split(/\s+/);
    if (group === '') return [];
    return [{ index: Number(index), name, family: AF_INET6, address: bytesOf(group), users: Number(users), fixed: false }];
  });
}

const sources: readonly (readonly [number, string, (text: string) => Membership[]])[] = [
  [AF_PACKET, 'dev_mcast', readLinks],
  [AF_INET, 'igmp', readIgmp],
  [AF_INET6, 'igmp6', readIgmp6],
];

/** Files of /proc/net: of the stack, or of the host. One that is not there is empty. */
async function readFiles(context: IpContext, names: readonly string[]): Promise<string[]> {
  const { env, io, options } = context;
  const transport = await env.transport();
  const texts: string[] = [];
  if (transport.target === 'kernel') {
    for (const name of names) texts.push(await orNothing(async () => new TextDecoder().decode(await io.files.read(`/proc/net/${name}`))));
    return texts;
  }
  const family = await TapstackFamily.open(transport, options.netns);
  try {
    for (const name of names) texts.push(await orNothing(async () => (await family.get(Command.PROCNET_GET, { path: name })).text ?? ''));
  } finally {
    family.close();
  }
  return texts;
}

async function orNothing(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NetError && error.errno === ENOENT) return '';
    throw error;
  }
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  while (!cursor.done) {
    let word = cursor.next();
    if (word === 'dev') word = cursor.next();
    else if (abbreviates(word, 'help')) throw fatal(MADDRESS_USAGE);
    if (device !== undefined) throw duplicateOrGarbage('dev', word);
    device = word;
  }
  const { out, options } = context;
  const wanted = sources.filter(([family]) => options.family === AF_UNSPEC || options.family === family);
  const texts = await readFiles(
    context,
    wanted.map(([, name]) => name),
  );
  const memberships = wanted.flatMap(([, , read], i) => read(texts[i] ?? '')).filter(({ name }) => device === undefined || name === device);
  memberships.sort((a, b) => a.index - b.index);
  out.openDocument();
  let last = -1;
  for (const membership of memberships) {
    if (membership.index !== last) {
      if (last !== -1) {
        out.closeArray();
        out.closeObject();
      }
      last = membership.index;
      out.openObject();
      out.field('ifindex', last, `${last}:`);
      out.field('ifname', membership.name, `\t${membership.name}`, 'interface');
      out.newLine();
      out.openArray('maddr');
    } else if (options.oneline) out.text(`${last}:\t${membership.name}\\`);
    printMembership(context, membership);
  }
  if (last !== -1) {
    out.closeArray();
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

function printMembership(context: IpContext, { family, address, users, fixed }: Membership): void {
  const { out } = context;
  out.text('\t');
  out.openObject();
  if (family === AF_PACKET) {
    const text = [...address].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    out.text('link  ');
    out.field('link', text, text, 'mac');
  } else {
    const name = family === AF_INET ? 'inet' : 'inet6';
    out.field('family', name, `${name.padEnd(5)} `);
    const text = context.host(family, address);
    out.field('address', text, text, familyColor(family));
  }
  if (users !== 1) out.field('users', users, ` users ${users}`);
  if (fixed) out.field('features', 'static', ' static');
  out.text('\n');
  out.closeObject();
}

/** What the ioctl of a host takes. */
const ADDRESS_BYTES = 6;

/** Linux: SIOCADDMULTI, SIOCDELMULTI. iproute2: multiaddr_modify() */
async function modify(context: IpContext, cursor: Cursor, adding: boolean): Promise<number> {
  let name = '';
  let address = new Uint8Array(ADDRESS_BYTES);
  let given = false;
  while (!cursor.done) {
    let word = cursor.next();
    if (word === 'dev') {
      word = cursor.next();
      if (name !== '') throw duplicateOrGarbage('dev', word);
      name = word;
      continue;
    }
    if (abbreviates(word, 'address')) word = cursor.next();
    if (abbreviates(word, 'help')) throw fatal(MADDRESS_USAGE);
    if (given) throw duplicateOrGarbage('address', word);
    address = Uint8Array.from(parseLinkAddress(word));
    given = address[0] !== 0;
    if (address.length !== ADDRESS_BYTES) throw failure(`Error: Invalid address length ${address.length} - must be ${ADDRESS_BYTES} bytes`);
  }
  if (name === '') throw fatal('Not enough information: "dev" is required.');
  const transport = await context.env.transport();
  if (transport.target === 'kernel') throw failure(`ioctl: ${strerror(EOPNOTSUPP)}`);
  const family = await TapstackFamily.open(transport, context.options.netns);
  try {
    await family.request(adding ? Command.MULTICAST_ADD : Command.MULTICAST_DEL, { name, address });
  } catch (error) {
    throw error instanceof NetError ? failure(`ioctl: ${strerror(error.errno)}`) : error;
  } finally {
    family.close();
  }
  return 0;
}

const verbs: readonly Verb[] = [
  {
    names: ['add'],
    summary: 'have a device listen to a link-layer group',
    operands: 'MULTIADDR dev DEVICE',
    keywords: [{ word: 'dev', value: 'DEVICE', complete: 'device', text: 'the device' }],
    run: (context, cursor) => modify(context, cursor, true),
  },
  {
    names: ['delete'],
    summary: 'end that',
    operands: 'MULTIADDR dev DEVICE',
    keywords: [{ word: 'dev', value: 'DEVICE', complete: 'device', text: 'the device' }],
    run: (context, cursor) => modify(context, cursor, false),
  },
  {
    names: ['show', 'list'],
    hidden: ['lst'],
    summary: 'show the groups that devices listen to',
    operands: '[ dev DEVICE ]',
    completeOperand: 'device',
    keywords: [],
    run: show,
  },
];

/** `ip maddr`: multicast groups of devices. */
export const multicastAddresses: IpObject = {
  name: 'maddress',
  helpName: 'maddr',
  summary: 'multicast addresses',
  usage: MADDRESS_USAGE,
  description: ['The groups that a device listens to: of its link layer, of IPv4 and of IPv6.'],
  verbs,
  withoutVerb: show,
  examples: [['ip maddr show dev eth0', 'the groups of eth0']],
};
