// Cisco's discovery protocol.
import type { Dissector } from '../dissector.js';
import { bits, fixed, hex, hex0x, plural } from '../words.js';

const HEADER = 4;
const FIELD_HEADER = 4;
const DEVICE_ID = 1;
const NLPID_IP = 0xcc;

const capabilityBits = [
  [0x01, 'Router'],
  [0x02, 'Transparent Bridge'],
  [0x04, 'Source Route Bridge'],
  [0x08, 'L2 Switch'],
  [0x10, 'L3 capable'],
  [0x20, 'IGMP snooping'],
  [0x40, 'L1 capable'],
] as const;

interface Field {
  readonly name: string;
  readonly least?: number;
  readonly most?: number;
  readonly print?: (d: Dissector, at: number, length: number) => void;
}

const text: Field['print'] = (d, at, length) => {
  d.put("'");
  d.chars(at, length);
  d.put("'");
};

const voice: Field['print'] = (d, at, length) =>
  d.put(length === 2 ? `unknown ${hex0x(d.be16(at), 4)}` : `app ${d.u8(at)}, vlan ${d.be16(at + 1)}`);

const byte: Field['print'] = (d, at) => d.put(hex0x(d.u8(at), 2));

const fields: Readonly<Record<number, Field>> = {
  [DEVICE_ID]: { name: 'Device-ID', print: text },
  0x02: { name: 'Address', print: addresses },
  0x03: { name: 'Port-ID', print: text },
  0x04: {
    name: 'Capability',
    least: 4,
    most: 4,
    print: (d, at) => d.put(`(${hex0x(d.be32(at), 8)}): ${bits(capabilityBits, d.be32(at))}`),
  },
  0x05: { name: 'Version String', print: version },
  0x06: { name: 'Platform', print: text },
  0x07: { name: 'Prefixes', print: prefixes },
  0x08: { name: 'Protocol-Hello option' },
  0x09: { name: 'VTP Management Domain', print: text },
  0x0a: { name: 'Native VLAN ID', least: 2, most: 2, print: (d, at) => d.put(String(d.be16(at))) },
  0x0b: { name: 'Duplex', least: 1, most: 1, print: (d, at) => d.put(d.u8(at) === 0 ? 'half' : 'full') },
  0x0e: { name: 'ATA-186 VoIP VLAN assignment', least: 3, most: 3, print: voice },
  0x0f: { name: 'ATA-186 VoIP VLAN request', least: 2, most: 3, print: voice },
  0x10: { name: 'power consumption', least: 1, most: 3, print: power },
  0x11: { name: 'MTU', least: 4, most: 4, print: (d, at) => d.put(`${d.be32(at)} bytes`) },
  0x12: { name: 'AVVID trust bitmap', least: 1, most: 1, print: byte },
  0x13: { name: 'AVVID untrusted ports CoS', least: 1, most: 1, print: byte },
  0x14: { name: 'System Name', print: text },
  0x15: { name: 'System Object ID (not decoded)' },
  0x16: { name: 'Management Addresses', least: 4, print: addresses },
  0x17: { name: 'Physical Location', least: 1, print: location },
};

export function cdp(d: Dissector, start: number, givenLength: number): void {
  d.protocol = 'cdp';
  let at = start;
  let length = givenLength;
  const wrong = (message: string) => {
    d.put(message);
    d.invalid();
    d.need(at, length);
  };
  if (length < HEADER) return wrong(` (packet length ${length} < ${HEADER})`);
  const verbose = d.options.verbose > 0;
  d.put(`CDPv${d.u8(at)}, ttl: ${d.u8(at + 1)}s`);
  const checksum = d.be16(at + 2);
  if (verbose) d.put(`, checksum: ${hex0x(checksum, 4)} (unverified), length ${length}`);
  at += HEADER;
  length -= HEADER;
  while (length > 0) {
    if (length < FIELD_HEADER) return wrong(` (remaining packet length ${length} < ${FIELD_HEADER})`);
    const type = d.be16(at);
    const bytes = d.be16(at + 2);
    const field = fields[type];
    const name = field?.name ?? 'unknown field type';
    if (bytes < FIELD_HEADER)
      return wrong(
        verbose
          ? `\n\t${name} (${hex0x(type, 2)}), TLV length: ${bytes} byte${plural(bytes)} (too short)`
          : `, ${name} TLV length ${bytes} too short`,
      );
    if (bytes > length) return wrong(` (TLV length ${bytes} > ${length})`);
    const value = at + FIELD_HEADER;
    const left = bytes - FIELD_HEADER;
    if (!verbose && type === DEVICE_ID) d.put(', Device-ID ');
    else if (verbose) d.put(`\n\t${name} (${hex0x(type, 2)}), value length: ${left} byte${plural(left)}: `);
    // Numbers that are not assigned, up to the last that is, are left alone without -v.
    const known = field ?? (type <= 0x17 ? { name } : undefined);
    let shown = false;
    if (known !== undefined) {
      if ((known.least !== undefined && left < known.least) || (known.most !== undefined && left > known.most)) d.put(' (malformed TLV)');
      else if (verbose || type === DEVICE_ID) {
        if (known.print === undefined) d.need(value, left);
        else known.print(d, value, left);
        shown = true;
      }
    }
    if (!shown) {
      d.need(value, left);
      d.unknown(value, '\n\t  ', left);
    }
    at += bytes;
    length -= bytes;
  }
  if (!verbose) d.put(`, length ${givenLength}`);
}

function power(d: Dissector, at: number, length: number): void {
  const milliwatts = length === 1 ? d.u8(at) : length === 2 ? d.be16(at) : d.be24(at);
  d.put(`${fixed(milliwatts / 1000, 2)}W`);
}

function version(d: Dissector, at: number, length: number): void {
  d.put('\n\t  ');
  for (let i = 0; i < length; i++) {
    const code = d.u8(at + i);
    if (code === 0x0a) d.put('\n\t  ');
    else d.char(code);
  }
}

function location(d: Dissector, at: number, length: number): void {
  d.put(hex0x(d.u8(at), 2));
  if (length <= 1) return;
  d.put('/');
  d.chars(at + 1, length - 1);
}

const LLC_IPV6 = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x86, 0xdd];

function addresses(d: Dissector, start: number, givenLength: number): void {
  let at = start;
  let left = givenLength;
  const missing = (what: string) => {
    d.put(` (not enough space for ${what})`);
    d.need(at, left);
  };
  if (left < 4) return missing('num');
  let count = d.be32(at);
  at += 4;
  left -= 4;
  while (count > 0) {
    if (left < 2) return missing('PT+PL');
    const type = d.u8(at);
    const protocolBytes = d.u8(at + 1);
    at += 2;
    left -= 2;
    if (left < protocolBytes + 2) return missing('P+AL');
    const bytes = d.be16(at + protocolBytes);
    const isV4 = type === 1 && protocolBytes === 1 && d.u8(at) === NLPID_IP && bytes === 4;
    const isV6 = type === 2 && protocolBytes === 8 && bytes === 16 && LLC_IPV6.every((value, i) => d.u8(at + i) === value);
    if (!isV4 && !isV6) {
      d.put(`pt=${hex0x(type, 2)}, pl=${protocolBytes}, pb=`);
      for (let i = 0; i < protocolBytes; i++) d.put(` ${hex(d.u8(at + i), 2)}`);
      d.put(`, al=${bytes}, a=`);
    }
    at += protocolBytes + 2;
    left -= protocolBytes + 2;
    if (left < bytes) return missing('A');
    if (isV4) d.put(`IPv4 (${count}) ${d.ip(at)}`);
    else if (isV6) d.put(`IPv6 (${count}) ${d.ip6(at)}`);
    else for (let i = 0; i < bytes; i++) d.put(` ${hex(d.u8(at + i), 2)}`);
    at += bytes;
    left -= bytes;
    count--;
    if (count > 0) d.put(' ');
  }
  if (left > 0) d.put(` (${left} bytes of stray data)`);
}

function prefixes(d: Dissector, at: number, length: number): void {
  if (length % 5 !== 0) {
    d.put(` [length ${length} is not a multiple of 5]`);
    return d.need(at, length);
  }
  d.put(` IPv4 Prefixes (${length / 5}):`);
  for (let i = 0; i < length; i += 5)
    d.put(` ${d.u8(at + i)}.${d.u8(at + i + 1)}.${d.u8(at + i + 2)}.${d.u8(at + i + 3)}/${d.u8(at + i + 4)}`);
}
