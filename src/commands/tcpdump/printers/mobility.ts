// Mobility header of IPv6, RFC 6275 6.1.
import type { Dissector } from '../dissector.js';
import { bits, hex, hex0x, type Words, word } from '../words.js';

const messageWords: Words = { 0: 'BRR', 1: 'HoTI', 2: 'CoTI', 3: 'HoT', 4: 'CoT', 5: 'BU', 6: 'BA', 7: 'BE' };
const HEADER = 8;
const leastBytes: readonly number[] = [8, 16, 16, 24, 24, 12, 12, 24];
const updateBits = [
  [8, 'A'],
  [4, 'H'],
  [2, 'L'],
  [1, 'K'],
] as const;

export function mobilityHeader(d: Dissector, at: number): void {
  d.protocol = 'mobility';
  if (!d.has(at + 1, 1)) return d.truncated();
  const length = (d.u8(at + 1) + 1) << 3;
  const type = d.u8(at + 2);
  if (length < (leastBytes[type] ?? 0)) {
    d.put(`(header length ${length} is too small for type ${type})`);
    return d.truncated();
  }
  d.put(`mobility: ${word(messageWords, type, (n) => `type-#${n}`)}`);
  const verbose = d.options.verbose > 0;
  const pair = (where: number) => `${hex(d.be32(where), 8)}:${hex(d.be32(where + 4), 8)}`;
  const body = at + HEADER;
  switch (type) {
    case 0:
      break;
    case 1:
    case 2:
      if (verbose) d.put(` ${type === 1 ? 'Home' : 'Care-of'} Init Cookie=${pair(body)}`);
      break;
    case 3:
    case 4: {
      const which = type === 3 ? 'Home' : 'Care-of';
      d.put(` nonce id=0x${hex(d.be16(at + 6))}`);
      if (!verbose) break;
      d.put(` ${which} Init Cookie=${pair(body)}`);
      d.put(` ${which} Keygen Token=${pair(body + 8)}`);
      break;
    }
    case 5: {
      d.put(` seq#=${d.be16(at + 6)}`);
      const flags = d.u8(body) >>> 4;
      if (flags !== 0) d.put(` ${bits(updateBits, flags, (n) => `bits-#0x${hex(n)}`, '')}`);
      d.put(` lifetime=${d.be16(body + 2) << 2}`);
      break;
    }
    case 6:
      d.put(` status=${d.u8(at + 6)}`);
      d.put((d.u8(at + 7) & 0x80) === 0 ? '' : ' K');
      d.put(` seq#=${d.be16(body)}`);
      d.put(` lifetime=${d.be16(body + 2) << 2}`);
      break;
    case 7:
      d.put(` status=${d.u8(at + 6)} homeaddr ${d.ip6(body)}`);
      break;
    default:
      return d.put(` len=${d.u8(at + 1)}`);
  }
  const header = leastBytes[type]!;
  if (verbose && !options(d, at + header, length - header)) d.truncated();
}

/** False: they were cut. */
function options(d: Dissector, from: number, length: number): boolean {
  let bytes = 0;
  for (let i = 0; i < length; i += bytes) {
    const at = from + i;
    const type = d.u8(at);
    if (type === 0) bytes = 1;
    else if (i + 1 < length) bytes = d.u8(at + 1) + 2;
    else return false;
    if (i + bytes > length) return false;
    d.need(at + bytes, 1);
    const tooShort = (least: number, name: string) => {
      if (length - i >= least) return false;
      d.put(`(${name}: trunc)`);
      return true;
    };
    switch (type) {
      case 0:
        d.put('(pad1)');
        break;
      case 1:
        d.put('(padn)');
        break;
      case 2:
        if (tooShort(4, 'refresh')) return false;
        d.put(`(refresh: ${d.be16(at + 2) << 2})`);
        break;
      case 3:
        if (tooShort(18, 'altcoa')) return false;
        d.put(`(alt-CoA: ${d.ip6(at + 2)})`);
        break;
      case 4:
        if (tooShort(6, 'ni')) return false;
        d.put(`(ni: ho=${hex0x(d.be16(at + 2), 4)} co=${hex0x(d.be16(at + 4), 4)})`);
        break;
      case 5:
        if (tooShort(12, 'auth')) return false;
        d.put('(auth)');
        break;
      default:
        d.put(`(type-${hex0x(type, 2)}: len=${d.u8(at + 1)})`);
    }
  }
  return true;
}
