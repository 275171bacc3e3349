// AH (RFC 4302), ESP (RFC 4303) and IPComp (RFC 3173).
import type { Dissector } from '../dissector.js';
import { hex0x } from '../words.js';
import { ipPayload } from './ip.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';

const AH_HEADER = 12;

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

function esp(d: Dissector, at: number, length: number): void {
  d.protocol = 'esp';
  if (at + 8 >= d.end) return d.truncated();
  d.put(`ESP(spi=${hex0x(d.be32(at), 8)},seq=${hex0x(d.be32(at + 4))}), length ${length}`);
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
