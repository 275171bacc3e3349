import { hasBit, type ReadBits } from '../../netlink/genl/ethtool/bitset.js';
import { LinkMode } from '../../netlink/genl/ethtool/strings.js';

const ports: ReadonlySet<number> = new Set([LinkMode.TP, LinkMode.AUI, LinkMode.BNC, LinkMode.MII, LinkMode.FIBRE, LinkMode.BACKPLANE]);
const fec: ReadonlySet<number> = new Set([LinkMode.FEC_NONE, LinkMode.FEC_RS, LinkMode.FEC_BASER, LinkMode.FEC_LLRS]);
const others: ReadonlySet<number> = new Set([LinkMode.AUTONEG, LinkMode.PAUSE, LinkMode.ASYM_PAUSE]);

type ModeClass = 'real' | 'port' | 'fec';

function isOf(kind: ModeClass, index: number): boolean {
  if (kind === 'port') return ports.has(index);
  if (kind === 'fec') return fec.has(index);
  return !ports.has(index) && !fec.has(index) && !others.has(index);
}

/** What a list of link modes looks like. */
interface Layout {
  readonly kind: ModeClass;
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly none: string;
}

/** Linux ethtool: dump_link_modes() */
function listOf(bits: ReadBits, mask: boolean, names: readonly string[], { kind, before, between, after, none }: Layout): string {
  let text = `\t${before}`;
  let last = -1;
  for (let index = 0; index < bits.size; index++) {
    if (!hasBit(mask ? bits.mask : bits.value, index) || !isOf(kind, index)) continue;
    const name = names[index] || `BIT${index}`;
    // The half and the full duplex of a speed stand side by side.
    const pair = kind === 'real' && last === index - 1 && names[last]?.endsWith('/Half') === true && name.endsWith('/Full');
    text += last < 0 ? name : `${pair ? ' ' : between}${name}`;
    last = index;
  }
  return `${text}${last < 0 ? none : ''}${after}`;
}

const PAUSE = ['No', 'Symmetric', 'Transmit-only', 'Symmetric Receive-only'];

function pauseOf(bits: ReadBits, mask: boolean): string {
  const has = (index: number) => (hasBit(mask ? bits.mask : bits.value, index) ? 1 : 0);
  return PAUSE[has(LinkMode.PAUSE) + 2 * has(LinkMode.ASYM_PAUSE)]!;
}

const yes = (bits: ReadBits, mask: boolean, index: number) => (hasBit(mask ? bits.mask : bits.value, index) ? 'Yes' : 'No');
const CONTINUED = '\n\t                        ';

/** What the link can be and what of it is told to the other end. Linux ethtool: dump_our_modes() */
export function ourModes(bits: ReadBits, names: readonly string[]): string {
  return [
    listOf(bits, true, names, { kind: 'port', before: 'Supported ports: [ ', between: ' ', after: ' ]\n', none: '' }),
    listOf(bits, true, names, { kind: 'real', before: 'Supported link modes:   ', between: CONTINUED, after: '\n', none: 'Not reported' }),
    `\tSupported pause frame use: ${pauseOf(bits, true)}\n`,
    `\tSupports auto-negotiation: ${yes(bits, true, LinkMode.AUTONEG)}\n`,
    listOf(bits, true, names, { kind: 'fec', before: 'Supported FEC modes: ', between: ' ', after: '\n', none: 'Not reported' }),
    told('Advertised', bits, false, names),
  ].join('');
}

/** What the other end tells. */
export const peerModes = (bits: ReadBits, names: readonly string[]): string => told('Link partner advertised', bits, false, names);

function told(who: string, bits: ReadBits, mask: boolean, names: readonly string[]): string {
  const before = `${who} link modes:  `;
  const between = `\n\t${' '.repeat(before.length)}`;
  return [
    listOf(bits, mask, names, { kind: 'real', before, between, after: '\n', none: 'Not reported' }),
    `\t${who} pause frame use: ${pauseOf(bits, mask)}\n`,
    `\t${who} auto-negotiation: ${yes(bits, mask, LinkMode.AUTONEG)}\n`,
    listOf(bits, mask, names, { kind: 'fec', before: `${who} FEC modes: `, between: ' ', after: '\n', none: 'Not reported' }),
  ].join('');
}
