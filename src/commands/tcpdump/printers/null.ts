// BSD's loopback headers: a protocol family of four bytes, in the order of whichever host captured.
import { type Words, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 4;
const familyWords: Words = { 2: 'IPv4', 6: 'NS', 7: 'ISO', 16: 'Appletalk', 23: 'IPX', 24: 'IPv6', 28: 'IPv6', 30: 'IPv6' };

export const nullLink: LinkPrinter = {
  types: [0, 108],
  print(d, at, length, captured) {
    d.protocol = 'null';
    d.need(at, HEADER);
    const little = d.le32(at);
    const family = little > 0xffff ? d.be32(at) : little;
    const describe = (bytes: number) =>
      d.put(
        d.options.quiet > 0
          ? `${word(familyWords, family, (n) => `Unknown AF ${n}`)}, length ${bytes}: `
          : `AF ${word(familyWords, family, () => 'Unknown')} (${family}), length ${bytes}: `,
      );
    if (d.options.linkLayer) describe(length);
    const body = at + HEADER;
    const left = length - HEADER;
    switch (family) {
      case 2:
        d.registry.ip(d, body, left);
        break;
      case 24:
      case 28:
      case 30:
        d.registry.ip6(d, body, left);
        break;
      case 7:
        d.registry.isoclns(d, body, left);
        break;
      default:
        if (!d.options.linkLayer) describe(length);
        d.dump(body, captured - HEADER);
    }
    return HEADER;
  },
};
