// Specifications of flows in RSVP, RFC 2210 and 2215.
import type { Dissector } from '../dissector.js';
import { general, hex0x, word } from '../words.js';
import type { ObjectContext, Shown } from './rsvp-objects.js';
import { parameterWords, serviceWords } from './rsvp-words.js';

const INTEGRATED_SERVICES = 2;
const DO_NOT_CARE = 0xffffffff;

export function flowSpecification({ d, type, at: start, length, indent }: ObjectContext): Shown {
  if (type !== INTEGRATED_SERVICES) return 'dump';
  if (length < 4) return 'short';
  d.put(`${indent}  Msg-Version: ${d.u8(start) >>> 4}, length: ${d.be16(start + 2) << 2}`);
  let at = start + 4;
  let left = length - 4;
  while (left >= 4) {
    let service = d.be16(at + 2) << 2;
    const kind = d.u8(at);
    d.put(`${indent}  Service Type: ${word(serviceWords, kind, () => 'unknown')} (${kind})`);
    d.put(`, break bit ${(d.u8(at + 1) & 0x80) === 0 ? 'not ' : ''}set, Service length: ${service}`);
    at += 4;
    left -= 4;
    while (service >= 4) {
      const taken = parameter(d, at, left);
      if (taken === 0) break;
      left -= taken;
      service -= taken;
      at += taken;
    }
  }
  return 'done';
}

const megabits = (bytes: number) => `${general(bytes / 125000, 10)} Mbps`;

/** How long it was; 0: no parameter fits there. */
function parameter(d: Dissector, at: number, left: number): number {
  if (left < 4) return 0;
  const id = d.u8(at);
  const length = d.be16(at + 2) << 2;
  d.put(
    `\n\t      Parameter ID: ${word(parameterWords, id, () => 'unknown')} (${id}), length: ${length}, Flags: [${hex0x(d.u8(at + 1), 2)}]`,
  );
  if (left < length + 4) return 0;
  const body = at + 4;
  const line = (text: string) => d.put(`\n\t\t${text}`);
  switch (id) {
    case 4:
      if (length === 4) line(`IS hop count: ${d.be32(body)}`);
      break;
    case 6:
      if (length === 4) line(`Path b/w estimate: ${megabits(d.float(body))}`);
      break;
    case 8:
      if (length === 4) line(`Minimum path latency: ${d.be32(body) === DO_NOT_CARE ? "don't care" : d.be32(body)}`);
      break;
    case 10:
      if (length === 4) line(`Composed MTU: ${d.be32(body)} bytes`);
      break;
    case 127:
      if (length !== 20) break;
      line(`Token Bucket Rate: ${megabits(d.float(body))}`);
      line(`Token Bucket Size: ${general(d.float(body + 4), 10)} bytes`);
      line(`Peak Data Rate: ${megabits(d.float(body + 8))}`);
      line(`Minimum Policed Unit: ${d.be32(body + 12)} bytes`);
      line(`Maximum Packet Size: ${d.be32(body + 16)} bytes`);
      break;
    case 130:
      if (length !== 8) break;
      line(`Rate: ${megabits(d.float(body))}`);
      line(`Slack Term: ${d.be32(body + 4)}`);
      break;
    case 133:
    case 134:
    case 135:
    case 136:
      if (length === 4) line(`Value: ${d.be32(body)}`);
      break;
    default:
      if (d.options.verbose <= 1) d.unknown(body, '\n\t\t', length);
  }
  return length + 4;
}
