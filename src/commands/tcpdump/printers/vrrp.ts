// VRRP of RFC 3768 and RFC 5798, and CARP, which has its number.
import type { Dissector } from '../dissector.js';
import { hex } from '../words.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';

const PROTOCOL = 112;
const authentications = ['none', 'simple', 'ah'] as const;
const SIMPLE = 1;

function vrrp(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'vrrp';
  d.put('VRRP');
  const first = d.u8(at);
  const version = first >>> 4;
  const type = first & 0xf;
  d.put(`v${version}, ${type === 1 ? 'Advertisement' : `unknown type (${type})`}`);
  if (ip.hops !== 255) d.put(`, (ttl ${ip.hops})`);
  if (version < 2 || version > 3 || type !== 1) return;
  d.put(`, vrid ${d.u8(at + 1)}, prio ${d.u8(at + 2)}`);
  const authentication = version === 2 ? d.u8(at + 4) : 0;
  if (version === 2) {
    d.put(`, authtype ${authentications[authentication] ?? `#${authentication}`}`);
    d.put(`, intvl ${d.u8(at + 5)}s, length ${length}`);
  } else d.put(`, intvl ${d.be16(at + 4) & 0xfff}cs, length ${length}`);
  if (d.options.verbose > 0) addresses(d, at, length, ip, version, authentication);
}

function addresses(d: Dissector, at: number, length: number, ip: IpContext, version: number, authentication: number): void {
  const count = d.u8(at + 3);
  if (d.has(at, length)) {
    const wrong = d.checksum(at, length, version === 2 ? 0 : d.pseudoHeader(ip.header, length, PROTOCOL)) !== 0;
    if (wrong) d.put(`, (bad vrrp cksum ${hex(d.be16(at + 6))})`);
  }
  d.put(`, addrs${count > 1 ? `(${count})` : ''}:`);
  const size = ip.version === 4 ? 4 : 16;
  for (let i = 0; i < count; i++) d.put(`${i === 0 ? ' ' : ','}${size === 4 ? d.ip(at + 8 + i * size) : d.ip6(at + 8 + i * size)}`);
  if (version !== 2 || authentication !== SIMPLE) return;
  d.put(' auth "');
  d.charsToZero(at + 8 + count * size, 8);
  d.put('"');
}

function carp(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'carp';
  const first = d.u8(at);
  d.put(`CARPv${first >>> 4}-${(first & 0xf) === 1 ? 'advertise' : 'unknown'} ${length}: `);
  if (ip.hops !== 255) d.put(`[ttl=${ip.hops}!] `);
  if (first !== 0x21) return;
  d.put(`vhid=${d.u8(at + 1)} advbase=${d.u8(at + 5)} advskew=${d.u8(at + 2)} authlen=${d.u8(at + 3)} `);
  if (d.options.verbose > 0 && d.has(at, length) && d.checksum(at, length) !== 0) d.put(` (bad carp cksum ${hex(d.be16(at + 6))}!)`);
  d.put(`counter=${d.be64(at + 8)}`);
}

export const vrrpProtocol: IpProtocolPrinter = {
  protocols: [PROTOCOL],
  print: (d, at, length, ip) => (d.options.packetType === 'carp' ? carp : vrrp)(d, at, length, ip),
};
