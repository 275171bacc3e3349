import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { formatAddress } from '../shared/address.js';
import { failure } from '../shared/failure.js';
import type { NetstatContext } from './context.js';
import type { Family } from './options.js';

const RTF_UP = 0x1;
const RTF_HOST = 0x4;
const RTF_REJECT = 0x200;
const RTF_CACHE = 0x1000000;

/** Letters of RTF_*, linux/route.h and linux/ipv6_route.h. */
const FLAGS4 = 'UGHRDMuwi!n';
const LETTERS4: readonly (readonly [bit: number, letter: string])[] = [
  ...[...FLAGS4].map((letter, bit) => [1 << bit, letter] as const).filter(([, letter]) => letter !== '!'),
  [0x10000, 'd'],
];
const LETTERS6: readonly (readonly [bit: number, letter: string])[] = [
  [RTF_REJECT, '!'],
  [RTF_UP, 'U'],
  [0x2, 'G'],
  [RTF_HOST, 'H'],
  [0x10, 'D'],
  [0x20, 'm'],
  [0x10000, 'D'],
  [0x20000, 'a'],
  [0x40000, 'A'],
  [0x200000, 'n'],
  [0x400000, 'e'],
  [0x2000000, 'f'],
];

const letters = (table: typeof LETTERS4, flags: number) =>
  table
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, letter]) => letter)
    .join('');

/** A word as a little-endian machine writes it. */
function address4(text: string): string {
  const word = parseInt(text, 16);
  return formatAddress(AF_INET, Uint8Array.of(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24));
}

const address6 = (text: string): string =>
  formatAddress(
    AF_INET6,
    Uint8Array.from({ length: 16 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16)),
  );

const left = (text: string | number, width: number) => String(text).padEnd(width);
const right = (text: string | number, width: number) => String(text).padStart(width);

/** -e and -ee say more of each route. */
const HEADS = [
  'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface',
  'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface',
  'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt',
] as const;

async function showRoutes4(context: NetstatContext): Promise<void> {
  const { numericHosts, extended } = context.options;
  let text = `Kernel IP routing table\n${HEADS[Math.min(extended, 2)]}\n`;
  for (const row of await context.lines('route')) {
    // biome-ignore format: the file's columns
    const [device = '', destination = '', gateway = '', flagWord = '0', references = '0', use = '0', metric = '0', mask = '', mtu = '0', window = '0', irtt = '0'] = row.trim().split(/\s+/);
    const flags = parseInt(flagWord, 16);
    const rejects = (flags & RTF_REJECT) !== 0;
    const to = address4(destination);
    const start =
      `${left(destination === '00000000' && !numericHosts ? 'default' : context.host(to), 15).slice(0, 15)} ` +
      `${left(rejects ? '-' : context.host(address4(gateway)), 15).slice(0, 15)} ${left(address4(mask), 15)} `;
    const shown = rejects ? '!' : letters(LETTERS4, flags);
    if (extended === 0) {
      text += rejects
        ? `${start}${left(shown, 6)}    - -          - -\n`
        : `${start}${left(shown, 6)}${right(mtu, 5)} ${left(window, 5)} ${right(irtt, 6)} ${device}\n`;
      continue;
    }
    const middle = `${start}${left(shown, 5)} ${left(metric, 6)} ${left(rejects ? '-' : references, 2)} ${right(use, 7)} `;
    const or = (value: string) => (rejects ? '-' : value);
    if (extended === 1) text += `${middle}${or(device)}\n`;
    else text += `${middle}${left(or(device).slice(0, 6), 8)} ${left(or(mtu), 5)} ${left(or(window), 6)} ${or(irtt)}\n`;
  }
  await context.io.stdout.write(text);
}

const HEAD6 = 'Destination                    Next Hop                   Flag Met Ref  Use If\n';

async function showRoutes6(context: NetstatContext): Promise<void> {
  let text = `Kernel IPv6 routing table\n${HEAD6}`;
  for (const row of await context.lines('ipv6_route', 0)) {
    const [destination = '', length = '0', , , gateway = '', metric = '0', references = '0', use = '0', flagWord = '0', device = ''] = row
      .trim()
      .split(/\s+/);
    const flags = parseInt(flagWord, 16);
    if ((flags & RTF_CACHE) !== 0) continue;
    text +=
      `${left(`${context.host(address6(destination))}/${parseInt(length, 16)}`, 30)} ${left(context.host(address6(gateway)), 26)} ${left(letters(LETTERS6, flags), 4)} ` +
      `${left(parseInt(metric, 16) | 0, 3)} ${left(parseInt(references, 16), 1)} ${right(parseInt(use, 16), 6)} ${device}\n`;
  }
  await context.io.stdout.write(text);
}

const tables: Partial<Readonly<Record<Family, (context: NetstatContext) => Promise<void>>>> = { inet: showRoutes4, inet6: showRoutes6 };
const CACHES: Partial<Readonly<Record<Family, string>>> = {
  inet: 'Kernel IP routing cache\nSource          Destination     Gateway         Flags   MSS Window  irtt Iface\n',
  inet6: `Kernel IPv6 routing cache\n${HEAD6}`,
};

const NO_ROUTING = 3;

/** `netstat -r`: of the families named, else of IPv4. Throws CommandFailure for one that has no routes. */
export async function showRoutes(context: NetstatContext): Promise<number> {
  const { families, cache, fib } = context.options;
  for (const family of families.size === 0 ? (['inet'] as const) : families) {
    const show = tables[family];
    if (show === undefined) throw failure(`No routing for address family \`${family}'.`, NO_ROUTING);
    if (fib || !cache) await show(context);
    // The caches have gone from Linux: they are always empty.
    if (cache) await context.io.stdout.write(CACHES[family]!);
  }
  return 0;
}
