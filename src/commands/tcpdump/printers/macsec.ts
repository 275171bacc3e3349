// IEEE 802.1AE MACsec.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex } from '../words.js';

const flagBits: Bits = [
  [0x8, 'E'],
  [0x4, 'C'],
  [0x40, 'S'],
  [0x10, 'B'],
  [0x20, 'I'],
];

const TAG = 6;
const TAG_WITH_CHANNEL = 14;
const VERSION = 0x80;
const CHANNEL = 0x20;
const FLAGS = 0x7c;
const CHANGED = 0x0c;
const CHECK_VALUE = 16;

/** What is left behind the tag. */
export interface Opened {
  /** Bytes of the tag. */
  readonly tag: number;
  readonly length: number;
  readonly captured: number;
}

/** Shows the tag at `at`. 'end': what follows is not there; 'sealed': it cannot be read, but for its bytes. */
export function macsec(
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): Opened & { readonly fate: 'end' | 'sealed' | 'clear' } {
  const before = d.protocol;
  d.protocol = 'macsec';
  const end = (cut: boolean) => {
    if (cut) d.truncated();
    else d.invalid();
    d.protocol = before;
    return { tag: captured, length: 0, captured: 0, fate: 'end' as const };
  };
  if (captured < TAG || length < TAG) return end(true);
  const control = d.u8(at);
  const tag = (control & CHANNEL) === 0 ? TAG : TAG_WITH_CHANNEL;
  if (captured < tag || length < tag) return end(true);
  const short = d.u8(at + 1);
  if ((short & 0xc0) !== 0 || (control & VERSION) !== 0) return end(false);
  const { linkLayer } = d.options;
  if (linkLayer) header(d, at, control, short);
  if ((control & CHANGED) !== 0) {
    if (!linkLayer) {
      if (source >= 0) d.put(`${d.mac(source)} > ${d.mac(destination)} `);
      d.put('802.1AE MACsec, ');
      header(d, at, control, short);
    }
    d.protocol = before;
    return { tag, length: length - tag, captured: captured - tag, fate: 'sealed' };
  }
  let left = length - tag - CHECK_VALUE;
  let capturedLeft = captured - tag - CHECK_VALUE;
  if (left < 0 || capturedLeft < 0) return end(true);
  d.end -= CHECK_VALUE;
  if (short !== 0) {
    if (short > left || short > capturedLeft) return end(true);
    left = short;
    capturedLeft = short;
  }
  d.protocol = before;
  return { tag, length: left, captured: capturedLeft, fate: 'clear' };
}

function header(d: Dissector, at: number, control: number, short: number): void {
  d.put(`an ${control & 3}, pn ${d.be32(at + 2)}, flags ${bits(flagBits, control & FLAGS, 'none', '')}`);
  if (short !== 0) d.put(`, sl ${short}`);
  if ((control & CHANNEL) !== 0) d.put(`, sci ${hex(d.be64(at + 6), 16)}`);
  d.put(', ');
}
