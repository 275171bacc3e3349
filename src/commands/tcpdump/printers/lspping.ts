// LSP ping, RFC 4379 and 8029.
import type { Dissector } from '../dissector.js';
import { hex0x, word } from '../words.js';
import { routeDistinguisher } from './bgp-words.js';
import { enterpriseWords } from './enterprise-words.js';
import { encapsulationWords } from './l2vpn-words.js';
import { downstreamWords, fecWords, messageWords, replyModeWords, returnCodeWords, tlvWords } from './lspping-words.js';
import { ntpTimestamp } from './ntp.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 32;
const TLV_HEADER = 4;
/** Codes that say a depth of the stack. */
const CODES_WITH_DEPTH = [3, 4, 8, 10, 11, 12];
const unknown = () => 'unknown';

function lspPing(d: Dissector, at: number, length: number): void {
  d.protocol = 'lspping';
  if (length < HEADER) return d.put('\n\t\t packet is too short');
  d.need(at, HEADER);
  const version = d.be16(at);
  if (version !== 1) return d.put(`LSP-PING version ${version} packet not supported`);
  const type = d.u8(at + 4);
  if (d.options.verbose === 0)
    return d.put(`LSP-PINGv${version}, ${word(messageWords, type, (n) => `unknown (${n})`)}, seq ${d.be32(at + 12)}, length: ${length}`);
  header(d, at, length, type);
  let left = length - HEADER;
  for (let tlv = at + HEADER; left !== 0; ) {
    if (left < TLV_HEADER) return d.put('\n\t\t packet is too short');
    const kind = d.be16(tlv);
    let size = d.be16(tlv + 2);
    d.put(`\n\t  ${word(tlvWords, kind, () => 'Unknown')} TLV (${kind}), length: ${size}`);
    if (size !== 0) {
      if (left < size + TLV_HEADER) return d.put('\n\t\t packet is too short');
      d.need(tlv + TLV_HEADER, size);
      const shown = part(d, kind, tlv + TLV_HEADER, size);
      if (shown === 'end') return;
      if (d.options.verbose > 1 || shown === 'dump') d.unknown(tlv + TLV_HEADER, '\n\t    ', size);
      size = (size + 3) & ~3;
      if (left < size + TLV_HEADER) return d.put('\n\t\t packet is too short');
    }
    tlv += size + TLV_HEADER;
    left -= size + TLV_HEADER;
  }
}

function header(d: Dissector, at: number, length: number, type: number): void {
  const [mode, code, subcode] = [d.u8(at + 5), d.u8(at + 6), d.u8(at + 7)];
  d.put(`\n\tLSP-PINGv${d.be16(at)}, msg-type: ${word(messageWords, type, unknown)} (${type}), length: ${length}`);
  d.put(`\n\t  reply-mode: ${word(replyModeWords, mode, unknown)} (${mode})`);
  d.put(`\n\t  Return Code: ${word(returnCodeWords, code, unknown)} ${CODES_WITH_DEPTH.includes(code) ? `${subcode} ` : ''}(${code})`);
  d.put(`\n\t  Return Subcode: (${subcode})`);
  d.put(`\n\t  Sender Handle: ${hex0x(d.be32(at + 8), 8)}, Sequence: ${d.be32(at + 12)}`);
  d.put(`\n\t  Sender Timestamp: ${ntpTimestamp(d, at + 16)} `);
  d.put(`Receiver Timestamp: ${d.be64(at + 24) === 0n ? 'no timestamp' : ntpTimestamp(d, at + 24)}`);
}

type Shown = 'done' | 'dump' | 'end';
const tooShort = (d: Dissector): Shown => {
  d.put('\n\t      TLV is too short');
  return 'dump';
};

function part(d: Dissector, kind: number, at: number, length: number): Shown {
  switch (kind) {
    case 1:
      return targetFec(d, at, length);
    case 2:
      return downstream(d, at, length);
    case 5: {
      if (length < 4) return tooShort(d);
      const vendor = d.be32(at);
      d.put(`\n\t    Vendor: ${word(enterpriseWords, vendor, () => 'Unknown')} (${hex0x(vendor, 4)})`);
      return 'done';
    }
    case 15:
      if (length < 4) return tooShort(d);
      d.put(`\n\t    BFD Discriminator ${hex0x(d.be32(at), 8)}`);
      return 'done';
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', length);
      return 'done';
  }
}

/** What a forwarding equivalence class is of: the length it must have, and its text. */
const classes: Readonly<Record<number, readonly [length: number, text: (d: Dissector, at: number) => string]>> = {
  1: [5, (d, at) => `${d.ip(at)}/${d.u8(at + 4)}`],
  2: [17, (d, at) => `${d.ip6(at)}/${d.u8(at + 16)}`],
  3: [
    20,
    (d, at) =>
      `tunnel end-point ${d.ip(at)}, tunnel sender ${d.ip(at + 12)}, lsp-id ${hex0x(d.be16(at + 18), 4)}\n\t      tunnel-id ${hex0x(d.be16(at + 6), 4)}, extended tunnel-id ${d.ip(at + 8)}`,
  ],
  4: [
    56,
    (d, at) =>
      `tunnel end-point ${d.ip6(at)}, tunnel sender ${d.ip6(at + 36)}, lsp-id ${hex0x(d.be16(at + 54), 4)}\n\t      tunnel-id ${hex0x(d.be16(at + 18), 4)}, extended tunnel-id ${d.ip6(at + 20)}`,
  ],
  6: [13, (d, at) => `RD: ${routeDistinguisher(d, at)}, ${d.ip(at + 8)}/${d.u8(at + 12)}`],
  7: [25, (d, at) => `RD: ${routeDistinguisher(d, at)}, ${d.ip6(at + 8)}/${d.u8(at + 24)}`],
  8: [
    14,
    (d, at) =>
      `RD: ${routeDistinguisher(d, at)}, Sender VE ID: ${d.be16(at + 8)}, Receiver VE ID: ${d.be16(at + 10)}\n\t      Encapsulation Type: ${word(encapsulationWords, d.be16(at + 12), unknown)} (${d.be16(at + 12)})`,
  ],
  9: [10, (d, at) => `Remote PE: ${d.ip(at)}\n\t      ${pseudowire(d, at + 4)}`],
  10: [14, (d, at) => `Sender PE: ${d.ip(at)}, Remote PE: ${d.ip(at + 4)}\n\t      ${pseudowire(d, at + 8)}`],
  12: [5, (d, at) => `${d.ip(at)}/${d.u8(at + 4)}`],
  13: [17, (d, at) => `${d.ip6(at)}/${d.u8(at + 16)}`],
};

const pseudowire = (d: Dissector, at: number) =>
  `PW ID: ${hex0x(d.be32(at), 8)}, PW Type: ${word(encapsulationWords, d.be16(at + 4), unknown)} (${d.be16(at + 4)})`;

function targetFec(d: Dissector, from: number, length: number): Shown {
  let left = length;
  for (let at = from; left !== 0; ) {
    if (left < TLV_HEADER) return tooShort(d);
    const kind = d.be16(at);
    let size = d.be16(at + 2);
    const body = at + TLV_HEADER;
    if (left < size + TLV_HEADER) return tooShort(d);
    d.need(body, size);
    d.put(`\n\t    ${word(fecWords, kind, () => 'Unknown')} subTLV (${kind}), length: ${size}`);
    const known = classes[kind];
    const fits = known?.[0] === size;
    if (known !== undefined) d.put(`\n\t      ${fits ? known[1](d, body) : `invalid subTLV length, should be ${known[0]}`}`);
    if (d.options.verbose > 1 || !fits) d.unknown(body, '\n\t      ', size);
    size = (size + 3) & ~3;
    if (left < size + TLV_HEADER) {
      d.put('\n\t\t TLV is too short');
      return 'end';
    }
    // As tcpdump: the header of a class counts, but is not passed over.
    at += size;
    left -= size + TLV_HEADER;
  }
  return 'done';
}

/** Bytes of the address and the interface by kind of address. */
const downstreamSizes: Readonly<Record<number, number>> = { 1: 8, 2: 8, 3: 32, 4: 20 };

function downstream(d: Dissector, at: number, length: number): Shown {
  if (length < 4) return tooShort(d);
  const kind = d.u8(at + 2);
  d.put(`\n\t    MTU: ${d.be16(at)}, Address-Type: ${word(downstreamWords, kind, unknown)} (${kind})`);
  const size = downstreamSizes[kind];
  let left = length;
  if (size !== undefined) {
    if (length < 4 + size) return tooShort(d);
    const wide = kind >= 3;
    const other = at + 4 + (wide ? 16 : 4);
    d.put(`\n\t    Downstream IP: ${wide ? d.ip6(at + 4) : d.ip(at + 4)}`);
    if (kind === 1 || kind === 3) d.put(`\n\t    Downstream Interface IP: ${wide ? d.ip6(other) : d.ip(other)}`);
    else d.put(`\n\t    Downstream Interface Index: ${hex0x(d.be32(other), 8)}`);
    left -= 4 + size;
  }
  return left < 4 ? tooShort(d) : 'dump';
}

export const lspPingPort: PortPrinter = { ports: [3503], print: lspPing };
