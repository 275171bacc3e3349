// Between vehicles: GeoNetworking (ETSI EN 302 636) and CALM FAST (ISO 29281).
import type { Dissector, LinkAddresses } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'CAM',
  1: 'DENM',
  101: 'TPEGM',
  102: 'TSPDM',
  103: 'VPM',
  104: 'SRM',
  105: 'SLAM',
  106: 'ecoCAM',
  107: 'ITM',
  150: 'SA',
};

const HEADER = 36;
const MULTI_HOP = 32;
const nextWords = ['Any', 'BTP-A', 'BTP-B', 'IPv6'];
const areas = (name: string) => [`${name}Circle`, `${name}Rect`, `${name}Elipse`];
/** By type and, where there are several, subtype. */
const typeWords: readonly (string | readonly string[])[] = [
  'Any',
  'Beacon',
  'GeoUnicast',
  areas('GeoAnycast'),
  areas('GeoBroadcast'),
  ['TopoScopeBcast-SH', 'TopoScopeBcast-MH'],
  ['LocService-Request', 'LocService-Reply'],
];

function geonet(d: Dissector, at: number, fullLength: number, { source }: LinkAddresses): void {
  d.protocol = 'geonet';
  d.put(`GeoNet ${source >= 0 ? `src:${d.mac(source)}` : ''}; `);
  if (fullLength < HEADER) {
    d.put(` (common header length ${fullLength} < ${HEADER})`);
    return d.invalid();
  }
  const [first, second] = [d.u8(at), d.u8(at + 1)];
  const next = first & 0xf;
  const [type, subtype] = [second >>> 4, second & 0xf];
  const payload = d.be16(at + 4);
  const hops = d.u8(at + 7);
  const known = typeWords[type];
  const name = (typeof known === 'string' ? known : known?.[subtype]) ?? 'Unknown';
  d.put(`v:${first >>> 4} NH:${next}-${nextWords[next] ?? 'Unknown'} HT:${type}-${subtype}-${name} HopLim:${hops} Payload:${payload} `);
  d.need(at + 8, 8);
  d.put(`GN_ADDR:${d.names.link(d.bytes, at + 8, 8)} lat:${d.be32(at + 20)} lon:${d.be32(at + 24)}`);
  d.need(at, HEADER);
  let length = fullLength - HEADER;
  let body = at + HEADER;
  const extended = type <= 1 ? 0 : type === 5 && subtype <= 1 ? subtype * MULTI_HOP : -1;
  if (extended >= 0) {
    if (length < extended) {
      d.put(` (header size ${extended} > ${length})`);
      return d.invalid();
    }
    d.need(body, extended);
    body += extended;
    length -= extended;
    if (next === 1 || next === 2) {
      if (length < 4) {
        d.put(` (BTP length ${length} < 4)`);
        return d.invalid();
      }
      d.put(`; BTP Dst:${d.be16(body)} Src:${d.be16(body + 2)}`);
      body += 4;
      length -= 4;
      if (length >= 2) {
        const message = d.u8(body + 1);
        d.put(`; ItsPduHeader v:${d.u8(body)} t:${message}-${word(messageWords, message, (n) => `unknown (${n})`)}`);
      }
    }
  }
  if (d.options.verbose > 0) d.hexAndAscii('\n\t', body, length);
}

function calmFast(d: Dissector, at: number, length: number, { source }: LinkAddresses): void {
  d.protocol = 'calm_fast';
  d.put(`CALM FAST${source >= 0 ? ` src:${d.mac(source)}` : ''}; `);
  if (length < 2) {
    d.put(` (length ${length} < 2)`);
    d.invalid();
    return d.need(at, length);
  }
  d.put(`SrcNwref:${d.u8(at)}; DstNwref:${d.u8(at + 1)}; `);
  if (d.options.verbose > 0) d.hexAndAscii('\n\t', at + 2, length - 2);
}

export const vehicleTypes: readonly EthertypePrinter[] = [
  { types: [0x0707, 0x8947], print: (d, at, length, _captured, addresses) => geonet(d, at, length, addresses) },
  { types: [0x1111], print: (d, at, length, _captured, addresses) => calmFast(d, at, length, addresses) },
];
