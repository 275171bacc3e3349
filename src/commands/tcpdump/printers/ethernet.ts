// Ethernet, IEEE 802.3, and tags of 802.1Q and 802.1ad.
import type { Dissector } from '../dissector.js';
import { ethertypeWords, MAXIMUM_LENGTH } from '../ethertypes.js';
import { hex0x } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 14;
const TAG = 4;
const TYPE_JUMBO = 0x8870;
export const isTag = (type: number) => type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;

/** "vlan 5, p 0, DEI" */
export const tagText = (tci: number) => `vlan ${tci & 0xfff}, p ${tci >>> 13}${(tci & 0x1000) === 0 ? '' : ', DEI'}`;

export function ethertypeText(d: Dissector, type: number): string {
  if (d.options.quiet > 0) return ethertypeWords[type] ?? `Unknown Ethertype (${hex0x(type, 4)})`;
  return `ethertype ${ethertypeWords[type] ?? 'Unknown'} (${hex0x(type, 4)})`;
}

/** The payload of an EtherType; false: nothing knows it. */
export function printEthertype(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): boolean {
  const printer = d.registry.ethertypes.get(type);
  if (printer === undefined) return false;
  printer.print(d, at, length, captured, { source, destination });
  return true;
}

/** Prints a frame; returns how long its header was, tags included. */
export function ethernet(d: Dissector, frame: number, frameLength: number, frameCaptured: number): number {
  d.protocol = 'ether';
  d.enter();
  if (frameLength < frameCaptured) {
    d.put(`[length ${frameLength} < caplen ${frameCaptured}]`);
    d.invalid();
    return frameLength;
  }
  if (frameCaptured < HEADER) {
    d.truncated();
    return frameCaptured;
  }
  const source = frame + 6;
  const addresses = () => `${d.mac(source)} > ${d.mac(frame)}, `;
  if (d.options.linkLayer) d.put(addresses());
  let type = d.be16(frame + 12);
  let at = frame + HEADER;
  let length = frameLength - HEADER;
  let captured = frameCaptured - HEADER;
  let lengthShown = false;
  while (isTag(type)) {
    if (captured < TAG || length < TAG) {
      d.protocol = 'vlan';
      d.truncated();
      return at - frame + Math.min(captured, length);
    }
    if (d.options.linkLayer) {
      d.put(`${ethertypeText(d, type)}${lengthShown ? ', ' : `, length ${frameLength}: `}${tagText(d.be16(at))}, `);
      lengthShown = true;
    }
    type = d.be16(at + 2);
    at += TAG;
    length -= TAG;
    captured -= TAG;
  }
  if (type <= MAXIMUM_LENGTH) {
    if (type < length) {
      length = type;
      captured = Math.min(captured, length);
    }
    const end = d.cut(at, length);
    if (d.options.linkLayer) d.put(lengthShown ? '802.3' : `802.3, length ${length}: `);
    const header = printLlc(d, at, length, captured, frame);
    d.end = end;
    return at - frame + header;
  }
  if (type === TYPE_JUMBO) return at - frame + printLlc(d, at, length, captured, frame);
  if (d.options.linkLayer) d.put(`${ethertypeText(d, type)}${lengthShown ? ', ' : `, length ${frameLength}: `}`);
  if (!printEthertype(d, type, at, length, captured, source, frame)) {
    if (!d.options.linkLayer) d.put(`${addresses()}${ethertypeText(d, type)}, length ${frameLength}: `);
    d.dump(at, captured);
  }
  return at - frame;
}

function printLlc(d: Dissector, at: number, length: number, captured: number, frame: number): number {
  const header = d.registry.llc(d, at, length, captured, { source: frame + 6, destination: frame });
  if (header >= 0) return header;
  d.dump(at, captured);
  return -header;
}

export const ethernetLink: LinkPrinter = { types: [1], print: ethernet };

/** Frames behind a pseudo-header of a capturing card. */
export const netAnalyzerLink: LinkPrinter = {
  types: [240, 241],
  print(d, at, length, captured) {
    d.protocol = 'netanalyzer';
    const skip = 4;
    d.need(at, skip);
    return skip + ethernet(d, at + skip, length - skip, captured - skip);
  },
};
