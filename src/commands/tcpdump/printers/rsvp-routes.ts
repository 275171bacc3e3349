// Explicit and recorded routes of RSVP, RFC 3209 section 4.3 and 4.4.
import { alternate, bits, word } from '../words.js';
import type { ObjectContext, Shown } from './rsvp-objects.js';
import { classTypeWords, recordBits, recordLabelBits, subobjectWords } from './rsvp-words.js';

const RECORD_ROUTE = 21;
const IPV4 = 1;
const LABEL = 3;
const SIZE = 8;

export function routeObject({ d, type, at: start, length: total, indent }: ObjectContext): Shown {
  if (type !== 1) return 'dump';
  let left = total;
  for (let at = start; left >= 4; ) {
    d.need(at, 4);
    const first = d.u8(at);
    const kind = first & 0x7f;
    const length = d.u8(at + 1);
    d.put(`${indent}  Subobject Type: ${word(subobjectWords, kind, (n) => `Unknown ${n}`)}, length ${length}`);
    if (left < length) {
      d.put(`${indent}  ERROR: ERO subobject length > object length`);
      break;
    }
    if (length === 0) {
      d.put(`${indent}  ERROR: zero length ERO subtype`);
      break;
    }
    if (kind === IPV4 || kind === LABEL) {
      if (length !== SIZE) {
        d.put(' ERROR: length != 8');
        return 'invalid';
      }
      d.need(at, SIZE);
    }
    if (kind === IPV4) {
      const prefix = d.u8(at + 6);
      if (prefix !== 32) {
        d.put(` ERROR: Prefix length ${prefix} != 32`);
        return 'invalid';
      }
      d.put(`, ${(first & 0x80) === 0 ? 'Strict' : 'Loose'}, ${d.ip(at + 2)}/${prefix}, Flags: [${bits(recordBits, d.u8(at + 7))}]`);
    } else if (kind === LABEL) {
      const [flags, classType] = [d.u8(at + 2), d.u8(at + 3)];
      const name = word(classTypeWords, classType + 256 * RECORD_ROUTE, () => 'Unknown');
      d.put(`, Flags: [${bits(recordLabelBits, flags)}] (${alternate(flags)}), Class-Type: ${name} (${classType}), ${d.be32(at + 4)}`);
    }
    left -= length;
    at += length;
  }
  return 'done';
}
