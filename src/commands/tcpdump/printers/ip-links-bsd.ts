// Link types of other systems whose headers lead to a packet: Solaris' ipnet, Apple's PKTAP, and heartbeats of a cluster.
import type { Dissector } from '../dissector.js';
import { linkTypeName } from '../link-types.js';
import { hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter, LinkPrinter } from './registry-types.js';

const IPNET_HEADER = 24;
const ipnetWords: Words = { 2: 'IPv4', 26: 'IPv6' };

function ipnet(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'ipnet';
  d.need(at, IPNET_HEADER);
  const family = d.u8(at + 1);
  const name = word(ipnetWords, family, (n) => (d.options.quiet > 0 ? `Unknown Ethertype (${hex0x(n, 4)})` : 'Unknown'));
  const text = d.options.quiet > 0 ? `, ${name}` : `, family ${name} (${family})`;
  const header = () => d.put(`${d.be32(at + 16)} > ${d.be32(at + 20)}${text}, length ${length}: `);
  if (d.options.linkLayer) header();
  const body = at + IPNET_HEADER;
  const left = length - IPNET_HEADER;
  if (family === 2) d.registry.ip(d, body, left);
  else if (family === 26) d.registry.ip6(d, body, left);
  else {
    if (!d.options.linkLayer) header();
    d.dump(body, captured - IPNET_HEADER);
  }
  return IPNET_HEADER;
}

const PKTAP_HEADER = 108;

function pktap(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'pktap';
  const wrong = (text: string) => {
    d.put(text);
    d.invalid();
    return 0;
  };
  if (length < PKTAP_HEADER) return wrong(` (packet too short, ${length} < ${PKTAP_HEADER})`);
  const type = d.le32(at + 8);
  const size = d.le32(at);
  if (size < PKTAP_HEADER) return wrong(` (pkt_len too small, ${size} < ${PKTAP_HEADER})`);
  if (size > length) return wrong(` (pkt_len too big, ${size} > ${length})`);
  d.need(at, size);
  const name = linkTypeName(type) ?? 'UNKNOWN';
  const header = () => d.put(`${d.options.quiet > 0 ? name : `DLT ${name} (${type}) len ${size}`}, length ${length}: `);
  if (d.options.linkLayer) header();
  const record = d.le32(at + 4);
  if (record === 0) d.put('no data');
  if (record !== 1) return size;
  const printer = d.registry.links.get(type);
  d.enter();
  if (printer !== undefined) return size + printer.print(d, at + size, length - size, captured - size);
  if (!d.options.linkLayer) header();
  d.dump(at + size, captured - size);
  return size;
}

export const systemLinks: readonly LinkPrinter[] = [
  { types: [226], print: ipnet },
  // Apple's number is another's elsewhere: DLT_USER2.
  { types: [258, 149], print: pktap },
];

/** Microsoft's network load balancing. */
export const loadBalancingType: EthertypePrinter = {
  types: [0x886f],
  print(d, at) {
    d.protocol = 'msnlb';
    d.put('MS NLB heartbeat');
    d.put(`, host priority: ${d.le32(at + 8)}`);
    d.put(`, cluster IP: ${d.ip(at + 12)}`);
    d.put(`, host IP: ${d.ip(at + 16)}`);
  },
};
