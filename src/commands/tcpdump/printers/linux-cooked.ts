// What Linux shows of packets of any device: LINUX_SLL and LINUX_SLL2.
import type { Dissector } from '../dissector.js';
import { ethertypeWords, MAXIMUM_LENGTH, TYPE_8021Q } from '../ethertypes.js';
import { hex0x, type Words, word } from '../words.js';
import { printEthertype, tagText } from './ethernet.js';
import { ipx } from './ipx.js';
import type { LinkPrinter } from './registry-types.js';

const SLL_HEADER = 16;
const SLL2_HEADER = 20;
const MAC = 6;
const NOVELL = 0x0001;
const LLC = 0x0004;

const packetWords: Words = { 0: 'In', 1: 'B', 2: 'M', 3: 'P', 4: 'Out' };

function protocolText(d: Dissector, type: number, length: number): string {
  if (d.options.quiet > 0) return '';
  const name =
    type > MAXIMUM_LENGTH
      ? `ethertype ${word(ethertypeWords, type, () => 'Unknown')} (${hex0x(type, 4)})`
      : type === NOVELL
        ? '802.3'
        : type === LLC
          ? '802.2'
          : `ethertype Unknown (${hex0x(type, 4)})`;
  return `${name}, length ${length}: `;
}

/** What follows the cooked header; returns how long further headers were. `describe` shows the header where nothing knows the payload. */
function payload(
  d: Dissector,
  firstType: number,
  from: number,
  givenLength: number,
  givenCaptured: number,
  describe: (length: number) => void,
): number {
  let type = firstType;
  let at = from;
  let length = givenLength;
  let captured = givenCaptured;
  while (type === TYPE_8021Q) {
    if (captured < 4) {
      d.protocol = 'vlan';
      d.truncated();
      return at - from + captured;
    }
    if (d.options.linkLayer) d.put(`${tagText(d.be16(at))}, `);
    type = d.be16(at + 2);
    if (type <= MAXIMUM_LENGTH) type = LLC;
    if (d.options.quiet === 0) d.put(`ethertype ${word(ethertypeWords, type, () => 'Unknown')}, `);
    at += 4;
    length -= 4;
    captured -= 4;
  }
  if (type > MAXIMUM_LENGTH) {
    if (!printEthertype(d, type, at, length, captured, -1, -1)) {
      if (!d.options.linkLayer) describe(length);
      d.dump(at, captured);
    }
    return at - from;
  }
  if (type === NOVELL) {
    ipx(d, at, length);
    return at - from;
  }
  if (type === LLC) {
    const header = d.registry.llc(d, at, length, captured, { source: -1, destination: -1 });
    if (header >= 0) return at - from + header;
  }
  d.dump(at, captured);
  return at - from;
}

export const sllLink: LinkPrinter = {
  types: [113],
  print(d, at, length, captured) {
    d.protocol = 'sll';
    d.need(at, SLL_HEADER);
    const type = d.be16(at + 14);
    const describe = (bytes: number) => {
      d.protocol = 'sll';
      d.put(`${word(packetWords, d.be16(at), () => '?').padStart(3)} `);
      if (d.be16(at + 4) === MAC) d.put(`${d.mac(at + 6)} `);
      d.put(protocolText(d, type, bytes));
    };
    if (d.options.linkLayer) describe(length);
    const further = payload(d, type, at + SLL_HEADER, length - SLL_HEADER, captured - SLL_HEADER, (bytes) => describe(bytes + SLL_HEADER));
    return SLL_HEADER + further;
  },
};

export const sll2Link: LinkPrinter = {
  types: [276],
  print(d, at, length, captured) {
    d.protocol = 'sll2';
    d.need(at, SLL2_HEADER);
    const type = d.be16(at);
    const ifindex = d.be32(at + 4);
    d.put(`${(d.names.deviceNames.get(ifindex) ?? '?').padEnd(5)} ${word(packetWords, d.u8(at + 10), () => '?').padEnd(3)} `);
    const describe = (bytes: number) => {
      d.protocol = 'sll2';
      d.put(`ifindex ${ifindex} `);
      if (d.u8(at + 11) === MAC) d.put(`${d.mac(at + 12)} `);
      d.put(protocolText(d, type, bytes));
    };
    if (d.options.linkLayer) describe(length);
    const further = payload(d, type, at + SLL2_HEADER, length - SLL2_HEADER, captured - SLL2_HEADER, (bytes) =>
      describe(bytes + SLL2_HEADER),
    );
    return SLL2_HEADER + further;
  },
};
