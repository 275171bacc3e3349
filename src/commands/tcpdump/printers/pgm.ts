// PGM, reliable multicast: RFC 3208.
import type { Dissector } from '../dissector.js';
import { hex, hex0x } from '../words.js';
import type { IpContext, IpProtocolPrinter, PortPrinter } from './registry-types.js';
import { endpoints } from './udp.js';
import { zmtpDatagram } from './zmtp.js';

const PROTOCOL = 113;
const HEADER = 16;
const LEAST_OPTION = 4;
const LAST = 0x80;
const ORIGINAL_DATA = 4;
const REPAIR_DATA = 5;
const INET = 1;
const INET6 = 2;

/** Reads on; addresses of a family that is unknown end the packet as if it were cut. */
class Reader {
  readonly d: Dissector;
  at: number;

  constructor(d: Dissector, at: number) {
    this.d = d;
    this.at = at;
  }

  u8 = () => this.d.u8(this.at++);

  u16(): number {
    this.at += 2;
    return this.d.be16(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.d.be32(this.at - 4);
  }

  skip(count: number): void {
    this.at += count;
  }

  address(family: number): string {
    const { d, at } = this;
    if (family !== INET && family !== INET6) d.need(at, Number.POSITIVE_INFINITY);
    this.at += family === INET ? 4 : 16;
    d.need(at, this.at - at);
    // Names are not looked up here.
    return family === INET ? Array.from(d.bytes.subarray(at, at + 4)).join('.') : d.ip6(at);
  }
}

function pgm(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'pgm';
  if (!d.has(at + 2, 2)) {
    const { header } = ip;
    const [one, other] = ip.version === 6 ? [d.ip6(header + 8), d.ip6(header + 24)] : [d.ip(header + 12), d.ip(header + 16)];
    d.put(`${one} > ${other}:`);
    return d.truncated();
  }
  d.put(endpoints(d, ip, PROTOCOL, (port) => d.names.tcpPort(port), d.be16(at), d.be16(at + 2)));
  d.cutShort(() => {
    d.need(at, HEADER);
    const declared = d.be16(at + 14);
    d.put(`PGM, length ${declared}`);
    if (d.options.verbose === 0) return;
    d.put(` 0x${d.hexOf(at + 8, 6)} `);
    const type = d.u8(at + 4);
    // As tcpdump: of a type without a body, or an unknown one, options are looked for where the packet begins.
    const r = new Reader(d, hasBody(type) ? at + HEADER : at);
    message(r, type);
    if ((d.u8(at + 5) & 1) !== 0 && !options(r)) return;
    d.put(` [${length}]`);
    if (d.options.packetType === 'pgm_zmtp1' && (type === ORIGINAL_DATA || type === REPAIR_DATA)) zmtpDatagram(d, r.at, declared);
  });
}

const hasBody = (type: number) => type <= 2 || type === ORIGINAL_DATA || type === REPAIR_DATA || (type >= 8 && type <= 11);

const nakWords: Readonly<Record<number, string>> = { 8: 'NAK', 9: 'NNAK', 10: 'NCF' };

function message(r: Reader, type: number): void {
  const { d } = r;
  switch (type) {
    case 0: {
      d.need(r.at, 16);
      const [sequence, trail, lead, family] = [r.u32(), r.u32(), r.u32(), r.u16()];
      r.skip(2);
      return d.put(`SPM seq ${sequence} trail ${trail} lead ${lead} nla ${r.address(family)}`);
    }
    case 2:
      d.need(r.at, 8);
      d.put(`POLR seq ${r.u32()} round ${r.u16()}`);
      return r.skip(2);
    case 1: {
      d.need(r.at, 12);
      const [sequence, round] = [r.u32(), r.u16()];
      r.skip(2);
      const family = r.u16();
      r.skip(2);
      const [address, interval, random, mask] = [r.address(family), r.u32(), r.u32(), r.u32()];
      return d.put(`POLL seq ${sequence} round ${round} nla ${address} ivl ${interval} rnd ${hex0x(random, 8)} mask ${hex0x(mask, 8)}`);
    }
    case ORIGINAL_DATA:
    case REPAIR_DATA: {
      d.need(r.at, 8);
      const [sequence, trail] = [r.u32(), r.u32()];
      return d.put(`${type === ORIGINAL_DATA ? 'ODATA' : 'RDATA'} trail ${trail} seq ${sequence}`);
    }
    case 8:
    case 9:
    case 10: {
      d.need(r.at, 8);
      const [sequence, family] = [r.u32(), r.u16()];
      r.skip(2);
      const source = r.address(family);
      // As tcpdump: the group's family is looked for behind itself.
      r.skip(4);
      const group = r.address(d.be16(r.at));
      return d.put(`${nakWords[type]} (${source} -> ${group}), seq ${sequence}`);
    }
    case 11:
      d.need(r.at, 8);
      d.put(`ACK seq ${r.u32()}`);
      return r.skip(4);
    case 12:
      return d.put('SPMR');
    default:
      d.put(`UNKNOWN type ${hex0x(type, 2)}`);
  }
}

/** False: they are wrong, and nothing more is shown. */
function options(r: Reader): boolean {
  const { d } = r;
  const wrong = (text: string) => {
    d.put(`[${text}]`);
    return false;
  };
  d.need(r.at, LEAST_OPTION);
  const first = r.u8() & 0x7f;
  if (first !== 0) return wrong(`First option bad, should be PGM_OPT_LENGTH, is ${first}`);
  const size = r.u8();
  if (size !== 4) return wrong(`Bad OPT_LENGTH option, length ${size} != 4`);
  let left = r.u16();
  if (left < 4) return wrong(`Bad total option length ${left} < 4`);
  d.put(` OPTS LEN ${left}`);
  for (left -= 4; left !== 0; ) {
    if (left < LEAST_OPTION) return wrong('Total option length leaves no room for final option');
    d.need(r.at, 2);
    const type = r.u8();
    const length = r.u8();
    if (length < LEAST_OPTION) {
      wrong(`Bad option, length ${length} < ${LEAST_OPTION}`);
      return true;
    }
    if (left < length) return wrong('Total option length leaves no room for final option');
    d.need(r.at, length - 2);
    const taken = option(r, type, length);
    if (taken < 0) return false;
    left -= taken;
    if ((type & LAST) !== 0) return true;
  }
  return true;
}

/** Past the reserved bytes behind an option's head. */
function reserved(r: Reader): Reader {
  r.skip(2);
  return r;
}

const named = (text: string) => (r: Reader) => {
  reserved(r);
  return text;
};

/** Options of a fixed length: name, length, and what they say. */
const fixed: Readonly<Record<number, readonly [name: string, length: number, text: (r: Reader) => string]>> = {
  0x00: ['LENGTH', 4, (r) => `OPTS LEN (extra?) ${r.u16()}`],
  0x01: ['FRAGMENT', 16, (r) => `FRAG seq ${reserved(r).u32()} off ${r.u32()} len ${r.u32()}`],
  0x03: ['JOIN', 8, (r) => `JOIN ${reserved(r).u32()}`],
  0x04: ['NAK_BO_IVL', 12, (r) => `BACKOFF ivl ${reserved(r).u32()} ivlseq ${r.u32()}`],
  0x05: ['NAK_BO_RNG', 12, (r) => `BACKOFF max ${reserved(r).u32()} min ${r.u32()}`],
  0x08: ['PARITY_PRM', 8, (r) => `PARITY MAXTGS ${reserved(r).u32()}`],
  0x09: ['PARITY_GRP', 8, (r) => `PARITY GROUP ${reserved(r).u32()}`],
  0x0a: ['CURR_TGSIZE', 8, (r) => `PARITY ATGS ${reserved(r).u32()}`],
  0x0b: ['NBR_UNREACH', 4, named('NBR_UNREACH')],
  0x0d: ['SYN', 4, named('SYN')],
  0x0e: ['FIN', 4, named('FIN')],
  0x0f: ['RST', 4, named('RST')],
  0x11: ['CRQST', 4, named('CRQST')],
};

/** How many bytes of options it took; -1: it is wrong. */
function option(r: Reader, type: number, length: number): number {
  const { d } = r;
  const kind = type & 0x7f;
  const known = fixed[kind];
  if (known !== undefined) {
    const [name, size, text] = known;
    if (length !== size) {
      d.put(`[Bad OPT_${name} option, length ${length} != ${size}]`);
      return -1;
    }
    d.put(` ${text(r)}`);
    return size;
  }
  switch (kind) {
    case 0x02:
      return nakList(r, length);
    case 0x07:
      return withAddress(r, length, 'OPT_REDIRECT', 'OPT_REDIRECT', 8, (_value, address) => `REDIRECT ${address}`);
    case 0x12:
      return withAddress(r, length, 'OPT_PGMCC_DATA', 'OPT_PGMCC_DATA', 12, (value, address) => `PGMCC DATA ${value} ${address}`);
    case 0x13:
      return withAddress(
        r,
        length,
        'PGM_OPT_PGMCC_FEEDBACK',
        'OPT_PGMCC_FEEDBACK',
        12,
        (value, address) => `PGMCC FEEDBACK ${value} ${address}`,
      );
    case 0x0c:
      d.put(` PATH_NLA [${length}]`);
      break;
    case 0x10:
      d.put(' CR');
      break;
    default:
      d.put(` OPT_${hex(type, 2).toUpperCase()} [${length}] `);
  }
  // As tcpdump: the head was passed already, and is passed again.
  r.skip(length);
  return length;
}

function nakList(r: Reader, length: number): number {
  r.skip(2);
  r.d.put(' NAK LIST');
  let taken = 0;
  for (let left = length - 4; left > 0; left -= 4) {
    if (left < 4) {
      r.d.put('[Option length not a multiple of 4]');
      return -1;
    }
    r.d.put(` ${r.u32()}`);
    taken += 4;
  }
  return taken;
}

function withAddress(
  r: Reader,
  length: number,
  name: string,
  longName: string,
  size: number,
  text: (value: number, address: string) => string,
): number {
  const { d } = r;
  if (length < size) {
    d.put(`[Bad ${name} option, length ${length} < ${size}]`);
    return -1;
  }
  r.skip(2);
  const value = size > 8 ? r.u32() : 0;
  const family = r.u16();
  r.skip(2);
  if (family !== INET && family !== INET6) d.need(r.at, Number.POSITIVE_INFINITY);
  const whole = size + (family === INET ? 4 : 16);
  if (length !== whole) {
    const [one, other] = longName === 'OPT_REDIRECT' && family === INET6 ? [size, length] : [length, size];
    d.put(`[Bad ${longName} option, length ${one} != ${other} + address size]`);
    return -1;
  }
  d.put(` ${text(value, r.address(family))}`);
  return whole;
}

export const pgmProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: pgm };

/** Behind UDP, where -T says so. */
export const pgmPorts: readonly PortPrinter[] = ['pgm', 'pgm_zmtp1'].map((type) => ({ type, print: pgm }));
