import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { formatIpv4 } from '../../../../wire/ipv4-address.js';
import { addressFromBytes, addressToBytes } from '../../../../wire/ipv6.js';
import { formatIpv6, parseIpv6 } from '../../../../wire/ipv6-address.js';
import * as tcp from '../../../../wire/tcp.js';
import { IP_CT_ESTABLISHED, IP_CT_ESTABLISHED_REPLY } from '../layout.js';
import { replaceText } from '../sequence-adjust.js';
import { Tuple } from '../tuple.js';
import type { ConntrackHelper, HelpedPacket } from './helper.js';
import { expectFrom, followMaster, isTranslated } from './expect.js';

/** How a line announces an address and a port. */
type Form = 'port' | 'eprt' | 'pasv' | 'epsv';

interface Announcement {
  readonly form: Form;
  /** Where in the data the numbers begin, and how many bytes they take. */
  readonly from: number;
  readonly length: number;
  /** Null: the connection's own. */
  readonly address: Uint32Array | null;
  readonly port: number;
}

const own = new Tuple();
const other = new Tuple();
/** Lines are longer only where somebody means ill. */
const LINE_BYTES = 256;

const octets = (text: readonly string[]): number[] | null => {
  const numbers = text.map(Number);
  return numbers.every((number) => number <= 255) ? numbers : null;
};

/** h1,h2,h3,h4,p1,p2 */
function commas(form: Form, line: string, match: RegExpExecArray): Announcement | null {
  const numbers = octets(match.slice(1, 7));
  if (numbers === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = numbers;
  const text = match.slice(1, 7).join(',');
  const address = Uint32Array.of(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, 0, 0, 0);
  return { form, from: line.indexOf(text), length: text.length, address, port: (high << 8) | low };
}

/** RFC 959 PORT and 227, RFC 2428 EPRT and 229. */
function read(line: string, direction: number, four: boolean): Announcement | null {
  const six = '(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3})';
  if (direction === 0) {
    const port = four ? new RegExp(`^PORT ${six}\\r?\\n`, 'i').exec(line) : null;
    if (port !== null) return commas('port', line, port);
    const eprt = /^EPRT (([^\d\s])([12])\2([^\s|]+)\2(\d{1,5})\2)\r?\n/i.exec(line);
    if (eprt === null) return null;
    const [, text = '', , version, host = '', number] = eprt;
    const address = version === '1' ? address4(host) : address6(host);
    if (address === null || (version === '1') !== four) return null;
    return { form: 'eprt', from: 5, length: text.length, address, port: Number(number) };
  }
  if (line.startsWith('227 ')) {
    const pasv = four ? new RegExp(six).exec(line) : null;
    return pasv === null || !line.includes('\n') ? null : commas('pasv', line, pasv);
  }
  const epsv = /^229 [^(]*\((([^\d\s])\2\2(\d{1,5})\2)\)/.exec(line);
  if (epsv === null) return null;
  const [, text = '', , number] = epsv;
  return { form: 'epsv', from: line.indexOf(text), length: text.length, address: null, port: Number(number) };
}

function address4(text: string): Uint32Array | null {
  const parts = text.split('.');
  const numbers = parts.length === 4 ? octets(parts) : null;
  if (numbers === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  return Uint32Array.of(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, 0, 0, 0);
}

function address6(text: string): Uint32Array | null {
  const bytes = parseIpv6(text);
  return bytes === null ? null : addressFromBytes(bytes);
}

/** The same in other numbers. Linux: nf_nat_ftp_fmt_cmd() */
function write(form: Form, address: Uint32Array, port: number, four: boolean): string {
  const dotted = formatIpv4(address[0]!);
  if (form === 'port' || form === 'pasv') return `${dotted.replaceAll('.', ',')},${port >> 8},${port & 0xff}`;
  if (form === 'epsv') return `|||${port}|`;
  return four ? `|1|${dotted}|${port}|` : `|2|${formatIpv6(addressToBytes(address))}|${port}|`;
}

/** FTP, RFC 959: its control connection announces each connection for data. Linux: nf_conntrack_ftp.c, nf_nat_ftp.c */
export const ftp: ConntrackHelper = {
  name: 'ftp',
  protocol: tcp.PROTOCOL,
  timeout: 300,
  expects: 1,
  help(packet: HelpedPacket): boolean {
    const { skb, at, conntrack, id, direction } = packet;
    const { table, expectations } = conntrack;
    // Nothing is announced before both have spoken.
    if (packet.info !== IP_CT_ESTABLISHED && packet.info !== IP_CT_ESTABLISHED_REPLY) return true;
    const data = at + tcp.headerBytes(skb.view, at);
    if (data >= skb.tail) return true;
    const first = skb.bytes[data]!;
    // Only what may be one of the four: PORT, EPRT, 227, 229.
    if (direction === 0 ? first !== 0x50 && first !== 0x45 && first !== 0x70 && first !== 0x65 : first !== 0x32) return true;
    table.readTuple(id, direction, own);
    table.readTuple(id, 1 - direction, other);
    const four = own.family === NFPROTO_IPV4;
    const line = String.fromCharCode(...skb.bytes.subarray(data, Math.min(skb.tail, data + LINE_BYTES)));
    const found = read(line, direction, four);
    if (found === null) return true;
    const { address, port } = found;
    // An address that is not the sender's own would let a third one be reached (the module's "loose" is off).
    if (address?.some((word, i) => (four && i > 0 ? false : word !== own.source[i]))) return true;
    const expectation = expectFrom(packet, ftp, other.destination, port);
    if (!isTranslated(packet)) return expectations.add(expectation, ftp.expects) === 0;
    const taken = followMaster(packet, ftp, expectation);
    if (taken === 0) return false;
    const text = write(found.form, other.destination, taken, four);
    if (replaceText(packet, data + found.from, found.length, text)) return true;
    expectations.remove(expectation);
    return false;
  },
};
