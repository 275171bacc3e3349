// Logical link control, IEEE 802.2, and SNAP.
import type { Dissector, LinkAddresses } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { organisations } from '../names.js';
import { hex, hex0x, type Words, word } from '../words.js';
import { cdp } from './cdp.js';
import { dtp, udld } from './cisco.js';
import { printEthertype } from './ethernet.js';
import { ipx } from './ipx.js';
import type { FramePrinter, Printer } from './registry-types.js';
import { stp } from './stp.js';
import { vtp } from './vtp.js';

const UNNUMBERED = 3;
const SUPERVISORY = 1;
const RESPONSE = 1;
const GROUP = 1;
const UNNUMBERED_INFORMATION = 0x03;
const XID = 0xaf;
const XID_FORMAT = 0x81;
const SAP_GLOBAL = 0xff;
const SAP_STP = 0x42;
const SAP_SNAP = 0xaa;
const SAP_IP = 0x06;
const SAP_IPX = 0xe0;
const SAP_OSI = 0xfe;

const sapWords: Words = {
  0x00: 'Null',
  0xff: 'Global',
  0x02: '802.1B I',
  0x03: '802.1B G',
  0x06: 'IP',
  0x04: 'SNA',
  0x0e: 'ProWay NM',
  0x42: 'STP',
  0x4e: 'RS511',
  0x7e: 'ISO8208',
  0x8e: 'ProWay',
  0xaa: 'SNAP',
  0xe0: 'IPX',
  0xf0: 'NetBeui',
  0xfe: 'OSI',
};
const commandWords: Words = {
  0x03: 'ui',
  0xe3: 'test',
  0xaf: 'xid',
  0x63: 'ua',
  0x43: 'disc',
  0x0f: 'dm',
  0x6f: 'sabme',
  0x87: 'frmr',
};
const flagWords: Words = { 0: 'Command', 1: 'Response', 0x10: 'Poll', 0x11: 'Final', 0x100: 'Poll', 0x101: 'Final' };
const supervisoryWords: Words = { 0: 'Receiver Ready', 1: 'Receiver not Ready', 2: 'Reject' };
const ciscoWords: Words = { 0x2000: 'CDP', 0x2003: 'VTP', 0x2004: 'DTP', 0x0111: 'UDLD', 0x010b: 'PVST', 0x010c: 'VLAN Bridge' };
const bridgedWords: Words = {
  1: 'Ethernet + FCS',
  7: 'Ethernet w/o FCS',
  2: '802.4 + FCS',
  8: '802.4 w/o FCS',
  3: 'Token Ring + FCS',
  9: 'Token Ring w/o FCS',
  4: 'FDDI + FCS',
  10: 'FDDI w/o FCS',
  5: '802.6 + FCS',
  11: '802.6 w/o FCS',
  14: 'BPDU',
};

const unknown = () => 'Unknown';

/** How long the header was; negative: nothing knows what follows it. */
export const llc: FramePrinter = (d, at, length, captured, addresses) => {
  d.protocol = 'llc';
  const tooShort = (least: number) => {
    if (captured >= least && length >= least) return false;
    d.truncated();
    d.hexAndAscii('\n\t', at, captured);
    return true;
  };
  if (tooShort(3)) return Math.min(captured, length);
  const dsapField = d.u8(at);
  const ssapField = d.u8(at + 1);
  const isUnnumbered = (d.u8(at + 2) & UNNUMBERED) === UNNUMBERED;
  if (!isUnnumbered && tooShort(4)) return Math.min(captured, length);
  const control = isUnnumbered ? d.u8(at + 2) : d.le16(at + 2);
  const header = isUnnumbered ? 3 : 4;
  const { linkLayer } = d.options;
  if (ssapField === SAP_GLOBAL && dsapField === SAP_GLOBAL) {
    if (linkLayer) d.put('IPX 802.3: ');
    ipx(d, at, length);
    return 0;
  }
  const dsap = dsapField & ~GROUP;
  const ssap = ssapField & ~RESPONSE;
  if (linkLayer) {
    d.put(`LLC, dsap ${word(sapWords, dsap, unknown)} (${hex0x(dsap, 2)}) ${(dsapField & GROUP) === 0 ? 'Individual' : 'Group'}`);
    d.put(`, ssap ${word(sapWords, ssap, unknown)} (${hex0x(ssap, 2)}) ${flagWords[ssapField & RESPONSE]}`);
    d.put(`, ctrl ${hex0x(control, isUnnumbered ? 2 : 4)}: `);
  }
  const body = at + header;
  const left = length - header;
  const capturedLeft = captured - header;
  if (ssap === dsap && control === UNNUMBERED_INFORMATION) {
    if (ssap === SAP_SNAP) return snap(d, body, left, capturedLeft, addresses) ? header + 5 : -(header + 5);
    const known = saps[ssap];
    if (known !== undefined) {
      if (ssap === SAP_IPX && linkLayer) d.put('IPX 802.2: ');
      known(d, body, left);
      return header;
    }
  }
  if (!linkLayer) {
    const to = word(sapWords, dsap, (n) => `Unknown DSAP ${hex0x(n, 2)}`);
    const from = word(sapWords, ssap, (n) => `Unknown SSAP ${hex0x(n, 2)}`);
    if (addresses.source < 0) d.put(ssap === dsap ? `${to} ` : `${from} > ${to} `);
    else {
      const [source, destination] = [d.mac(addresses.source), d.mac(addresses.destination)];
      d.put(ssap === dsap ? `${source} > ${destination} ${to} ` : `${source} ${from} > ${destination} ${to} `);
    }
  }
  return describe(d, control, isUnnumbered, ssapField, body, left, capturedLeft, header);
};

function describe(
  d: Dissector,
  control: number,
  isUnnumbered: boolean,
  ssapField: number,
  at: number,
  left: number,
  captured: number,
  header: number,
): number {
  const flags = (poll: number) => word(flagWords, (ssapField & RESPONSE) | (control & poll), () => '?');
  const total = left + header;
  if (isUnnumbered) {
    d.put(`Unnumbered, ${word(commandWords, control & 0xef, (n) => hex(n, 2))}, Flags [${flags(0x10)}], length ${total}`);
    if ((control & ~0x10) !== XID) return -header;
    if (left === 0) return header;
    if (captured < 1) {
      d.truncated();
      return header;
    }
    if (d.u8(at) !== XID_FORMAT) return -header;
    if (captured < 3 || left < 3) {
      d.truncated();
      d.hexAndAscii('\n\t', at, captured);
    } else d.put(`: ${hex(d.u8(at + 1), 2)} ${hex(d.u8(at + 2), 2)}`);
    return header;
  }
  const received = (control >>> 9) & 0x7f;
  if ((control & SUPERVISORY) === SUPERVISORY) {
    const command = word(supervisoryWords, (control >>> 2) & 3, () => '?');
    d.put(`Supervisory, ${command}, rcv seq ${received}, Flags [${flags(0x100)}], length ${total}`);
    return header;
  }
  d.put(`Information, send seq ${(control >>> 1) & 0x7f}, rcv seq ${received}, Flags [${flags(0x100)}], length ${total}`);
  return -header;
}

const saps: Readonly<Record<number, Printer>> = {
  [SAP_STP]: stp,
  [SAP_IP]: (d, at, length) => d.registry.ip(d, at, length),
  [SAP_IPX]: ipx,
  [SAP_OSI]: (d, at, length) => d.registry.isoclns(d, at, length),
};

/** What an organisation's protocol numbers are called. */
const protocolsOf: Readonly<Record<number, Words>> = {
  0x000000: ethertypeWords,
  0x0000f8: ethertypeWords,
  0x080007: ethertypeWords,
  0x00000c: ciscoWords,
  0x0080c2: bridgedWords,
};

/** False: nothing knows the protocol. `padding`: bytes before a bridged frame. */
export function snap(d: Dissector, at: number, length: number, captured: number, addresses: LinkAddresses, padding = 2): boolean {
  d.protocol = 'snap';
  if (!d.has(at, 5) || captured < 5 || length < 5) {
    d.truncated();
    return true;
  }
  const organisation = d.be24(at);
  const type = d.be16(at + 3);
  const body = at + 5;
  const left = length - 5;
  const organisationText = `oui ${word(organisations, organisation, unknown)} (${hex0x(organisation, 6)})`;
  const protocol = `${word(protocolsOf[organisation] ?? {}, type, unknown)} (${hex0x(type, 4)}), length ${left}: `;
  if (d.options.linkLayer) d.put(`${organisationText}, ${organisation === 0 ? 'ethertype' : 'pid'} ${protocol}`);
  if (snapPayload(d, organisation, type, body, left, captured - 5, addresses, padding)) return true;
  if (!d.options.linkLayer) {
    if (addresses.source >= 0) d.put(`${d.mac(addresses.source)} > ${d.mac(addresses.destination)} `);
    if (organisation === 0) d.put(`SNAP, ethertype ${word(ethertypeWords, type, unknown)} (${hex0x(type, 4)}), length ${left}: `);
    else d.put(`SNAP, ${organisationText}, pid ${protocol}`);
  }
  return false;
}

function snapPayload(
  d: Dissector,
  organisation: number,
  type: number,
  at: number,
  length: number,
  captured: number,
  addresses: LinkAddresses,
  padding: number,
): boolean {
  switch (organisation) {
    case 0x000000:
    case 0x0000f8:
      return printEthertype(d, type, at, length, captured, addresses.source, addresses.destination);
    case 0x080007:
      return type === 0x809b && printEthertype(d, type, at, length, captured, addresses.source, addresses.destination);
    case 0x00000c: {
      const printer = ciscoProtocols[type];
      printer?.(d, at, length);
      return printer !== undefined;
    }
    case 0x0080c2:
      if (type === 1 || type === 7) {
        d.need(at, padding);
        d.registry.ethernet(d, at + padding, length - padding, captured - padding);
        return true;
      }
      if (type !== 14) return false;
      stp(d, at, length);
      return true;
    default:
      return false;
  }
}

const ciscoProtocols: Readonly<Record<number, Printer>> = { 0x2000: cdp, 0x2003: vtp, 0x2004: dtp, 0x0111: udld, 0x010b: stp, 0x010c: stp };
