// Packets that Linux' netfilter logged.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 4;
const ATTRIBUTE = 4;
const PAYLOAD = 9;
const INET = 2;
const INET6 = 10;
const familyWords: Words = { 2: 'IPv4', 10: 'IPv6' };

function nflog(d: Dissector, at: number, fullLength: number, fullCaptured: number): number {
  d.protocol = 'nflog';
  if (fullCaptured < HEADER) {
    d.truncated();
    return fullCaptured;
  }
  const version = d.u8(at + 1);
  if (version !== 0) {
    d.put(`version ${version} (unknown)`);
    return HEADER;
  }
  const family = d.u8(at);
  const header = () => {
    const quiet = d.options.quiet > 0;
    const name = word(familyWords, family, (n) => (quiet ? `Unknown NFLOG (${hex0x(n, 2)})` : 'Unknown'));
    d.put(`version ${version}, resource ID ${d.be16(at + 2)}, ${quiet ? name : `family ${name} (${family})`}, length ${fullLength}: `);
  };
  if (d.options.linkLayer) header();
  let next = at + HEADER;
  let length = fullLength - HEADER;
  let captured = fullCaptured - HEADER;
  const cut = () => {
    d.truncated();
    return next - at;
  };
  while (length > 0) {
    if (captured < ATTRIBUTE) return cut();
    const size = (d.le16(next) + 3) & ~3;
    if (size < ATTRIBUTE || captured < size) return cut();
    const isPayload = d.le16(next + 2) === PAYLOAD;
    const step = isPayload ? ATTRIBUTE : size;
    next += step;
    length -= step;
    captured -= step;
    if (isPayload) break;
  }
  if (family === INET) d.registry.ip(d, next, length);
  else if (family === INET6) d.registry.ip6(d, next, length);
  else {
    if (!d.options.linkLayer) header();
    d.dump(next, captured);
  }
  return next - at;
}

export const nflogLink: LinkPrinter = { types: [239], print: nflog };
