// Objects of RSVP: RFC 2205 (sessions, styles, errors), 2210 (flows), 3209 and 3473 (labels, routes), 4090 (fast reroute), 2961 (refreshes).
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { bits, general, hex, hex0x, word } from '../words.js';
import { familyWords } from './address-families.js';
import { encodingWords, payloadWords, switchingWords } from './gmpls-words.js';
import { flowSpecification } from './rsvp-flows.js';
import { routeObject } from './rsvp-routes.js';
import {
  adminStatusBits,
  capabilityBits,
  classTypeWords,
  diffservErrorWords,
  errorWords,
  integrityBits,
  labelSetWords,
  objectWords,
  propertyWords,
  routingErrorWords,
  sessionAttributeBits,
  styleWords,
  uniWords,
} from './rsvp-words.js';
import { checkSignature } from './signature.js';

const HEADER = 4;
const unknown = () => 'Unknown';

/** How an object's printer ended: all shown, to be dumped too, too short for its type, nonsense, or an error that was told already. */
export type Shown = 'done' | 'dump' | 'short' | 'invalid' | 'failed';

export interface ObjectContext {
  readonly d: Dissector;
  /** Class type. */
  readonly type: number;
  readonly classNumber: number;
  readonly at: number;
  readonly length: number;
  readonly indent: string;
  /** The whole message, for its signature. */
  readonly message: number;
  readonly messageLength: number;
}

type ObjectPrinter = (o: ObjectContext) => Shown;

/** A printer that wants `least` bytes. */
const atLeast =
  (least: number, print: (o: ObjectContext) => void): ObjectPrinter =>
  (o) => {
    if (o.length < least) return 'short';
    print(o);
    return 'done';
  };

const byType =
  (printers: Readonly<Record<number, ObjectPrinter>>): ObjectPrinter =>
  (o) =>
    printers[o.type]?.(o) ?? 'dump';

const line = (o: ObjectContext, text: string) => o.d.put(`${o.indent}  ${text}`);

const addressOf = (least: number, name: string, version: 4 | 6) =>
  atLeast(least, (o) => line(o, `${name}: ${version === 4 ? o.d.ip(o.at) : o.d.ip6(o.at)}`));

const tunnel4 = atLeast(12, (o) =>
  line(o, `IPv4 Tunnel EndPoint: ${o.d.ip(o.at)}, Tunnel ID: ${hex0x(o.d.be16(o.at + 6), 4)}, Extended Tunnel ID: ${o.d.ip(o.at + 8)}`),
);
const session = byType({
  1: atLeast(8, ({ d, at, indent }) => {
    d.put(`${indent}  IPv4 DestAddress: ${d.ip(at)}, Protocol ID: ${hex0x(d.u8(at + 4), 2)}`);
    d.put(`${indent}  Flags: [${hex0x(d.u8(at + 5), 2)}], DestPort ${d.be16(at + 6)}`);
  }),
  2: atLeast(20, ({ d, at, indent }) => {
    d.put(`${indent}  IPv6 DestAddress: ${d.ip6(at)}, Protocol ID: ${hex0x(d.u8(at + 16), 2)}`);
    d.put(`${indent}  Flags: [${hex0x(d.u8(at + 17), 2)}], DestPort ${d.be16(at + 18)}`);
  }),
  7: tunnel4,
  8: atLeast(36, (o) =>
    line(
      o,
      `IPv6 Tunnel EndPoint: ${o.d.ip6(o.at)}, Tunnel ID: ${hex0x(o.d.be16(o.at + 18), 4)}, Extended Tunnel ID: ${o.d.ip6(o.at + 20)}`,
    ),
  ),
  11: tunnel4,
  13: atLeast(12, (o) =>
    line(o, `IPv4 P2MP LSP ID: ${o.d.ip(o.at)}, Tunnel ID: ${hex0x(o.d.be16(o.at + 6), 4)}, Extended Tunnel ID: ${o.d.ip(o.at + 8)}`),
  ),
  14: atLeast(26, (o) =>
    line(
      o,
      `IPv6 P2MP LSP ID: ${hex0x(o.d.be32(o.at), 8)}, Tunnel ID: ${hex0x(o.d.be16(o.at + 6), 4)}, Extended Tunnel ID: ${o.d.ip6(o.at + 8)}`,
    ),
  ),
});

const label = byType({
  1(o) {
    for (let at = o.at; at + 4 <= o.at + o.length; at += 4) line(o, `Label: ${o.d.be32(at)}`);
    return 'done';
  },
  2: atLeast(4, (o) => line(o, `Generalized Label: ${o.d.be32(o.at)}`)),
  3: atLeast(12, (o) => {
    line(o, `Waveband ID: ${o.d.be32(o.at)}`);
    line(o, `Start Label: ${o.d.be32(o.at + 4)}, Stop Label: ${o.d.be32(o.at + 8)}`);
  }),
});

const style = byType({
  1: atLeast(4, (o) => line(o, `Reservation Style: ${word(styleWords, o.d.be24(o.at + 1), unknown)}, Flags: [${hex0x(o.d.u8(o.at), 2)}]`)),
});

const source4 = atLeast(8, (o) => line(o, `Source Address: ${o.d.ip(o.at)}, Source Port: ${o.d.be16(o.at + 6)}`));
const source6 = atLeast(20, (o) => line(o, `Source Address: ${o.d.ip6(o.at)}, Source Port: ${o.d.be16(o.at + 18)}`));
const multipointSender4 = atLeast(16, (o) => {
  line(o, `IPv4 Tunnel Sender Address: ${o.d.ip(o.at)}, LSP ID: ${hex0x(o.d.be16(o.at + 6), 4)}`);
  line(o, `Sub-Group Originator ID: ${o.d.ip(o.at + 8)}, Sub-Group ID: ${hex0x(o.d.be16(o.at + 12), 4)}`);
});
const multipointSender6 = atLeast(40, (o) => {
  line(o, `IPv6 Tunnel Sender Address: ${o.d.ip6(o.at)}, LSP ID: ${hex0x(o.d.be16(o.at + 18), 4)}`);
  line(o, `Sub-Group Originator ID: ${o.d.ip6(o.at + 20)}, Sub-Group ID: ${hex0x(o.d.be16(o.at + 38), 4)}`);
});
const senderTemplate = byType({
  1: source4,
  2: source6,
  7: atLeast(8, (o) => line(o, `IPv4 Tunnel Sender Address: ${o.d.ip(o.at)}, LSP-ID: ${hex0x(o.d.be16(o.at + 6), 4)}`)),
  12: multipointSender4,
  13: multipointSender6,
});
const filterSpecification = byType({
  1: source4,
  2: source6,
  3: atLeast(20, (o) => line(o, `Source Address: ${o.d.ip6(o.at)}, Flow Label: ${o.d.be24(o.at + 17)}`)),
  7: atLeast(8, (o) => line(o, `Source Address: ${o.d.ip(o.at)}, LSP-ID: ${hex0x(o.d.be16(o.at + 6), 4)}`)),
  8: atLeast(20, (o) => line(o, `Source Address: ${o.d.ip(o.at)}, LSP-ID: ${hex0x(o.d.be16(o.at + 18), 4)}`)),
  12: multipointSender4,
  13: multipointSender6,
});

const layer3 = (o: ObjectContext, at: number) =>
  line(o, `L3 Protocol ID: ${word(ethertypeWords, o.d.be16(at + 2), (n) => `Unknown Protocol (${hex0x(n, 4)})`)}`);
const labelRequest = byType({
  1(o) {
    for (let at = o.at; at + 4 <= o.at + o.length; at += 4) layer3(o, at);
    return 'done';
  },
  2: atLeast(12, (o) => {
    const { d, at } = o;
    const field = (offset: number) => d.be16(at + offset) & 0xfff;
    layer3(o, at);
    d.put(`,${(d.u8(at + 4) & 0x80) === 0 ? '' : 'no'} merge capability`);
    line(o, `Minimum VPI/VCI: ${field(4)}/${field(6)}`);
    line(o, `Maximum VPI/VCI: ${field(8)}/${field(10)}`);
  }),
  3: atLeast(12, (o) => {
    const { d, at } = o;
    const bitsOf = (d.be16(at + 4) >>> 7) & 3;
    layer3(o, at);
    line(
      o,
      `Minimum/Maximum DLCI: ${d.be32(at + 4) & 0x7fffff}/${d.be32(at + 8) & 0x7fffff}, ${bitsOf === 0 ? '10' : ''}${bitsOf === 2 ? '23' : ''} bit DLCI`,
    );
  }),
  4: atLeast(4, (o) => {
    const { d, at } = o;
    const [encoding, switching, payload] = [d.u8(at), d.u8(at + 1), d.be16(at + 2)];
    line(o, `LSP Encoding Type: ${word(encodingWords, encoding, unknown)} (${encoding})`);
    line(
      o,
      `Switching Type: ${word(switchingWords, switching, unknown)} (${switching}), Payload ID: ${word(payloadWords, payload, unknown)} (${hex0x(payload, 4)})`,
    );
  }),
});

const hello = atLeast(8, (o) =>
  line(o, `Source Instance: ${hex0x(o.d.be32(o.at), 8)}, Destination Instance: ${hex0x(o.d.be32(o.at + 4), 8)}`),
);

const capability = byType({
  1: atLeast(4, (o) => {
    const flags = o.d.be32(o.at);
    if (flags >>> 3 !== 0) line(o, `[reserved=${hex0x((flags & ~7) >>> 0, 8)} must be zero]`);
    line(o, `Flags: [${bits(capabilityBits, flags & 7)}]`);
  }),
});

const sessionAttribute = byType({
  7(o) {
    const { d, at } = o;
    if (o.length < 4) return 'short';
    const nameLength = d.u8(at + 3);
    if (o.length < 4 + nameLength) return 'short';
    line(o, 'Session Name: ');
    d.chars(at + 4, nameLength);
    const flags = d.u8(at + 2);
    line(
      o,
      `Setup Priority: ${d.u8(at)}, Holding Priority: ${d.u8(at + 1)}, Flags: [${bits(sessionAttributeBits, flags)}] (${flags === 0 ? '0' : hex0x(flags)})`,
    );
    return 'done';
  },
});

const INET = 1;
const INET6 = 2;
const uni = byType({
  1(o) {
    const { d } = o;
    if (o.length < 4) return 'short';
    let shown: Shown = 'done';
    let left = o.length;
    for (let at = o.at; left > 0; ) {
      if (left < 4) return 'invalid';
      const length = d.be16(at);
      const type = d.u8(at + 2);
      const family = d.u8(at + 3);
      line(
        o,
        `Subobject Type: ${word(uniWords, type, unknown)} (${type}), AF: ${word(familyWords, family, unknown)} (${family}), length: ${length}`,
      );
      if (length < 4 || length > left) return 'invalid';
      const part = uniPart(o, at, type, family, length);
      if (part === 'short') {
        d.put(`${o.indent}ERROR: sub-object is too short`);
        return 'failed';
      }
      if (part === 'dump') shown = 'dump';
      left -= length;
      at += length;
    }
    return shown;
  },
});

function uniPart(o: ObjectContext, at: number, type: number, family: number, length: number): Shown {
  const { d } = o;
  const text = (what: string) => line(o, `  ${what}`);
  switch (type) {
    case 1:
    case 2:
      if (family === INET) {
        if (length < 8) return 'short';
        text(`UNI IPv4 TNA address: ${d.ip(at + 4)}`);
      } else if (family === INET6) {
        if (length < 20) return 'short';
        text(`UNI IPv6 TNA address: ${d.ip6(at + 4)}`);
      } else if (family === 3) return 'dump';
      return 'done';
    case 3:
      return length > 4 ? 'dump' : 'done';
    case 4: {
      if (length < 16) return 'short';
      const first = d.be32(at + 4);
      text(`U-bit: ${hex(first >>> 31)}, Label type: ${first & 0xff}, Logical port id: ${d.be32(at + 8)}, Label: ${d.be32(at + 12)}`);
      return 'done';
    }
    case 5:
      if (length < 8) return 'short';
      text(`Service level: ${d.u8(at + 4)}`);
      return 'done';
    default:
      return 'dump';
  }
}

const hop = (version: 4 | 6): ObjectPrinter => {
  const size = version === 4 ? 4 : 16;
  return (o) => {
    if (o.length < size + 4) return 'short';
    const address = version === 4 ? o.d.ip(o.at) : o.d.ip6(o.at);
    line(o, `Previous/Next Interface: ${address}, Logical Interface Handle: ${hex0x(o.d.be32(o.at + size), 8)}`);
    return version === 6 || o.length > size + 4 ? 'dump' : 'done';
  };
};

function fastReroute(o: ObjectContext): Shown {
  const { d, at } = o;
  if (o.type !== 1 && o.type !== 7) return 'dump';
  if (o.length < (o.type === 1 ? 20 : 16)) return 'short';
  const field = (offset: number) => hex0x(d.be32(at + offset), 8);
  const bandwidth = general((d.float(at + 4) * 8) / 1_000_000, 10);
  line(o, `Setup Priority: ${d.u8(at)}, Holding Priority: ${d.u8(at + 1)}, Hop-limit: ${d.u8(at + 2)}, Bandwidth: ${bandwidth} Mbps`);
  if (o.type === 1) line(o, `Include-any: ${field(8)}, Exclude-any: ${field(12)}, Include-all: ${field(16)}`);
  else line(o, `Include Colors: ${field(8)}, Exclude Colors: ${field(12)}`);
  return 'done';
}

const detour = byType({
  7(o) {
    for (let at = o.at; at + 8 <= o.at + o.length; at += 8) line(o, `PLR-ID: ${o.d.ip(at)}, Avoid-Node-ID: ${o.d.ip(at + 4)}`);
    return 'done';
  },
});

const ROUTING = 24;
const DIFFSERV = [28, 125];
const errorOf = (version: 4 | 6): ObjectPrinter =>
  atLeast(version === 4 ? 8 : 20, (o) => {
    const { d } = o;
    const at = o.at + (version === 4 ? 4 : 16);
    const [code, value] = [d.u8(at + 1), d.be16(at + 2)];
    line(o, `Error Node Address: ${version === 4 ? d.ip(o.at) : d.ip6(o.at)}, Flags: [${hex0x(d.u8(at), 2)}]`);
    line(o, `Error Code: ${word(errorWords, code, () => 'unknown')} (${code})`);
    if (code === ROUTING) d.put(`, Error Value: ${word(routingErrorWords, value, () => 'unknown')} (${value})`);
    else if (version === 4 && DIFFSERV.includes(code))
      d.put(`, Error Value: ${word(diffservErrorWords, value, () => 'unknown')} (${value})`);
    else if (version === 4) d.put(`, Unknown Error Value (${value})`);
  });

const properties = byType({
  1(o) {
    const { d } = o;
    if (o.length < 4) return 'short';
    const padding = d.be16(o.at + 2);
    line(o, `TLV count: ${d.be16(o.at)}, padding bytes: ${padding}`);
    let left = o.length - 4;
    for (let at = o.at + 4; left >= 2 + padding; ) {
      const [type, length] = [d.u8(at), d.u8(at + 1)];
      line(o, `  ${word(propertyWords, type, () => 'unknown')} TLV (${hex0x(type, 2)}), length: ${length}`);
      if (left < length) return 'short';
      if (length < 2) {
        d.put(`${o.indent}ERROR: property TLV is too short`);
        return 'failed';
      }
      d.unknown(at + 2, '\n\t\t', length - 2);
      left -= length;
      at += length;
    }
    return 'done';
  },
});

const messageId: ObjectPrinter = (o) => {
  const { d } = o;
  if (o.type !== 1 && o.type !== 2) return 'dump';
  if (o.length < 4) return 'short';
  line(o, `Flags [${hex0x(d.u8(o.at), 2)}], epoch: ${d.be24(o.at + 1)}`);
  for (let at = o.at + 4; at + 4 <= o.at + o.length; at += 4) line(o, `  Message-ID ${hex0x(d.be32(at), 8)} (${d.be32(at)})`);
  return 'done';
};

const integrity = byType({
  1: atLeast(32, (o) => {
    const { d, at } = o;
    line(o, `Key-ID 0x${d.hexOf(at + 2, 6)}, Sequence 0x${d.hexOf(at + 8, 8)}, Flags [${bits(integrityBits, d.u8(at))}]`);
    line(o, `MD5-sum 0x${d.hexOf(at + 16, 16)} `);
    d.put(` (${checkSignature(d, o.message, o.messageLength, at + 16, (bytes) => bytes.fill(0, 2, 4))})`);
  }),
});

const labelSet = byType({
  1(o) {
    const { d, at } = o;
    if (o.length < 4) return 'short';
    const action = d.u8(at);
    line(o, `Action: ${word(labelSetWords, action, unknown)} (${action}), Label type: ${d.be32(at) & 0x7f}`);
    if (action === 2 || action === 3) {
      if (o.length < 12) return 'short';
      line(o, `Start range: ${d.be32(at + 4)}, End range: ${d.be32(at + 8)}`);
      return 'done';
    }
    for (let n = 1; 4 + n * 4 <= o.length; n++) line(o, `Subchannel #${n}: ${d.be32(at + n * 4)}`);
    return 'done';
  },
});

const classType = byType({ 1: atLeast(4, (o) => line(o, `CT: ${o.d.be32(o.at) & 7}`)) });
const receiver = byType({ 1: addressOf(4, 'IPv4 Receiver Address', 4), 2: addressOf(16, 'IPv6 Receiver Address', 6) });
const notify = byType({ 1: addressOf(4, 'IPv4 Notify Node Address', 4), 2: addressOf(16, 'IPv6 Notify Node Address', 6) });
const subLsp = byType({ 1: addressOf(4, 'Sub-LSP destination address', 4), 2: addressOf(16, 'Sub-LSP destination address', 6) });

const printers: Readonly<Record<number, ObjectPrinter>> = {
  1: session,
  3: byType({ 1: hop(4), 2: hop(6), 3: hop(4), 4: hop(6) }),
  4: integrity,
  5: byType({ 1: atLeast(4, (o) => line(o, `Refresh Period: ${o.d.be32(o.at)}ms`)) }),
  6: byType({ 1: errorOf(4), 2: errorOf(6), 3: errorOf(4), 4: errorOf(6) }),
  8: style,
  9: flowSpecification,
  10: filterSpecification,
  11: senderTemplate,
  12: flowSpecification,
  13: flowSpecification,
  15: receiver,
  16: label,
  19: labelRequest,
  20: routeObject,
  21: routeObject,
  22: byType({ 1: hello, 2: hello }),
  23: messageId,
  24: messageId,
  25: messageId,
  34: label,
  35: label,
  36: labelSet,
  50: subLsp,
  63: detour,
  66: classType,
  125: classType,
  129: label,
  131: byType({
    1: atLeast(8, (o) => line(o, `Restart  Time: ${o.d.be32(o.at)}ms, Recovery Time: ${o.d.be32(o.at + 4)}ms`)),
  }),
  134: capability,
  195: notify,
  196: byType({ 1: atLeast(4, (o) => line(o, `Flags [${bits(adminStatusBits, o.d.be32(o.at))}]`)) }),
  204: properties,
  205: fastReroute,
  207: sessionAttribute,
  229: uni,
};

/** Shows `length` bytes of objects at `from`; false: one was wrong, and nothing more is to be shown. */
export function objects(d: Dissector, message: number, messageLength: number, from: number, indent: string, length: number): boolean {
  let left = length;
  let good = true;
  const cut = d.cutShort(() => {
    for (let at = from; good && left >= HEADER; ) {
      d.need(at, HEADER);
      const total = d.be16(at);
      if (total % 4 !== 0 || total < HEADER) {
        d.put(
          total % 4 === 0
            ? `${indent}ERROR: object header too short ${total} < ${HEADER}`
            : `${indent}ERROR: object header size ${total} not a multiple of 4`,
        );
        good = false;
        return;
      }
      heading(d, at, total, indent);
      if (left < total) {
        d.put(`${indent}ERROR: object goes past end of objects TLV`);
        good = false;
        return;
      }
      d.need(at, total);
      good = object(d, message, messageLength, at, total, indent);
      at += total;
      left -= total;
    }
  });
  return good && !cut;
}

function heading(d: Dissector, at: number, total: number, indent: string): void {
  const [classNumber, type] = [d.u8(at + 2), d.u8(at + 3)];
  const fate = (classNumber & 0x80) === 0 ? 'reject' : (classNumber & 0x40) === 0 ? 'ignore silently' : 'ignore and forward';
  d.put(`${indent}${word(objectWords, classNumber, unknown)} Object (${classNumber}) Flags: [${fate} if unknown]`);
  d.put(`, Class-Type: ${word(classTypeWords, (classNumber << 8) + type, unknown)} (${type}), length: ${total}`);
}

function object(d: Dissector, message: number, messageLength: number, at: number, total: number, indent: string): boolean {
  const [classNumber, type] = [d.u8(at + 2), d.u8(at + 3)];
  const [body, length] = [at + HEADER, total - HEADER];
  const printer = printers[classNumber];
  let shown: Shown = 'done';
  if (printer !== undefined) shown = printer({ d, type, classNumber, at: body, length, indent, message, messageLength });
  else if (d.options.verbose <= 1) d.unknown(body, '\n\t    ', length);
  if (shown === 'short') d.put(`${indent}ERROR: object is too short`);
  if (shown === 'invalid') d.invalid();
  if (shown !== 'done' && shown !== 'dump') return false;
  if (d.options.verbose > 1 || shown === 'dump') d.unknown(body, '\n\t    ', length);
  return true;
}
