// Ethernet, IEEE 802.3, and tags of 802.1Q and 802.1ad.
import type { Dissector } from '../dissector.js';
import { ethertypeWords, MAXIMUM_LENGTH } from '../ethertypes.js';
import { hex0x } from '../words.js';
import { arista } from './arista.js';
import { macsec } from './macsec.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 14;
const ADDRESSES = 12;
const TAG = 4;
const TYPE_JUMBO = 0x8870;
const TYPE_MACSEC = 0x88e5;
const TYPE_ARISTA = 0xd28b;
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

/** A tag that a switch puts behind the addresses, where a capture has it. */
export interface SwitchTag {
  readonly length: number;
  print(d: Dissector, at: number): void;
}

/** Prints a frame; returns how long its header was, tags included. */
export function ethernet(d: Dissector, frame: number, frameLength: number, frameCaptured: number, tag?: SwitchTag): number {
  if (tag === undefined) d.protocol = 'ether';
  d.enter();
  if (frameLength < frameCaptured) {
    d.put(`[length ${frameLength} < caplen ${frameCaptured}]`);
    d.invalid();
    return frameLength;
  }
  const tagLength = tag?.length ?? 0;
  if (frameCaptured < HEADER + tagLength) {
    d.truncated();
    return frameCaptured;
  }
  if (d.options.linkLayer) d.put(addressText(d, frame));
  tag?.print(d, frame + ADDRESSES);
  return behindAddresses(d, frame, frameLength, frameCaptured, frame + ADDRESSES + tagLength);
}

const addressText = (d: Dissector, frame: number) => `${d.mac(frame + 6)} > ${d.mac(frame)}, `;

/** What follows the addresses, from the EtherType or length at `typeAt` on. */
function behindAddresses(d: Dissector, frame: number, frameLength: number, frameCaptured: number, typeAt: number): number {
  const source = frame + 6;
  const { linkLayer } = d.options;
  let type = d.be16(typeAt);
  let at = typeAt + 2;
  let length = frameLength - (at - frame);
  let captured = frameCaptured - (at - frame);
  let lengthShown = false;
  if (type === TYPE_MACSEC) {
    if (linkLayer) d.put(`${ethertypeText(d, type)}, length ${frameLength}: `);
    lengthShown = linkLayer;
    const opened = macsec(d, at, length, captured, source, frame);
    at += opened.tag;
    ({ length, captured } = opened);
    if (opened.fate === 'sealed') d.dump(at, captured);
    if (opened.fate !== 'clear') return at - frame;
    type = d.be16(at);
    if (captured < 2) {
      d.invalid();
      return at - frame;
    }
    at += 2;
    length -= 2;
    captured -= 2;
  }
  while (isTag(type)) {
    if (captured < TAG || length < TAG) {
      d.protocol = 'vlan';
      d.truncated();
      return at - frame + Math.min(captured, length);
    }
    if (linkLayer) {
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
    if (linkLayer) d.put(lengthShown ? '802.3' : `802.3, length ${length}: `);
    const header = printLlc(d, at, length, captured, frame);
    d.end = end;
    return at - frame + header;
  }
  if (type === TYPE_JUMBO) return at - frame + printLlc(d, at, length, captured, frame);
  if (type === TYPE_ARISTA) return behindArista(d, frame, frameLength, frameCaptured, at, length, captured);
  if (linkLayer) d.put(`${ethertypeText(d, type)}${lengthShown ? ', ' : `, length ${frameLength}: `}`);
  if (!printEthertype(d, type, at, length, captured, source, frame)) {
    if (!linkLayer) d.put(`${addressText(d, frame)}${ethertypeText(d, type)}, length ${frameLength}: `);
    d.dump(at, captured);
  }
  return at - frame;
}

/** A switch's time stamp lies between the addresses and the frame's own EtherType. */
function behindArista(
  d: Dissector,
  frame: number,
  frameLength: number,
  frameCaptured: number,
  at: number,
  length: number,
  captured: number,
): number {
  if (captured < 2 || length < 2) {
    d.put('[|arista]');
    return at - frame + Math.min(captured, length);
  }
  const heading = `${ethertypeText(d, TYPE_ARISTA)}, length ${frameLength}: `;
  d.put(heading);
  const taken = arista(d, at);
  d.enter();
  if (taken > 0) return behindAddresses(d, frame, frameLength, frameCaptured, at + taken);
  if (!d.options.linkLayer) d.put(addressText(d, frame) + heading);
  d.dump(at, captured);
  return at - frame;
}

function printLlc(d: Dissector, at: number, length: number, captured: number, frame: number): number {
  const header = d.registry.llc(d, at, length, captured, { source: frame + 6, destination: frame });
  if (header >= 0) return header;
  d.dump(at, captured);
  return -header;
}

export const ethernetLink: LinkPrinter = { types: [1], print: (d, at, length, captured) => ethernet(d, at, length, captured) };

/** Frames behind a pseudo-header of a capturing card; `preamble`: bytes of the frame's preamble behind it. */
const netAnalyzer = (type: number, protocol: string, preamble: number): LinkPrinter => ({
  types: [type],
  print(d, at, length, captured) {
    d.protocol = protocol;
    const skip = 4 + preamble;
    d.need(at, skip);
    return skip + ethernet(d, at + skip, length - skip, captured - skip);
  },
});

export const netAnalyzerLinks: readonly LinkPrinter[] = [
  netAnalyzer(240, 'netanalyzer', 0),
  netAnalyzer(241, 'netanalyzer_transparent', 8),
];
