// AH (RFC 4302), ESP (RFC 4303) and IPComp (RFC 3173).
import type { Dissector } from '../dissector.js';
import type { SecurityAssociation } from '../esp-secrets.js';
import { hex0x } from '../words.js';
import { ipPayload } from './ip.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';

const AH_HEADER = 12;
const ESP_HEADER = 8;

function ah(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'ah';
  const next = d.u8(at);
  d.put('AH');
  const words = d.u8(at + 1);
  const header = (words + 2) * 4;
  d.put('(');
  if (d.options.verbose > 0) d.put(`length=${words}(${header}-bytes),`);
  const reserved = d.be16(at + 2);
  if (reserved !== 0) d.put(`reserved=${hex0x(reserved)}[MustBeZero],`);
  d.put(`spi=${hex0x(d.be32(at + 4), 8)},`);
  d.put(`seq=${hex0x(d.be32(at + 8))},`);
  d.put('icv=0x');
  for (let i = AH_HEADER; i < header; i++) d.put(d.hexOf(at + i, 1));
  d.put('): ');
  d.enter();
  ipPayload(d, next, at + header, length - header, ip);
}

function esp(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'esp';
  if (at + 8 >= d.end) return d.truncated();
  d.put(`ESP(spi=${hex0x(d.be32(at), 8)},seq=${hex0x(d.be32(at + 4))}), length ${length}`);
  const association = associationOf(d, d.be32(at), ip);
  if (association !== undefined) decrypted(d, at + ESP_HEADER, association, ip);
}

/** The association of -E for a packet; undefined: there is none, or it cannot be decrypted. */
function associationOf(d: Dissector, spi: number, { version, header, fragmented }: IpContext): SecurityAssociation | undefined {
  const { associations } = d.options;
  if (associations.length === 0 || (version === 4 ? fragmented : d.be16(header + 4) === 0)) return undefined;
  const at = version === 6 ? header + 24 : header + 16;
  const size = version === 6 ? 16 : 4;
  const isTo = ({ destination }: SecurityAssociation) =>
    destination.length === size && destination.every((byte, i) => byte === d.bytes[at + i]);
  return associations.find((one) => one.spi === spi && isTo(one)) ?? associations.find(({ isDefault }) => isDefault);
}

/** What was within, shown from a buffer of its own; checksums look at the IP header, which lies before it there. */
function decrypted(d: Dissector, at: number, { cipher, check }: SecurityAssociation, ip: IpContext): void {
  const text = at + cipher.block;
  const size = d.end - text - check;
  if (size < 0) return d.truncated();
  if (size % cipher.block !== 0) return;
  const { bytes, view, end } = d;
  const plain = cipher.decrypt(bytes.slice(at, text), bytes.slice(text, text + size));
  const padding = size < 2 ? 0 : plain[size - 2]!;
  if (padding + 2 > size) return d.truncated();
  d.put(': ');
  d.enter();
  const header = ip.version === 6 ? 40 : (bytes[ip.header]! & 0xf) * 4;
  const whole = new Uint8Array(header + size);
  whole.set(bytes.subarray(ip.header, ip.header + header));
  whole.set(plain, header);
  d.bytes = whole;
  d.view = new DataView(whole.buffer);
  d.end = header + size - padding - 2;
  try {
    ipPayload(d, plain[size - 1]!, header, size - padding - 2, { ...ip, header: 0 });
  } finally {
    d.bytes = bytes;
    d.view = view;
    d.end = end;
  }
}

function ipcomp(d: Dissector, at: number): void {
  d.protocol = 'ipcomp';
  d.put(`IPComp(cpi=${hex0x(d.be16(at + 2), 4)})`);
}

export const ipsecProtocols: readonly IpProtocolPrinter[] = [
  { protocols: [51], print: ah },
  { protocols: [50], print: esp },
  { protocols: [108], print: ipcomp },
];
