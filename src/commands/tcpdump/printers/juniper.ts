// What Juniper's routers put before captured frames: a magic number, flags, and extensions.
import type { Dissector } from '../dissector.js';
import { hex0x } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const MAGIC = 0x4d4743;
const HEADER = 4;
const INCOMING = 0x01;
const NO_LAYER2 = 0x02;
const EXTENDED = 0x80;

/** Where the frame starts behind it; negative: the header is wrong, and that is said. */
function header(d: Dissector, at: number, captured: number): number {
  if (captured < HEADER) {
    d.truncated();
    return -1;
  }
  if (d.be24(at) !== MAGIC) {
    d.put('no magic-number found!');
    return -1;
  }
  const flags = d.u8(at + 3);
  const direction = (flags & INCOMING) !== 0 ? ' In' : 'Out';
  let used = HEADER;
  if ((flags & EXTENDED) !== 0) {
    const extensions = d.be16(at + HEADER);
    used += 2 + extensions;
    if (extensions + 2 > captured - HEADER || !d.has(at, used)) {
      d.put(` [extension_length ${captured - HEADER - 2} < ${extensions}]`);
      d.invalid();
      return -1;
    }
  }
  if (d.options.linkLayer) d.put(`${direction} hlen ${used}, proto ${hex0x(0, 4)}, `);
  if ((flags & NO_LAYER2) === 0) return at + used;
  d.put(', no-L2-hdr, ');
  d.registry.anyIp(d, at + used, captured - used);
  return -1;
}

export const juniperEtherLink: LinkPrinter = {
  types: [178],
  print(d, at, length, captured) {
    d.protocol = 'juniper_ether';
    const frame = header(d, at, captured);
    if (frame < 0) return captured;
    const used = frame - at;
    return used + d.registry.ethernet(d, frame, length - used, captured - used);
  },
};
