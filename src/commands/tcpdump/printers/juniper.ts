// Frames that Juniper's routers captured: behind their header lies what the card's link has.
import type { Dissector } from '../dissector.js';
import { hex0x, word } from '../words.js';
import { oam } from './atm.js';
import { chdlc } from './chdlc.js';
import { printEthertype } from './ethernet.js';
import { frameRelay } from './frame-relay.js';
import {
  ADAPTIVE_COOKIE,
  type Card,
  guessedIp,
  type JuniperFrame,
  juniperHeader,
  LAYER3_IPV4,
  LAYER3_IPV6,
  LAYER3_ISO,
  LAYER3_MPLS,
} from './juniper-header.js';
import { securityWords } from './juniper-words.js';
import { ppp } from './ppp.js';
import type { LinkPrinter } from './registry-types.js';

const NONE = { source: -1, destination: -1 };
const PPP_OSI = 0x0023;
const PPP_HEADER = 0xff03;
const OAM_CELL = 0x80;

/** Returns how long the link-layer header inside is, where that counts. */
type Payload = (d: Dissector, frame: JuniperFrame) => unknown;

/** Layer 3 as adaptive services say; false: nothing knows it. */
function layer3(d: Dissector, { at, length, protocol }: JuniperFrame): boolean {
  if (protocol === LAYER3_IPV4) d.registry.ip(d, at, length);
  else if (protocol === LAYER3_IPV6) d.registry.ip6(d, at, length);
  else if (protocol === LAYER3_MPLS) d.registry.mpls(d, at, length);
  else if (protocol === LAYER3_ISO) d.registry.isoclns(d, at, length);
  else return false;
  return true;
}

const multilinkPpp: Payload = (d, frame) => {
  const { at, length, cookieAt, bundle, protocol } = frame;
  const cookie = d.be16(cookieAt);
  if (d.options.linkLayer && cookie !== PPP_OSI && cookie !== PPP_HEADER) d.put(`Bundle-ID ${bundle}: `);
  if (protocol === LAYER3_IPV4 && frame.cookieLength > 4 && d.u8(cookieAt + 4) === 0x0c) return void ppp(d, at, length);
  if (layer3(d, frame)) return;
  if (cookie === PPP_OSI) ppp(d, at - 2, length + 2);
  else ppp(d, at, length);
};

/** Frame relay by what its first bytes are. */
function relayed(d: Dissector, { at, length, protocol }: JuniperFrame, isMultilink: boolean): void {
  switch (protocol) {
    case 0x0308:
    case 0x03cc:
    case 0x038e:
      return d.registry.isoclns(d, at - 1, length + 1);
    case 0x0003:
    case 0x0300:
      if (!isMultilink) break;
      return d.registry.isoclns(d, at, length);
    case 0xfefe:
      if (isMultilink) break;
      return d.registry.isoclns(d, at + 1, length - 1);
  }
  d.put(`unknown protocol ${hex0x(protocol, 4)}, length ${length}`);
}

const bundleText = (d: Dissector, { cookieAt, cookieLength, bundle }: JuniperFrame) => {
  if (d.options.linkLayer && (cookieLength < 4 || d.be32(cookieAt) !== 1)) d.put(`Bundle-ID ${bundle}, `);
};

const multilinkFrameRelay: Payload = (d, frame) => {
  bundleText(d, frame);
  relayed(d, frame, true);
};

const memberFrameRelay: Payload = (d, frame) => {
  if (frame.cookieLength === 0) return void d.registry.links.get(182)?.print(d, frame.at, frame.length, frame.captured);
  if (frame.cookieLength === ADAPTIVE_COOKIE) return void layer3(d, frame);
  bundleText(d, frame);
  relayed(d, frame, false);
};

/** LLC, SNAP or the identifier alone, as routers put them into AAL5; false: none of them. */
function encapsulated(d: Dissector, { at, length, captured }: JuniperFrame): boolean {
  const head = d.be24(at);
  return (head === 0xfefe03 || head === 0xaaaa03) && d.registry.llc(d, at, length, captured, NONE) > 0;
}

const atm1: Payload = (d, frame) => {
  const { at, length, cookieAt } = frame;
  if (d.u8(cookieAt) === OAM_CELL) return oam(d, at, length, 0);
  if (encapsulated(d, frame)) return;
  if (d.u8(at) === 0x03) return d.registry.isoclns(d, at + 1, length - 1);
  guessedIp(d, at, length);
};

const pppProtocols = new Set([0x0021, 0x0023, 0x003d, 0x0057, 0x0281, 0x0283, 0x8021, 0x8023, 0x8057, 0x8281, 0xc021, 0xc023, 0xc223]);

const atm2: Payload = (d, frame) => {
  const { at, length, captured, cookieAt, incoming } = frame;
  if ((d.u8(cookieAt + 7) & 0x70) !== 0) return oam(d, at, length, 0);
  if (encapsulated(d, frame)) return;
  if (!incoming && (d.be32(cookieAt) & 0x3f) !== 0) return void d.registry.ethernet(d, at, length, captured);
  if (d.u8(at) === 0x03) return d.registry.isoclns(d, at + 1, length - 1);
  if (pppProtocols.has(d.be16(at))) return void ppp(d, at, length);
  guessedIp(d, at, length);
};

const encryption: Payload = (d, { at, length }) => {
  d.need(at, 16);
  const type = d.u8(at + 3);
  if (type < 1 || type > 5) return d.put(`ES Invalid type ${type}, length ${length}`);
  const isBundle = type < 3;
  const skip = isBundle ? 0 : 16;
  if (d.options.linkLayer) {
    d.put(`ES SA, index ${d.be16(at)}, ttl ${d.u8(at + 2)} type ${word(securityWords, type)} (${type}), `);
    if (!isBundle) d.put(`spi ${d.be32(at + 4)}, Tunnel ${d.ip(at + 8)} > ${d.ip(at + 12)}, `);
    d.put(`length ${length - skip}\n`);
  }
  d.registry.ip(d, at + skip, length - skip);
};

const gateway: Payload = (d, { at, length, cookieAt, cookieLength }) => {
  const type = cookieLength >= 8 ? d.u8(cookieAt + 2) : 0;
  const name = { 1: 'Null', 2: 'IPv4', 6: 'IPv6' }[type] ?? 'Unknown';
  if (d.options.linkLayer) d.put(`proto ${name} (${type}), vlan ${cookieLength >= 8 ? d.be16(cookieAt + 4) : 0}: `);
  if (type === 2) d.registry.ip(d, at, length);
  else if (type === 6) d.registry.ip6(d, at, length);
  else if (!d.options.linkLayer) d.put(`unknown GGSN proto (${type})`);
};

const monitor: Payload = (d, { at, length }) => {
  d.need(at, 8);
  if (d.options.linkLayer) d.put(`service-id ${d.be32(at + 4)}, iif ${d.be16(at + 2)}, pkt-type ${d.u8(at)}: `);
  guessedIp(d, at, length);
};

const services: Payload = (d, { at, length }) => {
  d.need(at, 8);
  if (d.options.linkLayer) {
    d.put(`service-id ${d.u8(at)} flags ${hex0x(d.u8(at + 1), 2)} service-set-id ${hex0x(d.be16(at + 2), 4)} `);
    d.put(`iif ${d.be24(at + 5)}: `);
  }
  guessedIp(d, at, length);
};

const ethernetFrame: Payload = (d, { at, length, captured }) => d.registry.ethernet(d, at, length, captured);

const pppoeOverAtm: Payload = (d, { at, length, captured }) => {
  const type = d.be16(at);
  if (!printEthertype(d, type, at + 2, length - 2, captured - 2, -1, -1)) d.put(`unknown ethertype ${hex0x(type, 4)}`);
};

const links: readonly (readonly [type: number, protocol: string, card: Card | null, payload: Payload])[] = [
  [130, 'juniper_mlppp', { name: 'MLPPP', cookie: 2, kind: 'mlppp' }, multilinkPpp],
  [131, 'juniper_mlfr', { name: 'MLFR', cookie: 2, kind: 'mlfr' }, multilinkFrameRelay],
  [132, 'juniper_es', { name: 'ES', cookie: 0 }, encryption],
  [133, 'juniper_ggsn', { name: 'GGSN', cookie: 8 }, gateway],
  [134, 'juniper_mfr', { name: 'MFR', cookie: 4, kind: 'mfr' }, memberFrameRelay],
  [135, 'juniper_atm2', { name: 'ATM2', cookie: 8, kind: 'atm2' }, atm2],
  [136, 'juniper_services', { name: 'AS', cookie: 8 }, services],
  [137, 'juniper_atm1', { name: 'ATM1', cookie: 4 }, atm1],
  [164, 'juniper_monitor', { name: 'MONITOR', cookie: 8 }, monitor],
  [167, 'juniper_pppoe', { name: 'PPPoE', cookie: 0 }, ethernetFrame],
  [168, 'juniper_pppoe_atm', { name: 'PPPoE ATM', cookie: 0 }, pppoeOverAtm],
  [178, 'juniper_ether', null, ethernetFrame],
  [179, 'juniper_ppp', null, (d, { at, length }) => void ppp(d, at, length)],
  [180, 'juniper_frelay', null, (d, { at, length }) => void frameRelay(d, at, length)],
  [181, 'juniper_chdlc', null, (d, { at, length }) => void chdlc(d, at, length)],
];

export const juniperLinks: readonly LinkPrinter[] = links.map(([type, protocol, card, payload]) => ({
  types: [type],
  print(d, at, length, captured) {
    d.protocol = protocol;
    const frame = juniperHeader(d, at, length, captured, card);
    if (typeof frame === 'number') return frame;
    const inner = payload(d, frame);
    return frame.at - at + (typeof inner === 'number' ? inner : 0);
  },
}));
