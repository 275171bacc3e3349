// IPv6, RFC 8200.
import type { Dissector } from '../dissector.js';
import { protocolWords } from '../protocol-names.js';
import { hex, word } from '../words.js';
import { ipPayload } from './ip.js';
import { destinationOptions, fragmentHeader, hopByHopOptions, type JumboState, routingHeader } from './ip6-extensions.js';
import { mobilityHeader } from './mobility.js';
import type { EthertypePrinter, LinkPrinter } from './registry-types.js';

const HEADER = 40;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;
const MOBILITY_OLD = 62;
const MOBILITY = 135;
const withPorts = new Set([6, 17, 33, 132]);

export function ip6(d: Dissector, at: number, givenLength: number): void {
  d.protocol = 'ip6';
  d.enter();
  if (!d.has(at, HEADER)) return d.truncated();
  if (givenLength < HEADER) return d.put(`truncated-ip6 ${givenLength}`);
  if (!d.options.linkLayer) d.put('IP6 ');
  const version = d.u8(at) >>> 4;
  if (version !== 6) return d.put(`version error: ${version} != 6`);
  const payload = d.be16(at + 4);
  const total = payload === 0 ? givenLength + HEADER : payload + HEADER;
  if (payload !== 0 && givenLength < total) d.put(`truncated-ip6 - ${total - givenLength} bytes missing!`);
  if (d.options.verbose > 0) {
    const flow = d.be32(at);
    const next = d.u8(at + 6);
    d.put('(');
    if ((flow & 0x0ff00000) !== 0) d.put(`class 0x${hex((flow & 0x0ff00000) >>> 20, 2)}, `);
    if ((flow & 0x000fffff) !== 0) d.put(`flowlabel 0x${hex(flow & 0x000fffff, 5)}, `);
    d.put(`hlim ${d.u8(at + 7)}, next-header ${word(protocolWords, next, () => 'unknown')} (${next}) payload length: ${payload}) `);
  }
  const end = d.cut(at, total);
  chain(d, at, total, givenLength, payload, end);
  d.end = end;
}

/** The headers behind the fixed one, as far as they are shown. `outerEnd`: what may be read if a jumbo option says that more is there. */
function chain(d: Dissector, header: number, total: number, givenLength: number, payload: number, outerEnd: number): void {
  let next = d.u8(header + 6);
  let at = header;
  let left = total;
  let advance = HEADER;
  let fragmented = false;
  let seenHopByHop = false;
  const jumbo: JumboState = { found: false, payload };
  while (at < d.end && advance > 0) {
    if (left < advance) return d.truncated();
    at += advance;
    left -= advance;
    if (at === header + HEADER && !withPorts.has(next)) d.put(`${d.ip6(header + 8)} > ${d.ip6(header + 24)}: `);
    switch (next) {
      case HOP_BY_HOP:
        if (seenHopByHop || at !== header + HEADER) {
          d.put(
            seenHopByHop
              ? '[The Hop-by-Hop Options header was already found]'
              : "[The Hop-by-Hop Options header don't follow the IPv6 header]",
          );
          return d.invalid();
        }
        advance = hopByHopOptions(d, at, jumbo);
        if (jumbo.payload === 0 && !jumbo.found) {
          d.put('[No valid Jumbo Payload Hop-by-Hop option found]');
          return d.invalid();
        }
        seenHopByHop = true;
        break;
      case DESTINATION:
        advance = destinationOptions(d, at);
        break;
      case FRAGMENT:
        advance = fragmentHeader(d, at, header);
        if (advance >= 0 && d.end <= at + advance) return;
        fragmented = true;
        break;
      case MOBILITY:
      case MOBILITY_OLD:
        mobilityHeader(d, at);
        return;
      case ROUTING:
        if (!d.has(at, 1)) return d.truncated();
        advance = routingHeader(d, at);
        break;
      default: {
        if (jumbo.found) {
          left = jumbo.payload + HEADER;
          const before = at - header;
          if (left < before) return d.truncated();
          if (givenLength < left) d.put(`truncated-ip6 - ${left - givenLength} bytes missing!`);
          d.end = Math.min(outerEnd, header + left);
          left -= before;
        } else if (payload === 0) {
          if (at !== header + HEADER) return d.truncated();
          left = 0;
          d.end = Math.min(outerEnd, header + HEADER);
        }
        return ipPayload(d, next, at, left, { version: 6, header, fragmented, hops: d.u8(header + 7) });
      }
    }
    if (advance < 0) return;
    next = d.u8(at);
    d.protocol = 'ip6';
  }
}

export const ip6Type: EthertypePrinter = { types: [0x86dd], print: ip6 };

export const ipv6Link: LinkPrinter = {
  types: [229],
  print(d, at, length) {
    d.protocol = 'raw';
    if (d.options.linkLayer) d.put('ip: ');
    d.registry.anyIp(d, at, length);
    return 0;
  },
};
