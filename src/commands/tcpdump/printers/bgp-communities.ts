// BGP's communities: RFC 1997, RFC 8092, and extended ones of RFC 4360.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, fixed, hex0x, type Words, word } from '../words.js';
import { asNumber } from './bgp-words.js';
import { encapsulationWords } from './l2vpn-words.js';

const wellKnown: Words = { 0xffffff01: ' NO_EXPORT', 0xffffff02: ' NO_ADVERTISE', 0xffffff03: ' NO_EXPORT_SUBCONFED' };

export function communities(d: Dissector, at: number, length: number): void {
  if (length % 4 !== 0) return d.put('invalid len');
  for (let i = 0; i < length; i += 4) {
    const value = d.be32(at + i);
    d.put(wellKnown[value] ?? `${value >>> 16}:${value & 0xffff}${i + 4 < length ? ', ' : ''}`);
  }
}

export function largeCommunities(d: Dissector, at: number, length: number): void {
  if (length === 0 || length % 12 !== 0) return d.put('invalid len');
  d.put('\n\t    ');
  for (let i = 0; i < length; i += 12) d.put(`${d.be32(at + i)}:${d.be32(at + i + 4)}:${d.be32(at + i + 8)}${i + 12 < length ? ', ' : ''}`);
}

const extendedWords: Words = {
  0x0002: 'target',
  0x0003: 'origin',
  0x0005: 'ospf-domain',
  0x0009: 'source-AS',
  0x000a: 'l2vpn-id',
  0x0102: 'target',
  0x0103: 'origin',
  0x0105: 'ospf-domain',
  0x0107: 'ospf-router-id',
  0x010b: 'vrf-route-import',
  0x0202: 'target',
  0x0203: 'origin',
  0x0205: 'ospf-domain',
  0x0306: 'ospf-route-type',
  0x030c: 'encapsulation',
  0x4004: 'link-BW',
  0x8000: 'ospf-route-type',
  0x8001: 'ospf-router-id',
  0x8005: 'ospf-domain',
  0x800a: 'layer2-info',
  0x8800: 'eigrp-general-route (flag, tag)',
  0x8801: 'eigrp-route-metric (AS, delay)',
  0x8802: 'eigrp-route-metric (reliability, nexthop, bandwidth)',
  0x8803: 'eigrp-route-metric (load, MTU)',
  0x8804: 'eigrp-external-route (remote-AS, remote-ID)',
  0x8805: 'eigrp-external-route (remote-proto, remote-metric)',
  0xf10a: 'l2vpn-id',
};
const flagBits: Bits = [
  [0x8000, 'vendor-specific'],
  [0x4000, 'non-transitive'],
];
const ospfRouters: Words = { 1: 'Router', 2: 'Network', 3: 'Summary', 5: 'External', 7: 'NSSA External', 129: 'Sham-Link' };
const tunnelWords: Words = {
  1: 'L2TPv3 over IP',
  2: 'GRE',
  3: 'Transmit Tunnel',
  4: 'IPsec',
  5: 'IP in IP with IPsec',
  6: 'MPLS in IP with IPsec',
  7: 'IP in IP',
  8: 'VXLAN',
  9: 'NVGRE',
  10: 'MPLS',
  11: 'MPLS in GRE',
  12: 'VXLAN GPE',
  13: 'MPLS in UDP',
  14: 'IPv6',
  15: 'SR TE',
  16: 'Bare',
  17: 'SR',
};

export function extendedCommunities(d: Dissector, at: number, length: number): void {
  if (length % 8 !== 0) return d.put('invalid len');
  for (let p = at; p < at + length; p += 8) {
    const type = d.be16(p);
    d.need(p, 8);
    const name = word(extendedWords, type, () => 'unknown extd community typecode');
    d.put(`\n\t    ${name} (${hex0x(type, 4)}), Flags [${bits(flagBits, type)}]: ${extendedValue(d, type, p)}`);
  }
}

function extendedValue(d: Dissector, type: number, at: number): string {
  switch (type) {
    case 0x0002:
    case 0x0003:
    case 0x000a:
      return `${d.be16(at + 2)}:${d.be32(at + 4)} (= ${d.ip(at + 4)})`;
    case 0x0102:
    case 0x0103:
    case 0x010b:
    case 0xf10a:
      return `${d.ip(at + 2)}:${d.be16(at + 6)}`;
    case 0x0202:
    case 0x0203:
      return `${asNumber(d, d.be32(at + 2))}:${d.be16(at + 6)}`;
    case 0x0005:
    case 0x0105:
    case 0x0107:
    case 0x0205:
    case 0x8001:
    case 0x8005:
      return d.ip(at + 2);
    case 0x0009:
      return `AS ${d.be16(at + 2)}`;
    case 0x0306:
    case 0x8000: {
      const router = d.u8(at + 6);
      const external = router === 5 || router === 7;
      const kind = `${(d.u8(at + 7) & 1) === 0 ? '' : 'E2'}${external ? 'E1' : ''}`;
      return `area:${d.ip(at + 2)}, router-type:${word(ospfRouters, router, (n) => `unknown (${hex0x(n, 2)})`)}, metric-type:${kind}`;
    }
    case 0x030c:
      return `Tunnel type: ${word(tunnelWords, d.be16(at + 6), () => 'unknown encaps')}`;
    case 0x4004:
      return `bandwidth: ${fixed((d.float(at + 4) * 8) / 1_000_000, 3)} Mbps`;
    case 0x800a: {
      const encapsulation = word(encapsulationWords, d.u8(at + 2), () => 'unknown encaps');
      return `${encapsulation} Control Flags [${hex0x(d.u8(at + 3), 2)}]:MTU ${d.be16(at + 4)}`;
    }
    default:
      return d.hexOf(at + 2, 6);
  }
}
