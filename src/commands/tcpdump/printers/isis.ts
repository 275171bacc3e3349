// IS-IS, ISO 10589 and RFC 1195: what all its packets begin with; what follows is in isis-tlvs.ts.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { isisId } from './isis-id.js';
import { isisTlvs } from './isis-tlvs.js';
import { showOsiChecksum } from './osi-checksum.js';

const COMMON = 8;
const L1_LAN_HELLO = 15;
const L2_LAN_HELLO = 16;
const POINT_HELLO = 17;
const L1_LSP = 18;
const L2_LSP = 20;
const L1_CSNP = 24;
const L2_CSNP = 25;
const L1_PSNP = 26;
const L2_PSNP = 27;

const typeWords: Words = {
  [L1_LAN_HELLO]: 'L1 Lan IIH',
  [L2_LAN_HELLO]: 'L2 Lan IIH',
  [POINT_HELLO]: 'p2p IIH',
  [L1_LSP]: 'L1 LSP',
  [L2_LSP]: 'L2 LSP',
  [L1_CSNP]: 'L1 CSNP',
  [L2_CSNP]: 'L2 CSNP',
  [L1_PSNP]: 'L1 PSNP',
  [L2_PSNP]: 'L2 PSNP',
};
/** Length of the header, by type. */
const headers: Readonly<Record<number, number>> = {
  [L1_LAN_HELLO]: 27,
  [L2_LAN_HELLO]: 27,
  [POINT_HELLO]: 20,
  [L1_LSP]: 27,
  [L2_LSP]: 27,
  [L1_CSNP]: 33,
  [L2_CSNP]: 33,
  [L1_PSNP]: 17,
  [L2_PSNP]: 17,
};
const circuitWords: Words = { 0: 'unknown circuit type 0x00', 1: 'Level 1 only', 2: 'Level 2 only', 3: 'Level 1, Level 2' };
const levelWords = ['Unused 0x0 (invalid)', 'L1 IS', 'Unused 0x2 (invalid)', 'L2 IS'] as const;
const attachedBits: Bits = [
  [0x08, 'default'],
  [0x10, 'delay'],
  [0x20, 'expense'],
  [0x40, 'error'],
];

/** False: it cannot be shown, and its bytes are. */
export function isis(d: Dissector, at: number, length: number): boolean {
  d.protocol = 'isis';
  d.need(at, COMMON);
  if (!d.options.linkLayer) d.put('IS-IS');
  const fixed = d.u8(at + 1);
  const version = d.u8(at + 2);
  const idLength = d.u8(at + 3);
  const type = d.u8(at + 4);
  const pduVersion = d.u8(at + 5);
  const areas = d.u8(at + 7);
  const fault = (text: string) => {
    d.put(text);
    return false;
  };
  if (version !== 1) return fault(`version ${version} packet not supported`);
  if (idLength !== 0 && idLength !== 6) return fault(`system ID length of ${idLength} is not supported`);
  if (pduVersion !== 1) return fault(`version ${pduVersion} packet not supported`);
  if (length < fixed) return fault(`fixed header length ${fixed} > packet length ${length}`);
  if (fixed < COMMON) return fault(`fixed header length ${fixed} < minimum header size ${COMMON}`);
  if (areas === 255) return fault('bad packet -- 255 areas');
  const name = word(typeWords, type, (n) => `unknown PDU-Type ${n}`);
  const body = at + COMMON;
  const separator = d.options.linkLayer ? '' : ', ';
  if (d.options.verbose === 0) {
    d.put(`${separator}${name}`);
    return brief(d, type, body, length);
  }
  d.put(`${separator}length ${length}`);
  d.put(`\n\t${word(typeWords, type, (n) => `unknown, type ${n}`)}, hlen: ${fixed}, v: ${version}, pdu-v: ${pduVersion}`);
  d.put(`, sys-id-len: ${idLength === 0 ? 6 : idLength} (${idLength}), max-area: ${areas === 0 ? 3 : areas} (${areas})`);
  if (d.options.verbose > 1) d.unknown(at, '\n\t', COMMON);
  return whole(d, type, at, body, fixed, length);
}

function brief(d: Dissector, type: number, at: number, length: number): boolean {
  switch (type) {
    case L1_LAN_HELLO:
    case L2_LAN_HELLO:
      d.put(`, src-id ${isisId(d, at + 1, 6)}`);
      d.put(`, lan-id ${isisId(d, at + 12, 7)}`);
      d.put(`, prio ${d.u8(at + 11)}`);
      break;
    case POINT_HELLO:
      d.put(`, src-id ${isisId(d, at + 1, 6)}`);
      break;
    case L1_LSP:
    case L2_LSP:
      d.put(`, lsp-id ${isisId(d, at + 4, 8)}, seq ${hex0x(d.be32(at + 12), 8)}`);
      d.put(`, lifetime ${String(d.be16(at + 2)).padStart(5)}s`);
      break;
    case L1_CSNP:
    case L2_CSNP:
    case L1_PSNP:
    case L2_PSNP:
      d.put(`, src-id ${isisId(d, at + 2, 7)}`);
      break;
  }
  d.put(`, length ${length}`);
  return true;
}

function whole(d: Dissector, type: number, at: number, body: number, fixed: number, length: number): boolean {
  const wanted = headers[type];
  if (wanted === undefined) {
    d.unknown(body, '\n\t  ', length - COMMON);
    return false;
  }
  if (fixed !== wanted) {
    const isPsnp = type === L1_PSNP || type === L2_PSNP;
    const isLsp = type === L1_LSP || type === L2_LSP;
    d.put(`${isPsnp ? '-' : ','} bogus fixed header length ${fixed} should be ${isLsp ? wanted - COMMON : wanted}`);
    return false;
  }
  d.need(at, fixed);
  let declared: number;
  switch (type) {
    case L1_LAN_HELLO:
    case L2_LAN_HELLO:
      declared = d.be16(body + 9);
      d.put(`\n\t  source-id: ${isisId(d, body + 1, 6)},  holding time: ${d.be16(body + 7)}s, Flags: [${circuit(d, body)}]`);
      d.put(`\n\t  lan-id:    ${isisId(d, body + 12, 7)}, Priority: ${d.u8(body + 11) & 0x7f}, PDU length: ${declared}`);
      break;
    case POINT_HELLO:
      declared = d.be16(body + 9);
      d.put(`\n\t  source-id: ${isisId(d, body + 1, 6)}, holding time: ${d.be16(body + 7)}s, Flags: [${circuit(d, body)}]`);
      d.put(`\n\t  circuit-id: ${hex0x(d.u8(body + 11), 2)}, PDU length: ${declared}`);
      break;
    case L1_LSP:
    case L2_LSP:
      declared = lsp(d, body, length);
      break;
    case L1_CSNP:
    case L2_CSNP:
      declared = d.be16(body);
      d.put(`\n\t  source-id:    ${isisId(d, body + 2, 7)}, PDU length: ${declared}`);
      d.put(`\n\t  start lsp-id: ${isisId(d, body + 9, 8)}`);
      d.put(`\n\t  end lsp-id:   ${isisId(d, body + 17, 8)}`);
      break;
    default:
      declared = d.be16(body);
      d.put(`\n\t  source-id:    ${isisId(d, body + 2, 7)}, PDU length: ${declared}`);
  }
  if (d.options.verbose > 1) d.unknown(body, '\n\t  ', fixed - COMMON);
  if (declared < fixed) {
    d.put(` [packet length ${declared} < ${fixed}]`);
    d.invalid();
    return true;
  }
  isisTlvs(d, at + fixed, declared - fixed, at + length);
  return true;
}

const circuit = (d: Dissector, at: number) => word(circuitWords, d.u8(at), (n) => `unknown circuit type ${hex0x(n, 2)}`);

function lsp(d: Dissector, at: number, length: number): number {
  const declared = d.be16(at);
  const lifetime = d.be16(at + 2);
  d.put(`\n\t  lsp-id: ${isisId(d, at + 4, 8)}, seq: ${hex0x(d.be32(at + 12), 8)}, lifetime: ${String(lifetime).padStart(5)}s`);
  const field = d.be16(at + 16);
  d.put(`\n\t  chksum: ${hex0x(field, 4)}`);
  // The lifetime changes on the way, and is not summed up.
  showOsiChecksum(d, field, at + 4, 12, Math.min(declared, length) - 12);
  d.put(`, PDU length: ${declared}, Flags: [ `);
  const flags = d.u8(at + 18);
  if ((flags & 0x04) !== 0) d.put('Overload bit set, ');
  const attached = bits(attachedBits, flags, '', ' ');
  if (attached !== '') d.put(`${attached} ATT bit set, `);
  if ((flags & 0x80) !== 0) d.put('P bit set, ');
  d.put(`${levelWords[flags & 3]} ]`);
  return declared;
}
