import { checksum as internetChecksum, sum } from '../../wire/checksum.js';
import type { SecurityAssociation } from './esp-secrets.js';
import type { Names } from './names.js';
import type { Registry } from './printers/registry-types.js';

/** What the command line says of how packets are shown. Counts are how often an option was given. */
export interface DisplayOptions {
  readonly verbose: number;
  readonly quiet: number;
  /** -e: link-layer headers are shown. */
  readonly linkLayer: boolean;
  /** -K: checksums are not verified. */
  readonly keepChecksums: boolean;
  /** -n: addresses and ports are numbers. */
  readonly numeric: number;
  /** -S: sequence numbers of TCP as they are. */
  readonly absoluteSequence: boolean;
  /** -u: NFS handles as they are. */
  readonly undecodedHandles: boolean;
  /** -b: AS numbers in dots. */
  readonly asDot: boolean;
  /** -H: 802.11s headers are looked for. */
  readonly meshHeaders: boolean;
  /** -M: the secret that packets are signed with; '': none was given. */
  readonly secret: string;
  /** -E: how ESP is decrypted. */
  readonly associations: readonly SecurityAssociation[];
  /** -T: what UDP or TCP is taken for; '': what its ports say. */
  readonly packetType: string;
  /** A hex dump follows by -x or -X, or -q asks for less: what is unknown is not dumped. */
  readonly suppressDump: boolean;
}

/** A link-layer address of whoever called, for printers that tell of it. */
export interface LinkAddresses {
  /** Positions in the packet; -1: none. */
  readonly source: number;
  readonly destination: number;
}

/** Thrown by the readers below at the end of what was captured; the top shows `[|proto]`. One object for all, without a stack. */
export const TRUNCATED = Symbol('truncated');

/** What a packet may print: a bound for packets made to print without end. */
const MAXIMUM_OUTPUT = 1 << 20;

/** Headers within headers that a packet may have before its inmost ones are left alone. */
const MAXIMUM_DEPTH = 24;

const graphic = (byte: number) => byte > 0x20 && byte < 0x7f;

/**
 * A packet while it is printed. Printers take it, an absolute position, and how many bytes the layer above says there are; they
 * read with the functions here, which throw TRUNCATED at the end of what was captured, and put text.
 */
export class Dissector {
  readonly options: DisplayOptions;
  readonly names: Names;
  readonly registry: Registry;
  view: DataView = new DataView(new ArrayBuffer(0));
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the packet starts in `bytes`. */
  start = 0;
  /** Where what may be read ends: less than what was captured inside a layer that says its own length. */
  end = 0;
  /** Name of the innermost printer so far, for `[|name]`. */
  protocol = '';
  /** How long the link-layer header was: -x and -X leave it out. */
  linkHeader = 0;
  text = '';
  depth = 0;

  constructor(options: DisplayOptions, names: Names, registry: Registry) {
    this.options = options;
    this.names = names;
    this.registry = registry;
  }

  put(text: string): void {
    this.text += text;
    if (this.text.length > MAXIMUM_OUTPUT) throw TRUNCATED;
  }

  /** Goes one header deeper, as tunnels do; a packet that nests without end is cut as if its end were missing. */
  enter(): void {
    if (++this.depth > MAXIMUM_DEPTH) throw TRUNCATED;
  }

  // Reading. Each checks that the bytes were captured.

  u8(at: number): number {
    if (at + 1 > this.end) throw TRUNCATED;
    return this.bytes[at]!;
  }

  i8(at: number): number {
    return (this.u8(at) << 24) >> 24;
  }

  be16(at: number): number {
    if (at + 2 > this.end) throw TRUNCATED;
    return this.view.getUint16(at);
  }

  be24(at: number): number {
    if (at + 3 > this.end) throw TRUNCATED;
    return (this.view.getUint16(at) << 8) | this.bytes[at + 2]!;
  }

  be32(at: number): number {
    if (at + 4 > this.end) throw TRUNCATED;
    return this.view.getUint32(at);
  }

  s32(at: number): number {
    return this.be32(at) | 0;
  }

  be48(at: number): number {
    return this.be16(at) * 0x1_0000_0000 + this.be32(at + 2);
  }

  be64(at: number): bigint {
    if (at + 8 > this.end) throw TRUNCATED;
    return this.view.getBigUint64(at);
  }

  le16(at: number): number {
    if (at + 2 > this.end) throw TRUNCATED;
    return this.view.getUint16(at, true);
  }

  le32(at: number): number {
    if (at + 4 > this.end) throw TRUNCATED;
    return this.view.getUint32(at, true);
  }

  le64(at: number): bigint {
    if (at + 8 > this.end) throw TRUNCATED;
    return this.view.getBigUint64(at, true);
  }

  float(at: number): number {
    if (at + 4 > this.end) throw TRUNCATED;
    return this.view.getFloat32(at);
  }

  /** Were `count` bytes captured from `at` on? */
  has(at: number, count: number): boolean {
    return at + count <= this.end;
  }

  need(at: number, count: number): void {
    if (at + count > this.end) throw TRUNCATED;
  }

  /** Bytes captured from `at` on. */
  left(at: number): number {
    return at < this.end ? this.end - at : 0;
  }

  /** The layer at `at` says that it ends `length` bytes on: nothing beyond is read. Returns the end to restore. */
  cut(at: number, length: number): number {
    const before = this.end;
    if (at + length < before) this.end = at + length;
    return before;
  }

  // Texts of what lies in the packet.

  ip(at: number): string {
    return this.names.ip(this.be32(at));
  }

  ip6(at: number): string {
    this.need(at, 16);
    return this.names.ip6(this.bytes, at);
  }

  mac(at: number): string {
    this.need(at, 6);
    return this.names.mac(this.bytes, at);
  }

  /** Bytes as two hex digits each, with `between` between them. */
  hexOf(at: number, count: number, between = ''): string {
    let text = '';
    for (let i = 0; i < count; i++)
      text += `${i === 0 ? '' : between}${this.u8(at + i)
        .toString(16)
        .padStart(2, '0')}`;
    return text;
  }

  /** fn_print_char(): what is not graphic ASCII with carets and M-. */
  char(byte: number): void {
    let code = byte;
    if (code >= 0x80) {
      this.put('M-');
      code &= 0x7f;
    }
    if (code < 0x20 || code === 0x7f) this.put(`^${String.fromCharCode(code ^ 0x40)}`);
    else this.put(String.fromCharCode(code));
  }

  /** `count` bytes as characters, until `end` if given; says whether it came to the end. nd_printn() */
  chars(at: number, count: number, end = Number.POSITIVE_INFINITY): boolean {
    for (let i = 0; i < count; i++) {
      if (at + i >= end) return true;
      this.char(this.u8(at + i));
    }
    return false;
  }

  /** The same up to a zero byte. nd_printjnp() */
  charsToZero(at: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const byte = this.u8(at + i);
      if (byte === 0) return;
      this.char(byte);
    }
  }

  /** A string that a zero byte must end within `count` bytes: its length with the zero; 0: it has none. nd_printztn() */
  zeroEnded(at: number, count: number, end = Number.POSITIVE_INFINITY): number {
    for (let i = 0; ; i++) {
      if (i >= count || at + i >= end) return 0;
      const byte = this.u8(at + i);
      if (byte === 0) return i + 1;
      this.char(byte);
    }
  }

  truncated(): void {
    this.put(` [|${this.protocol}]`);
  }

  invalid(): void {
    this.put(' (invalid)');
  }

  /** Runs a part that may end early: shows `[|protocol]` and says true where it did. */
  cutShort(part: () => void): boolean {
    if (!this.endsEarly(part)) return false;
    this.truncated();
    return true;
  }

  /** Runs a part, and says whether it met the end of what was captured. */
  endsEarly(part: () => void): boolean {
    try {
      part();
      return false;
    } catch (error) {
      if (error !== TRUNCATED) throw error;
      return true;
    }
  }

  // Dumps.

  /** hex_print(): ` 0x0000:  4500 003c ...` lines, `indent` before each. */
  hex(indent: string, at: number, length: number, offset = 0): void {
    const count = Math.min(length, this.left(at));
    let line = '';
    for (let i = 0; i < count; i += 2) {
      if (i % 16 === 0) line += `${indent}0x${(offset + i).toString(16).padStart(4, '0')}: `;
      line += ` ${hexByte(this.bytes[at + i]!)}${i + 1 < count ? hexByte(this.bytes[at + i + 1]!) : ''}`;
    }
    this.put(line);
    if (count < length) throw TRUNCATED;
  }

  hexAndAscii(indent: string, at: number, length: number): void {
    const count = Math.min(length, this.left(at));
    let lines = '';
    for (let line = 0; line < count; line += 16) {
      let hex = '';
      let ascii = '';
      for (let i = line; i < Math.min(line + 16, count); i++) {
        const byte = this.bytes[at + i]!;
        hex += i % 2 === 0 ? ` ${hexByte(byte)}` : hexByte(byte);
        ascii += graphic(byte) ? String.fromCharCode(byte) : '.';
      }
      lines += `${indent}0x${line.toString(16).padStart(4, '0')}: ${hex.padEnd(40)}  ${ascii}`;
    }
    this.put(lines);
    if (count < length) throw TRUNCATED;
  }

  ascii(at: number, length: number): void {
    const count = Math.min(length, this.left(at));
    let text = '\n';
    for (let i = 0; i < count; i++) {
      const byte = this.bytes[at + i]!;
      if (byte === 0x0d) {
        if (count - i - 1 > 1 && this.bytes[at + i + 1] !== 0x0a) text += '.';
      } else text += graphic(byte) || byte === 0x09 || byte === 0x20 || byte === 0x0a ? String.fromCharCode(byte) : '.';
    }
    this.put(text);
    if (count < length) throw TRUNCATED;
  }

  /** What no printer knows, unless -q, -x or -X make it superfluous. */
  dump(at: number, length: number): void {
    if (!this.options.suppressDump) this.hexAndAscii('\n\t', at, length);
  }

  /** print_unknown_data() */
  unknown(at: number, indent: string, length: number): void {
    if (at > this.end) return this.put(`${indent}Dissector error: print_unknown_data called with pointer past end of packet`);
    this.hex(indent, at, Math.min(length, this.left(at)));
  }

  // Checksums.

  /** Internet checksum over `count` bytes and what `before` sums up; 0: right. */
  checksum(at: number, count: number, before = 0): number {
    return internetChecksum(this.view, at, count, before);
  }

  /** The sum of a pseudo-header: the IP header at `ip`, of either version, payload length and protocol. */
  pseudoHeader(ip: number, length: number, protocol: number): number {
    if (this.u8(ip) >>> 4 !== 6) return sum(this.view, this.finalDestination4(ip), 4, sum(this.view, ip + 12, 4, protocol + length));
    return sum(this.view, this.finalDestination6(ip), 16, sum(this.view, ip + 8, 16, (length >>> 16) + (length & 0xffff) + protocol));
  }

  /** A source route's last address counts. ip_finddst() */
  private finalDestination4(ip: number): number {
    let left = ((this.u8(ip) & 0xf) << 2) - 20;
    for (let at = ip + 20; left > 0; ) {
      const option = this.u8(at);
      if (option === 0) break;
      const length = option === 1 ? 1 : this.u8(at + 1);
      if (length < 2 && option !== 1) break;
      if (length > left) break;
      if (option === 0x83 || option === 0x89) {
        if (length < 7) break;
        return at + length - 4;
      }
      left -= length;
      at += length;
    }
    return ip + 16;
  }

  /** A routing header's last address counts. ip6_finddst() */
  private finalDestination6(ip: number): number {
    let next = this.u8(ip + 6);
    for (let at = ip + 40; at < this.end; ) {
      switch (next) {
        case 0:
        case 60:
        case 62:
        case 135: {
          if (!this.has(at, 2)) return ip + 24;
          next = this.u8(at);
          at += (this.u8(at + 1) + 1) << 3;
          break;
        }
        case 44:
          next = this.u8(at);
          at += 8;
          break;
        case 43: {
          if (!this.has(at, 4)) return ip + 24;
          const type = this.u8(at + 2);
          const length = this.u8(at + 1);
          if (type === 0 || type === 2) {
            if (length % 2 === 1) return ip + 24;
            const last = at + 8 + ((length >> 1) - 1) * 16;
            return length === 0 || !this.has(last, 16) ? ip + 24 : last;
          }
          return type === 4 && length % 2 === 0 && this.has(at + 8, 16) ? at + 8 : ip + 24;
        }
        default:
          return ip + 24;
      }
    }
    return ip + 24;
  }
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
export const hexByte = (byte: number) => hexBytes[byte]!;

/** What a checksum field should have been: `field` is its value, `computed` what summing up gave. in_cksum_shouldbe() */
export function checksumShouldBe(field: number, computed: number): number {
  let should = field + computed;
  should = (should & 0xffff) + (should >>> 16);
  return ((should & 0xffff) + (should >>> 16)) & 0xffff;
}
