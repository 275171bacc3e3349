import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { addressMessage } from '../../netlink/rtnl/address.js';
import { RTM_GETADDR, RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';
import { formatMac } from '../../wire/mac-address.js';
import { formatAddress } from '../shared/address.js';
import type { NetstatContext } from './context.js';

/** IFF_*, linux/if.h: their letters, and the words of the long form. */
const FLAGS: readonly (readonly [bit: number, letter: string, word: string])[] = [
  [0x8, 'L', 'LOOPBACK'],
  [0x4, 'D', 'DEBUG'],
  [0x2, 'B', 'BROADCAST'],
  [0x10, 'P', 'POINTOPOINT'],
  [0x20, 'N', 'NOTRAILERS'],
  [0x40, 'R', 'RUNNING'],
  [0x80, 'O', 'NOARP'],
  [0x100, 'P', 'PROMISC'],
  [0x200, 'A', 'ALLMULTI'],
  [0x400, 's', 'SLAVE'],
  [0x800, 'm', 'MASTER'],
  [0x1000, 'M', 'MULTICAST'],
  [0x1, 'U', 'UP'],
];
const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;

const LETTER_ORDER = 'ABDLmMPNORsU';
const WORD_ORDER = [
  'UP',
  'BROADCAST',
  'DEBUG',
  'LOOPBACK',
  'POINTOPOINT',
  'NOTRAILERS',
  'RUNNING',
  'NOARP',
  'PROMISC',
  'ALLMULTI',
  'SLAVE',
  'MASTER',
  'MULTICAST',
];

interface OwnAddress {
  readonly family: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly scope: number;
  readonly broadcast: Uint8Array | undefined;
  readonly peer: Uint8Array | undefined;
}

interface Interface {
  readonly index: number;
  readonly name: string;
  readonly flags: number;
  readonly type: number;
  readonly mtu: number;
  readonly queueLength: number;
  readonly linkAddress: Uint8Array;
  readonly addresses: OwnAddress[];
}

async function readInterfaces(context: NetstatContext): Promise<readonly Interface[]> {
  const client = await NetlinkClient.open(await context.env.transport());
  try {
    const found: Interface[] = [];
    for await (const message of client.dump(linkMessage, { type: RTM_GETLINK })) {
      const { header, attributes } = linkMessage.parse(message);
      found.push({
        index: header.index,
        name: attributes.ifname ?? '',
        flags: header.flags & 0xffff,
        type: header.type,
        mtu: attributes.mtu ?? 0,
        queueLength: attributes.txqlen ?? 0,
        linkAddress: attributes.address?.slice() ?? new Uint8Array(0),
        addresses: [],
      });
    }
    const byIndex = new Map(found.map((each) => [each.index, each]));
    for await (const message of client.dump(addressMessage, { type: RTM_GETADDR })) {
      const { header, attributes } = addressMessage.parse(message);
      const bytes = attributes.local ?? attributes.address;
      if (bytes === undefined) continue;
      byIndex.get(header.index)?.addresses.push({
        family: header.family,
        bytes: bytes.slice(),
        length: header.prefixlen,
        scope: header.scope,
        broadcast: attributes.broadcast?.slice(),
        peer: attributes.address?.slice(),
      });
    }
    // net-tools sorts by name.
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    client.close();
  }
}

/** Columns of /proc/net/dev: bytes packets errs drop fifo frame compressed multicast, the same of what was sent with colls and carrier. */
async function readCounters(context: NetstatContext): Promise<ReadonlyMap<string, readonly string[]>> {
  const counters = new Map<string, readonly string[]>();
  for (const line of await context.lines('dev', 2)) {
    const colon = line.lastIndexOf(':');
    counters.set(
      line.slice(0, colon).trim(),
      line
        .slice(colon + 1)
        .trim()
        .split(/\s+/),
    );
  }
  return counters;
}

const right = (text: string | number | undefined, width: number) => String(text ?? 0).padStart(width);

const HEAD = 'Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';

function shortLine({ name, mtu, flags }: Interface, counters: readonly string[] | undefined): string {
  const set = new Set(FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter));
  const letters = flags === 0 ? '[NO FLAGS]' : [...LETTER_ORDER].filter((letter) => set.has(letter)).join('');
  const start = `${name.padEnd(15)} ${right(mtu, 5)} `;
  if (counters === undefined) return `${start}${'     - no statistics available -'.padEnd(60)} ${letters}\n`;
  const [, received, receiveErrors, receiveDrops, receiveOver, , , , , sent, sendErrors, sendDrops, sendOver] = counters;
  return (
    `${start}${right(received, 8)} ${right(receiveErrors, 6)} ${right(receiveDrops, 6)} ${(receiveOver ?? '0').padEnd(6)} ` +
    `${right(sent, 8)} ${right(sendErrors, 6)} ${right(sendDrops, 6)} ${right(sendOver, 6)} ${letters}\n`
  );
}

// linux/if_arp.h: names and titles of hardware as ifconfig(8) has them.
const HARDWARE: Readonly<Record<number, readonly [name: string, title: string]>> = {
  1: ['ether', 'Ethernet'],
  512: ['ppp', 'Point-to-Point Protocol'],
  768: ['tunnel', 'IPIP Tunnel'],
  772: ['loop', 'Local Loopback'],
  776: ['sit', 'IPv6-in-IPv4'],
};
const UNSPECIFIED = ['unspec', 'UNSPEC'] as const;
/** Addresses of unknown hardware are shown as 16 bytes. */
const UNSPECIFIED_BYTES = 16;

// RTE scopes, as /proc/net/if_inet6 has them.
const SCOPES: Readonly<Record<number, readonly [number: number, name: string]>> = {
  0: [0, 'global'],
  200: [0x40, 'site'],
  253: [0x20, 'link'],
  254: [0x10, 'host'],
};

function mask(length: number): Uint8Array {
  const bits = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return Uint8Array.of(bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff);
}

/** "1.4 GiB" */
function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  let tenths = bytes * 10;
  while (tenths >= 10_240 && unit < units.length - 1) {
    tenths = tenths / 1024;
    unit++;
  }
  return `${Math.floor(tenths / 10)}.${Math.floor(tenths) % 10} ${units[unit]}`;
}

const same = (a: Uint8Array, b: Uint8Array | undefined) => b !== undefined && a.every((byte, i) => byte === b[i]);

/** As ifconfig(8) shows a device: what `netstat -ie` shows. */
function longLines(
  { name, flags, mtu, type, addresses, linkAddress, queueLength }: Interface,
  counters: readonly string[] | undefined,
): string {
  const words = WORD_ORDER.filter((word) => FLAGS.some(([bit, , candidate]) => candidate === word && (flags & bit) !== 0));
  let text = `${name}: flags=${flags}<${words.join(',')}>  mtu ${mtu}\n`;
  const first = addresses.find(({ family }) => family === AF_INET);
  if (first !== undefined) {
    text += `        inet ${formatAddress(AF_INET, first.bytes)}  netmask ${formatAddress(AF_INET, mask(first.length))}`;
    if ((flags & IFF_BROADCAST) !== 0) text += `  broadcast ${formatAddress(AF_INET, first.broadcast ?? Uint8Array.of(0, 0, 0, 0))}`;
    if (!same(first.bytes, first.peer) && first.peer !== undefined) text += `  destination ${formatAddress(AF_INET, first.peer)}`;
    text += '\n';
  }
  for (const { family, bytes, length, scope } of addresses) {
    if (family !== AF_INET6) continue;
    const [number, word] = SCOPES[scope] ?? [0, 'global'];
    text += `        inet6 ${formatAddress(AF_INET6, bytes)}  prefixlen ${length}  scopeid 0x${number.toString(16)}<${word}>\n`;
  }
  const [hardware, title] = HARDWARE[type] ?? UNSPECIFIED;
  const address =
    hardware === 'ether'
      ? ` ${formatMac(linkAddress)}`
      : hardware === 'unspec'
        ? ` ${Array.from({ length: UNSPECIFIED_BYTES }, (_, i) => (linkAddress[i] ?? 0).toString(16).padStart(2, '0').toUpperCase()).join('-')}`
        : '';
  text += `        ${hardware}${address}  txqueuelen ${queueLength}  (${title})\n`;
  if (counters !== undefined) {
    const [rb, rp, re, rd, ro, rf, , , tb, tp, te, td, to, tc, tca] = counters;
    text +=
      `        RX packets ${rp}  bytes ${rb} (${amount(Number(rb))})\n` +
      `        RX errors ${re}  dropped ${rd}  overruns ${ro}  frame ${rf}\n` +
      `        TX packets ${tp}  bytes ${tb} (${amount(Number(tb))})\n` +
      `        TX errors ${te}  dropped ${td} overruns ${to}  carrier ${tca}  collisions ${tc}\n`;
  }
  return `${text}\n`;
}

/** `netstat -i`, and with -e what ifconfig(8) shows. */
export async function showInterfaces(context: NetstatContext): Promise<number> {
  const { all, extended } = context.options;
  const counters = await readCounters(context);
  let text = `Kernel Interface table\n${extended > 0 ? '' : HEAD}`;
  for (const each of await readInterfaces(context)) {
    if (!all && (each.flags & IFF_UP) === 0) continue;
    text += extended > 0 ? longLines(each, counters.get(each.name)) : shortLine(each, counters.get(each.name));
  }
  await context.io.stdout.write(text);
  return 0;
}
