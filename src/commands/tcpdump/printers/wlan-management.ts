// Bodies of IEEE 802.11's management frames.
import type { Dissector } from '../dissector.js';
import { hex, word } from '../words.js';
import { algorithmWords, managementWords, reasonWords, statusWords } from './wlan-words.js';

const ASSOCIATION_REQUEST = 0;
const ASSOCIATION_RESPONSE = 1;
const REASSOCIATION_REQUEST = 2;
const REASSOCIATION_RESPONSE = 3;
const PROBE_REQUEST = 4;
const PROBE_RESPONSE = 5;
const BEACON = 8;
const DISASSOCIATION = 10;
const AUTHENTICATION = 11;
const DEAUTHENTICATION = 12;
const ACTION = 13;
const ESS = 0x0001;
const PRIVACY = 0x0010;
const SHARED_KEY = 1;

/** What the elements of a body say, the first of each kind; positions in the packet, -1 where there is none. */
interface Elements {
  /** All of them were there, and none was too long. */
  whole: boolean;
  ssid: number;
  ssidLength: number;
  rates: number;
  ratesLength: number;
  channel: number;
}

const MAXIMUM_SSID = 32;
const MAXIMUM_RATES = 16;
const MAXIMUM_CHALLENGE = 253;
const MAXIMUM_BITMAP = 251;

function readElements(d: Dissector, from: number, length: number): Elements {
  const found: Elements = { whole: false, ssid: -1, ssidLength: 0, rates: -1, ratesLength: 0, channel: -1 };
  let left = length;
  for (let at = from; left !== 0; ) {
    if (left < 2 || !d.has(at, 2)) return found;
    const [id, size] = [d.u8(at), d.u8(at + 1)];
    if (left < size + 2 || !d.has(at + 2, size)) return found;
    if (!readElement(found, d, id, at + 2, size)) return found;
    at += size + 2;
    left -= size + 2;
  }
  found.whole = true;
  return found;
}

/** False: the element is too long. */
function readElement(found: Elements, d: Dissector, id: number, at: number, size: number): boolean {
  switch (id) {
    case 0:
      if (size > MAXIMUM_SSID) return false;
      if (found.ssid < 0) {
        found.ssid = at;
        found.ssidLength = size;
      }
      return true;
    case 1:
      if (size > MAXIMUM_RATES) return false;
      if (found.rates < 0 && size !== 0) {
        found.rates = at;
        found.ratesLength = size;
      }
      return true;
    case 3:
      if (size === 1 && found.channel < 0) found.channel = d.u8(at);
      return true;
    case 5:
      return size <= 3 || size - 3 <= MAXIMUM_BITMAP;
    case 16:
      return size <= MAXIMUM_CHALLENGE;
    default:
      return true;
  }
}

function putSsid(d: Dissector, { ssid, ssidLength }: Elements): void {
  if (ssid < 0) return;
  d.put(' (');
  d.charsToZero(ssid, ssidLength);
  d.put(')');
}

export const rateText = (rate: number) => (rate * 0.5).toFixed(1).padStart(2);

function putRates(d: Dissector, { rates, ratesLength }: Elements): void {
  if (rates < 0) return;
  let text = '';
  for (let i = 0; i < ratesLength; i++) {
    const rate = d.u8(rates + i);
    text += `${i === 0 ? ' [' : ' '}${rateText(rate & 0x7f)}${(rate & 0x80) === 0 ? '' : '*'}`;
  }
  d.put(`${text} Mbit]`);
}

function putChannel(d: Dissector, { channel }: Elements, capabilities: number): void {
  if (channel >= 0) d.put(` CH: ${channel}`);
  if ((capabilities & PRIVACY) !== 0) d.put(', PRIVACY');
}

const reason = (code: number) => reasonWords[code] ?? 'Reserved';
const status = (code: number) => statusWords[code] ?? 'n/a';

function beacon(d: Dissector, at: number, length: number, subtype: number): boolean {
  if (!d.has(at, 12) || length < 12) return false;
  const capabilities = d.le16(at + 10);
  const elements = readElements(d, at + 12, length - 12);
  putSsid(d, elements);
  putRates(d, elements);
  if (subtype === BEACON) d.put((capabilities & ESS) === 0 ? ' IBSS' : ' ESS');
  putChannel(d, elements, capabilities);
  return elements.whole;
}

function associationRequest(d: Dissector, at: number, length: number, subtype: number): boolean {
  const fixed = subtype === REASSOCIATION_REQUEST ? 10 : 4;
  if (!d.has(at, fixed) || length < fixed) return false;
  const elements = readElements(d, at + fixed, length - fixed);
  putSsid(d, elements);
  if (subtype === REASSOCIATION_REQUEST) d.put(` AP : ${d.mac(at + 4)}`);
  else putRates(d, elements);
  return elements.whole;
}

function associationResponse(d: Dissector, at: number, length: number): boolean {
  if (!d.has(at, 6) || length < 6) return false;
  const elements = readElements(d, at + 6, length - 6);
  const identifier = d.le16(at + 4) & 0x3fff;
  d.put(` AID(${hex(identifier)}) :${(d.le16(at) & PRIVACY) === 0 ? '' : ' PRIVACY '}: ${status(d.le16(at + 2))}`);
  return elements.whole;
}

function probeRequest(d: Dissector, at: number, length: number): boolean {
  const elements = readElements(d, at, length);
  putSsid(d, elements);
  putRates(d, elements);
  return elements.whole;
}

function authentication(d: Dissector, at: number, length: number): boolean {
  if (!d.has(at, 6) || length < 6) return false;
  const [algorithm, sequence, code] = [d.le16(at), d.le16(at + 2), d.le16(at + 4)];
  const elements = readElements(d, at + 6, length - 6);
  const outcome = sequence % 2 === 0 ? '' : status(code);
  const challenge = algorithm === SHARED_KEY && (sequence === 2 || sequence === 3);
  d.put(` (${algorithmWords[algorithm] ?? 'Reserved'})-${hex(sequence)}${challenge ? ' [Challenge Text] ' : ': '}${outcome}`);
  return elements.whole;
}

const act = (names: Readonly<Record<number, string>>, value: number) => word(names, value, (n) => `Act#${n}`);
const blockAckActions = { 0: 'ADDBA Request', 1: 'ADDBA Response', 2: 'DELBA' };
const htActions = { 0: 'TxChWidth', 1: 'MIMOPwrSave' };
const meshActions = [
  'MeshLink',
  'HWMP',
  'Gate Announcement',
  'Congestion Control',
  'MCCA Setup Request',
  'MCCA Setup Reply',
  'MCCA Advertisement Request',
  'MCCA Advertisement',
  'MCCA Teardown',
  'TBTT Adjustment Request',
  'TBTT Adjustment Response',
];
const multihopActions = { 0: 'Proxy Update', 1: 'Proxy Update Confirmation' };
const selfProtectedActions = {
  1: 'Peering Open',
  2: 'Peering Confirm',
  3: 'Peering Close',
  4: 'Group Key Inform',
  5: 'Group Key Acknowledge',
};

function actionText(category: number, action: number): string {
  switch (category) {
    case 0:
      return `Spectrum Management Act#${action}`;
    case 1:
      return `QoS Act#${action}`;
    case 2:
      return `DLS Act#${action}`;
    case 3:
      return `BA ${act(blockAckActions, action)}`;
    case 7:
      return `HT ${act(htActions, action)}`;
    case 13:
      return `MeshAction ${act(meshActions, action)}`;
    case 14:
      return `MultiohopAction ${act(multihopActions, action)}`;
    case 15:
      return `SelfprotectAction ${act(selfProtectedActions, action)}`;
    case 127:
      return `Vendor Act#${action}`;
    default:
      return `Reserved(${category}) Act#${action}`;
  }
}

/** What ends a connection, or acts on it; the sender is named unless the header was shown. */
function ofSender(d: Dissector, source: number, text: string): void {
  d.put(d.options.linkLayer ? `: ${text}` : ` (${d.mac(source)}): ${text}`);
}

/** The body of a management frame sent by the address at `source`; false: its end is missing. */
export function managementBody(d: Dissector, subtype: number, source: number, at: number, length: number): boolean {
  switch (subtype) {
    case ASSOCIATION_REQUEST:
    case REASSOCIATION_REQUEST:
      return associationRequest(d, at, length, subtype);
    case ASSOCIATION_RESPONSE:
    case REASSOCIATION_RESPONSE:
      return associationResponse(d, at, length);
    case PROBE_REQUEST:
      return probeRequest(d, at, length);
    case PROBE_RESPONSE:
    case BEACON:
      return beacon(d, at, length, subtype);
    case DISASSOCIATION:
      if (!d.has(at, 2) || length < 2) return false;
      d.put(`: ${reason(d.le16(at))}`);
      return true;
    case AUTHENTICATION:
      return authentication(d, at, length);
    case DEAUTHENTICATION:
      if (!d.has(at, 2) || length < 2) return false;
      ofSender(d, source, reason(d.le16(at)));
      return true;
    case ACTION:
      if (!d.has(at, 2) || length < 2) return false;
      ofSender(d, source, actionText(d.u8(at), d.u8(at + 1)));
      return true;
    default:
      return true;
  }
}

export const managementName = (subtype: number) => word(managementWords, subtype, (n) => `Unhandled Management subtype(${hex(n)})`);
