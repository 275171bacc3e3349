import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_UNSPEC } from '../../../netlink/constants.js';
import { readPrefix } from '../../shared/address.js';
import { parseEtherProtocol } from '../../shared/ether-protocols.js';
import { parseSigned, parseU32 } from '../../shared/numbers.js';
import { Services } from '../../shared/services.js';
import { readHosts } from '../../shared/hosts.js';
import type { SsContext } from '../context.js';
import { AF_VSOCK } from '../tables.js';
import type { HostCondition } from './expression.js';
import { type FilterValues, unreadable } from './parse.js';

const none = new Uint8Array(0);
const NOT_AN_ADDRESS = 'Cannot parse dst/src address.';

const prefixes: readonly (readonly [text: string, family: number])[] = [
  ['unix:', AF_UNIX],
  ['link:', AF_PACKET],
  ['netlink:', AF_NETLINK],
  ['vsock:', AF_VSOCK],
  ['inet6:', AF_INET6],
  ['inet:', AF_INET],
];

/** The values of filters, with the names that the files of the machine and the devices of the namespace have. */
export function filterValues(context: SsContext): FilterValues {
  return {
    host: (text, onlyPort) => hostConditions(context, text, onlyPort),

    async device(text) {
      const ifindex = await context.links.indexOf(text);
      if (ifindex === 0) throw unreadable('Cannot parse device.');
      return ifindex;
    },

    mark(text) {
      const [mark = '', mask] = text.split('/');
      const value = parseU32(mark);
      const bits = mask === undefined ? 0xffff_ffff : parseU32(mask);
      if (value === null || bits === null || mark === '') throw unreadable(`Cannot parse mark ${text}.`);
      return { mark: value, mask: bits };
    },

    async cgroup(text) {
      // A stack has the root alone.
      if (text === '/' || text === '') return 1;
      throw unreadable(`Failed to get cgroup2 ID: No such file or directory\nCannot parse cgroup ${text}.`);
    },
  };
}

async function hostConditions(context: SsContext, word: string, onlyPort: boolean): Promise<readonly HostCondition[]> {
  let family = context.options.selection.preferredFamily;
  let text = word;
  for (const [prefix, meant] of prefixes) {
    if (!text.startsWith(prefix)) continue;
    family = meant;
    text = text.slice(prefix.length);
    break;
  }
  if (family === AF_UNIX) return [{ family, address: none, bits: 0, port: -1, pattern: text }];
  if (family === AF_PACKET) return [await packetCondition(context, text)];
  if (family === AF_NETLINK) return [await netlinkCondition(context, text)];
  return inetConditions(context, text, family, onlyPort);
}

/** PROTOCOL:DEVICE, each perhaps "*". */
async function packetCondition(context: SsContext, text: string): Promise<HostCondition> {
  const [protocol = '', device] = cutAt(text, text.indexOf(':'));
  let port = -1;
  if (device !== undefined && device !== '' && device !== '*') {
    port = parseSigned(device) ?? (await context.links.indexOf(device));
    if (port <= 0) throw unreadable(NOT_AN_ADDRESS);
  }
  if (protocol === '' || protocol === '*') return { family: AF_PACKET, address: none, bits: 0, port };
  const number = parseEtherProtocol(protocol);
  if (number === null) throw unreadable(NOT_AN_ADDRESS);
  return { family: AF_PACKET, address: none, bits: 32, port, protocol: number };
}

/** PROTOCOL:PID; the kernel's own pid is 0. */
async function netlinkCondition(context: SsContext, text: string): Promise<HostCondition> {
  const [protocol = '', pid] = cutAt(text, text.indexOf(':'));
  let port = -1;
  if (pid !== undefined && pid !== '' && pid !== '*') {
    const number = pid === 'kernel' ? 0 : parseSigned(pid);
    if (number === null) throw unreadable(NOT_AN_ADDRESS);
    port = number;
  }
  if (protocol === '' || protocol === '*') return { family: AF_NETLINK, address: none, bits: 0, port };
  await context.protocols.load('nl_protos');
  const number = context.protocols.parse('nl_protos', protocol);
  if (number === null) throw unreadable(NOT_AN_ADDRESS);
  return { family: AF_NETLINK, address: none, bits: 32, port, protocol: number };
}

function cutAt(text: string, at: number): readonly [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Where the port begins in an address: behind brackets, a star, or the last colon that no prefix length follows. */
function splitPort(text: string): readonly [address: string, port: string | undefined] {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) throw unreadable(NOT_AN_ADDRESS);
    return [text.slice(1, end), text.slice(end + 1)];
  }
  if (text.startsWith('*')) return ['*', text.slice(1)];
  const slash = text.indexOf('/');
  const colon = text.lastIndexOf(':');
  return colon < 0 || colon < slash ? [text, undefined] : [text.slice(0, colon), text.slice(colon)];
}

async function inetConditions(context: SsContext, text: string, family: number, onlyPort: boolean): Promise<readonly HostCondition[]> {
  const [address, portText] = onlyPort ? ['', text] : splitPort(text);
  const port = portText === undefined || portText === '' ? -1 : await portOf(context, portText.replace(/^:/, ''));
  if (onlyPort || address === '' || address === '*') return [{ family: AF_UNSPEC, address: none, bits: 0, port }];
  const prefix = readPrefix(address, family === AF_INET || family === AF_INET6 ? family : AF_UNSPEC);
  if (prefix !== null) return [{ family: prefix.family, address: prefix.bytes, bits: prefix.length, port }];
  const found = await addressesOf(context, address, family);
  if (found.length === 0) throw unreadable(`Error: an inet prefix is expected rather than "${address}".\n${NOT_AN_ADDRESS}`);
  return found.map((bytes) => ({ family: bytes.length === 4 ? AF_INET : AF_INET6, address: bytes, bits: bytes.length * 8, port }));
}

/** A number, or the name of a service of TCP or UDP, whichever is looked for. */
async function portOf(context: SsContext, text: string): Promise<number> {
  if (text === '' || text === '*') return -1;
  const number = parseSigned(text);
  if (number !== null) return number;
  const services = await Services.read(context.io, context.env);
  const { selection } = context.options;
  const udp = selection.wants('udp') ? services.portOf(text, 'udp') : undefined;
  const tcp = selection.wants('tcp') ? services.portOf(text, 'tcp') : undefined;
  if (udp !== undefined && tcp !== undefined && udp !== tcp) throw unreadable(`Error: ambiguous port "${text}".\n${NOT_AN_ADDRESS}`);
  const port = udp ?? tcp;
  if (port === undefined) throw unreadable(`Error: "${text}" does not look like a port.\n${NOT_AN_ADDRESS}`);
  return port;
}

/** The addresses of a name in the file hosts. */
async function addressesOf(context: SsContext, name: string, family: number): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const [address, known] of await readHosts(context.io, context.env)) {
    if (known !== name) continue;
    const read = readPrefix(address, AF_UNSPEC);
    if (read !== null && (family !== AF_INET && family !== AF_INET6 ? true : read.family === family)) found.push(read.bytes);
  }
  if (found.length === 0 && name === 'localhost') return [Uint8Array.of(127, 0, 0, 1)];
  return found;
}
