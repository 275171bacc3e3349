// RADIUS: RFC 2865, 2866, and attributes of RFC 2867 to 2869, 3162, 4675, 4818, 5176, 5447 and 5580.
import type { Dissector } from '../dissector.js';
import { type Bits, hex0x, type Words, word } from '../words.js';
import { eap } from './eap.js';
import { attributeWords, codeWords, errorCauseWords, valueWords, vendorWords } from './radius-words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 20;
const ANY_ADDRESS = 0xffffffff;
const NAS_ADDRESS = 0xfffffffe;

const tagWords: Words = { 0x31: 'Tagged', 0x32: 'Untagged' };
const featureBits: Bits = [
  [0x01, 'MIP6_INTEGRATED'],
  [0x02, 'LOCAL_HOME_AGENT_ASSIGNMENT'],
];
/** RFC 5779, in the upper half. */
const mobilityBits: Bits = [
  [0x0100, 'PMIP6_SUPPORTED'],
  [0x0200, 'IP4_HOA_SUPPORTED'],
  [0x0400, 'LOCAL_MAG_ROUTING_SUPPORTED'],
];
const set = (names: Bits, value: number) => names.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
const namespaceWords: Words = { 0x30: 'TADIG', 0x31: 'REALM', 0x32: 'E212', 0x33: 'ICC', 0xfe: 'IANA_UNASSIGNED', 0xff: 'IANA_RESERVED' };
const locationCodes: Words = { 0: 'Civic', 1: 'Geospatial' };
const entities: Words = { 0: 'User', 1: 'RADIUS client' };

function radius(d: Dissector, at: number, givenLength: number): void {
  d.protocol = 'radius';
  d.need(at, HEADER);
  const declared = d.be16(at + 2);
  if (declared < HEADER) {
    return d.invalid();
  }
  const length = Math.min(declared, givenLength);
  const code = d.u8(at);
  const name = word(codeWords, code, () => 'Unknown Command');
  const id = hex0x(d.u8(at + 1), 2);
  if (d.options.verbose < 1) return d.put(`RADIUS, ${name} (${code}), id: ${id} length: ${length}`);
  d.put(`RADIUS, length: ${length}\n\t${name} (${code}), id: ${id}, Authenticator: ${d.hexOf(at + 4, 16)}`);
  if (length > HEADER) attributes(d, at + HEADER, length - HEADER);
}

function attributes(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < 2) return d.truncated();
    d.need(at, 2);
    const type = d.u8(at);
    const size = d.u8(at + 1);
    d.put(`\n\t  ${word(attributeWords, type, () => 'Unknown')} Attribute (${type}), length: ${size}`);
    if (size < 2) return d.put(' (bogus, must be >= 2)');
    if (size > left) return d.put(' (bogus, goes past end of packet)');
    d.put(', Value: ');
    if (size > 2) attribute(d, type, at + 2, size - 2);
    if (d.options.verbose > 1) d.unknown(at + 2, '\n\t    ', size - 2);
    at += size;
    left -= size;
  }
}

type Show = (d: Dissector, at: number, length: number, type: number) => void;

const exactly =
  (length: number, show: Show): Show =>
  (d, at, given, type) => {
    if (given !== length) d.put(`ERROR: length ${given} != ${length}`);
    else show(d, at, given, type);
  };

/** Characters that show, and nothing else. */
const text: Show = (d, at, length) => {
  for (let i = 0; i < length; i++) {
    const byte = d.u8(at + i);
    d.put(byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.');
  }
};

/** Text that may have a tag of up to 31 before it, RFC 2868. */
const tagged: Show = (d, at, length, type) => {
  let p = at;
  let left = length;
  const tag = d.u8(p);
  if (type === TUNNEL_PASSWORD || tag <= 0x1f) {
    d.put(tag === 0 ? 'Tag[Unused] ' : `Tag[${tag}] `);
    p++;
    left--;
  }
  if (type === TUNNEL_PASSWORD) {
    if (left < 2) return d.truncated();
    d.put(`Salt ${d.be16(p)} `);
    p += 2;
    left -= 2;
  }
  text(d, p, left, type);
};
const TUNNEL_PASSWORD = 69;

const number = exactly(4, (d, at, _length, type) => {
  const words = valueWords[type];
  if (words === undefined) return d.put(String(d.be32(at)));
  const isTagged = type === 64 || type === 65;
  if (isTagged) d.put(d.u8(at) === 0 ? 'Tag[Unused] ' : `Tag[${d.u8(at)}] `);
  const value = isTagged ? d.be24(at + 1) : d.be32(at);
  d.put(word(words, value));
});

const preference = exactly(4, (d, at) => {
  d.put(d.u8(at) === 0 ? 'Tag[Unused] ' : `Tag[${d.u8(at)}] `);
  d.put(String(d.be24(at + 1)));
});

const address = exactly(4, (d, at, _length, type) => {
  const value = d.be32(at);
  if ((type === 8 || type === 14) && value === ANY_ADDRESS) d.put('User Selected');
  else if ((type === 8 || type === 14) && value === NAS_ADDRESS) d.put('NAS Select');
  else d.put(d.ip(at));
});

const duration = exactly(4, (d, at) => {
  const seconds = d.be32(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const [minutes, hours, days] = [Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600) % 24, Math.floor(seconds / 86400)];
  if (seconds < 60) d.put(`${two(seconds)} secs`);
  else if (seconds < 3600) d.put(`${two(minutes)}:${two(seconds % 60)} min`);
  else if (seconds < 86400) d.put(`${two(hours)}:${two(minutes)}:${two(seconds % 60)} hours`);
  else d.put(`${days} days, ${two(hours)}:${two(minutes)}:${two(seconds % 60)}`);
});

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ctime(3), in the zone of whoever reads. */
const timestamp = exactly(4, (d, at) => {
  const date = new Date(d.be32(at) * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  d.put(`${dayNames[date.getDay()]} ${monthNames[date.getMonth()]} ${String(date.getDate()).padStart(2)} `);
  d.put(`${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${date.getFullYear()}`);
});

const address6 = exactly(16, (d, at) => d.put(d.ip6(at)));

/** RFC 3162 2.3: a reserved byte, a length in bits, as many bytes as it needs. */
const prefix6: Show = (d, at, length) => {
  if (length < 2 || length > 18) return d.put(`ERROR: length ${length} not in range (2..18)`);
  const bitLength = d.u8(at + 1);
  const bytes = new Uint8Array(16);
  for (let i = 0; i < length - 2; i++) bytes[i] = d.u8(at + 2 + i);
  d.put(`${d.names.ip6(bytes, 0)}/${bitLength}`);
  if (bitLength > 128) d.put(' ');
};

const vlanTag = (d: Dissector, at: number) => {
  const tag = d.u8(at);
  d.put(`${word(tagWords, tag, () => 'Unknown tag')} (${hex0x(tag, 2)}) `);
};

const vendor: Show = (d, at, length) => {
  if (length < 4) return d.truncated();
  const id = d.be32(at);
  d.put(`Vendor: ${word(vendorWords, id, () => 'Unknown')} (${id})`);
  let left = length - 4;
  for (let p = at + 4; left >= 2; ) {
    const type = d.u8(p);
    const size = d.u8(p + 1) >= 2 ? d.u8(p + 1) - 2 : 0;
    p += 2;
    left -= 2;
    d.put(`\n\t    Vendor Attribute: ${type}, Length: ${size}`);
    if (size > left) return d.put(' (bogus, goes past end of vendor-specific attribute)');
    d.put(', Value: ');
    text(d, p, size, 0);
    p += size;
    left -= size;
  }
};

/** Seconds since 1900 with a fraction, as NTP has them. */
function ntpTime(d: Dissector, at: number): void {
  const seconds = d.be32(at);
  const fraction = Math.floor((d.be32(at + 4) / 0x1_0000_0000) * 1e9);
  d.put(`${seconds}.${String(fraction).padStart(9, '0')}`);
  if (seconds !== 0) d.put(` (${new Date((seconds - 2208988800) * 1000).toISOString().replace('.000Z', 'Z')})`);
}

/** RFC 5580 4.2 to 4.4. */
const locationInformation: Show = (d, at, length) => {
  if (length < 21) return d.put(`ERROR: length ${length} < 21`);
  d.put(`index ${d.be16(at)}, code ${word(locationCodes, d.u8(at + 2), (n) => `unknown (${n})`)}`);
  d.put(`, entity ${word(entities, d.u8(at + 3), (n) => `unknown (${n})`)}, sighting time `);
  ntpTime(d, at + 4);
  d.put(', time to live ');
  ntpTime(d, at + 12);
  d.put(', method "');
  d.chars(at + 20, length - 20);
  d.put('"');
};

const locationData: Show = (d, at, length) => {
  if (length < 3) return d.put(`ERROR: length ${length} < 3`);
  d.put(`index ${d.be16(at)}, location`);
  d.hexAndAscii('\n\t    ', at + 2, length - 2);
};

const policyRules: Show = (d, at, length) => {
  if (length < 10) return d.put(`ERROR: length ${length} < 10`);
  const flags = d.be16(at);
  d.put(`flags [${(flags & 0x8000) !== 0 ? 'Retransmission Allowed' : 'none'}]`);
  if ((flags & 0x7fff) !== 0) d.put(` (bogus)`);
  d.put(', retention expires ');
  ntpTime(d, at + 2);
  if (length === 10) return;
  d.put(', note well "');
  d.chars(at + 10, length - 10);
  d.put('"');
};

const silent: Show = () => undefined;

/** How each attribute is shown; the others are text. */
const shows: Readonly<Record<number, Show>> = {
  2: silent,
  3: silent,
  4: address,
  5: number,
  6: number,
  7: number,
  8: address,
  9: address,
  10: number,
  12: number,
  13: number,
  14: address,
  15: number,
  16: number,
  17: silent,
  21: silent,
  54: silent,
  93: silent,
  0: silent,
  23: number,
  26: vendor,
  27: duration,
  28: duration,
  29: number,
  36: silent,
  37: number,
  38: number,
  40: number,
  41: duration,
  42: number,
  43: number,
  45: number,
  46: duration,
  47: number,
  48: number,
  49: number,
  51: number,
  52: number,
  53: number,
  55: timestamp,
  56: exactly(4, (d, at) => {
    vlanTag(d, at);
    d.put(String(d.be24(at + 1) & 0xfff));
  }),
  57: exactly(4, (d, at) => d.put(word({ 1: 'Enabled', 2: 'Disabled' }, d.be32(at)))),
  58: (d, at, length) => {
    vlanTag(d, at);
    text(d, at + 1, length - 1, 0);
  },
  59: silent,
  61: number,
  62: number,
  64: number,
  65: number,
  66: tagged,
  67: tagged,
  69: tagged,
  70: exactly(16, text),
  71: exactly(14, silent),
  72: number,
  75: number,
  76: number,
  79: (d, at, length) => {
    if (length < 4 || d.be16(at + 2) !== length) return d.put('EAP fragment?');
    eap(d, at, length);
    d.protocol = 'radius';
  },
  81: tagged,
  82: tagged,
  83: preference,
  84: exactly(8, silent),
  85: duration,
  86: number,
  90: tagged,
  91: tagged,
  95: address6,
  96: text,
  97: prefix6,
  98: address6,
  101: exactly(4, (d, at) => {
    const cause = d.be32(at);
    d.put(`Error cause ${cause}: ${word(errorCauseWords, cause, (n) => `Error-Cause ${n} not known`)}`);
  }),
  123: prefix6,
  124: exactly(8, (d, at) => d.put(`[${[...set(featureBits, d.be32(at + 4)), ...set(mobilityBits, d.be32(at))].join(', ')}]`)),
  125: exactly(17, (d, at) => {
    const length = d.u8(at);
    d.put(`${d.ip6(at + 1)}/${length}`);
  }),
  126: (d, at, length) => {
    if (length < 2) return d.put(`ERROR: length ${length} < 2`);
    const space = d.u8(at);
    d.put(`[${word(namespaceWords, space, (n) => `unknown namespace ${n}`)}] `);
    d.chars(at + 1, length - 1);
  },
  127: locationInformation,
  128: locationData,
  129: policyRules,
};

const attribute = (d: Dissector, type: number, at: number, length: number): void => {
  d.need(at, length);
  const show = attributeWords[type] === undefined && type !== 0 ? silent : (shows[type] ?? text);
  show(d, at, length, type);
};

export const radiusPort: PortPrinter = { ports: [1812, 1645, 1813, 1646, 3799, 1700], type: 'radius', print: radius };
