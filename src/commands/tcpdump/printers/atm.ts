// ATM: cells' adaptation layer behind LLC (RFC 2684), signalling, and operation and maintenance cells (ITU-T I.610).
import type { Dissector } from '../dissector.js';
import { hex, hex0x, type Words, word } from '../words.js';
import { lane } from './lane.js';
import type { LinkPrinter } from './registry-types.js';

const flowWords: Words = {
  3: 'OAM F4 (segment)',
  4: 'OAM F4 (end)',
};

const payloadWords: Words = {
  0: 'user data, uncongested, SDU 0',
  1: 'user data, uncongested, SDU 1',
  2: 'user data, congested, SDU 0',
  3: 'user data, congested, SDU 1',
  4: 'VCC OAM F5 flow segment',
  5: 'VCC OAM F5 flow end-to-end',
  6: 'Traffic Control and resource Mgmt',
};

const cellWords: Words = {
  1: 'Fault Management',
  2: 'Performance Management',
  8: 'activate/deactivate',
  15: 'System Management',
};

const faultWords: Words = {
  0: 'AIS',
  1: 'RDI',
  4: 'Continuity Check',
  8: 'Loopback',
};

const performanceWords: Words = {
  0: 'Forward Monitoring',
  1: 'Backward Reporting',
  2: 'Monitoring and Reporting',
};

const activationWords: Words = {
  0: 'Performance Monitoring',
  1: 'Continuity Check',
};

const loopbackWords: Words = {
  0: 'Reply',
  1: 'Request',
};

const signalWords: Words = {
  2: 'Call_proceeding',
  7: 'Connect',
  15: 'Connect_ack',
  5: 'Setup',
  77: 'Release',
  90: 'Release_complete',
  70: 'Restart',
  78: 'Restart_ack',
  125: 'Status',
  117: 'Status_enquiry',
  128: 'Add_party',
  129: 'Add_party_ack',
  130: 'Add_party_reject',
  131: 'Drop_party',
  132: 'Drop_party_ack',
};

const functionWords: Readonly<Record<number, Words>> = { 1: faultWords, 2: performanceWords, 8: activationWords };
const UI = 0x03;
/** What LLC's headers of SNAP, OSI and IP begin with. */
const llcHeads = [0xaaaa03, 0xfefe03, 0x060603];

function llc(d: Dissector, at: number, length: number, captured: number): number {
  const header = d.registry.llc(d, at, length, captured, { source: -1, destination: -1 });
  if (header < 0) d.dump(at, captured);
  return Math.abs(header);
}

function rfc1483(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'atm';
  if (d.u8(at) === UI) {
    if (d.options.linkLayer) d.put('CNLPID ');
    d.registry.isoclns(d, at + 1, length - 1);
    return 1;
  }
  if (llcHeads.includes(d.be24(at))) return llc(d, at, length, captured);
  if (d.options.linkLayer) d.put(`${d.hexOf(at, 8)} ${d.hexOf(at + 8, 8)} `);
  d.need(at, 20);
  return 20 + llc(d, at + 20, length - 20, captured - 20);
}

/** A packet of a virtual channel; `emulated`: of LAN emulation. */
export function atm(d: Dissector, path: number, channel: number, emulated: boolean, at: number, length: number, captured: number): void {
  d.protocol = 'atm';
  if (d.options.linkLayer) d.put(`VPI:${path} VCI:${channel} `);
  if (path === 0) {
    switch (channel) {
      case 5:
        return signalling(d, at);
      case 2:
        return d.put('broadcast sig: ');
      case 3:
      case 4:
        return oam(d, at, length, 1);
      case 1:
        return d.put('meta: ');
      case 16:
        d.put('ilmi: ');
        d.registry.udp
          .find(({ type }) => type === 'snmp')
          ?.print(d, at, length, {
            version: 4,
            header: at,
            fragmented: false,
            hops: 0,
            sourcePort: 0,
            destinationPort: 0,
          });
        return;
    }
  }
  if (emulated) lane(d, at, length, captured);
  else llc(d, at, length, captured);
}

function signalling(d: Dissector, at: number): void {
  if (d.u8(at) !== 9) return d.put(`SSCOP, proto ${d.u8(at)} `);
  d.put('Q.2931');
  d.put(`:${word(signalWords, d.u8(at + 5), (n) => `msgtype#${n}`)} CALL_REF:${hex0x(d.be24(at + 2), 6)}`);
}

/** A cell of operation and maintenance; `check`: bytes of the header's check behind the first four. */
export function oam(d: Dissector, start: number, length: number, check: 0 | 1): void {
  d.protocol = 'oam';
  const header = d.be32(start + check);
  const at = start + 4 + check;
  const [cell, kind] = [d.u8(at) >>> 4, d.u8(at) & 0xf];
  const channel = (header >>> 4) & 0xffff;
  d.put(`${word(flowWords, channel, () => 'OAM F5')}, vpi ${(header >>> 20) & 0xff}, vci ${channel}`);
  d.put(`, payload [ ${word(payloadWords, (header >>> 1) & 7, () => 'Unknown')} ], clp ${header & 1}, length ${length}`);
  if (d.options.verbose === 0) return;
  d.put(`\n\tcell-type ${word(cellWords, cell, () => 'unknown')} (${cell})`);
  const functions = functionWords[cell];
  d.put(`, func-type ${functions === undefined ? 'unknown' : word(functions, kind, () => 'none')} (${kind})`);
  /** As tcpdump: words from odd offsets on, that overlap. */
  const words = (from: number, size: number) => {
    let text = '';
    for (let i = 1; i < size; i += 2) text += `${hex(d.be16(from + i), 4)} `;
    return text;
  };
  if (cell === 1 && kind === 8) {
    d.need(at + 1, 45);
    d.put(`\n\tLoopback-Indicator ${word(loopbackWords, d.u8(at + 1) & 1, () => 'Unknown')}, Correlation-Tag ${hex0x(d.be32(at + 2), 8)}`);
    d.put(`\n\tLocation-ID ${words(at + 6, 12)}\n\tSource-ID   ${words(at + 18, 12)}`);
  } else if (cell === 1 && kind <= 1) {
    d.need(at + 1, 45);
    d.put(`\n\tFailure-type ${hex0x(d.u8(at + 1), 2)}\n\tLocation-ID ${words(at + 2, 16)}`);
  }
  const sum = d.be16(at + 46) & 0x3ff;
  d.put(`\n\tcksum ${hex0x(sum, 3)} (${crc10(d, at, 48) === 0 ? '' : 'in'}correct)`);
}

/** CRC-10 of ITU-T I.610, x^10+x^9+x^5+x^4+x+1. */
function crc10(d: Dissector, at: number, count: number): number {
  let crc = 0;
  for (let i = 0; i < count; i++) {
    crc ^= d.u8(at + i) << 2;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x200) === 0 ? crc << 1 : (crc << 1) ^ 0x633;
    crc &= 0x3ff;
  }
  return crc;
}

/** SunATM's four bytes in front of a packet say what it is. */
function sunAtm(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'sunatm';
  if (d.options.linkLayer) d.put((d.u8(at) & 0x80) === 0 ? 'Rx: ' : 'Tx: ');
  const kind = d.u8(at) & 0x0f;
  // 1: LAN emulation; 2: LLC.
  atm(d, d.u8(at + 1), d.be16(at + 2), kind === 1, at + 4, length - 4, captured - 4);
  return 4;
}

export const atmLinks: readonly LinkPrinter[] = [
  { types: [11], print: rfc1483 },
  { types: [123], print: sunAtm },
  {
    types: [19],
    print(d, at, length, captured) {
      // Linux' classical IP: with LLC and SNAP, or IP alone.
      d.protocol = 'cip';
      if (d.options.linkLayer) d.put(`${length}: `);
      if (d.hexOf(at, 6) === 'aaaa03000000') return llc(d, at, length, captured);
      d.registry.ip(d, at, length);
      return 0;
    },
  },
];
