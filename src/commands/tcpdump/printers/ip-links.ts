// Link types whose short headers lead to IP: InfiniBand (RFC 4391), Fibre Channel (RFC 2625), FireWire (RFC 2734).
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { hex0x, word } from '../words.js';
import { printEthertype } from './ethernet.js';
import type { LinkPrinter } from './registry-types.js';

const INFINIBAND_HEADER = 44;
const FIBRE_CHANNEL_HEADER = 16;
const FIREWIRE_HEADER = 18;

const infinibandText = (d: Dissector, at: number, length: number) => {
  const type = d.be16(at + 40);
  const number = d.options.quiet > 0 ? '' : ` (${hex0x(type, 4)})`;
  return `, ethertype ${word(ethertypeWords, type, () => 'Unknown')}${number}, length ${length}: `;
};

function infiniband(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'ipoib';
  if (captured < INFINIBAND_HEADER || length < INFINIBAND_HEADER) {
    d.truncated();
    return Math.min(captured, length);
  }
  if (d.options.linkLayer) d.put(`IPOIB${infinibandText(d, at, length)}`);
  const body = at + INFINIBAND_HEADER;
  if (!printEthertype(d, d.be16(at + 40), body, length - INFINIBAND_HEADER, captured - INFINIBAND_HEADER, -1, -1)) {
    if (!d.options.linkLayer) d.put(infinibandText(d, at, length));
    d.dump(body, captured - INFINIBAND_HEADER);
  }
  return INFINIBAND_HEADER;
}

function fibreChannel(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'ipfc';
  d.need(at, FIBRE_CHANNEL_HEADER);
  const addresses = { source: at + 10, destination: at + 2 };
  if (d.options.linkLayer) d.put(`${d.mac(addresses.source)} > ${d.mac(addresses.destination)}, length ${length}: `);
  const body = at + FIBRE_CHANNEL_HEADER;
  const left = captured - FIBRE_CHANNEL_HEADER;
  const header = d.registry.llc(d, body, length - FIBRE_CHANNEL_HEADER, left, addresses);
  if (header < 0) d.dump(body, left);
  return FIBRE_CHANNEL_HEADER + Math.abs(header);
}

function firewire(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'ap1394';
  d.need(at, FIREWIRE_HEADER);
  const type = d.be16(at + 16);
  const address = (offset: number) => d.names.link(d.bytes, at + offset, 8);
  const name = ethertypeWords[type];
  const text =
    d.options.quiet > 0 ? (name ?? `Unknown Ethertype (${hex0x(type, 4)})`) : `ethertype ${name ?? 'Unknown'} (${hex0x(type, 4)})`;
  const header = () => d.put(`${address(8)} > ${address(0)}, ${text}, length ${length}: `);
  if (d.options.linkLayer) header();
  const body = at + FIREWIRE_HEADER;
  if (!printEthertype(d, type, body, length - FIREWIRE_HEADER, captured - FIREWIRE_HEADER, at + 8, at)) {
    if (!d.options.linkLayer) header();
    d.dump(body, captured - FIREWIRE_HEADER);
  }
  return FIREWIRE_HEADER;
}

export const ipLinks: readonly LinkPrinter[] = [
  { types: [242], print: infiniband },
  { types: [122], print: fibreChannel },
  { types: [138], print: firewire },
];
