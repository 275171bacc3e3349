import {
  OPTION_END,
  OPTION_EXPERIMENTAL,
  OPTION_FAST_OPEN,
  OPTION_MD5,
  OPTION_MSS,
  OPTION_MSS_BYTES,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_SACK_PERMITTED_BYTES,
  OPTION_TIMESTAMPS,
  OPTION_TIMESTAMPS_BYTES,
  OPTION_WINDOW_SCALE,
  OPTION_WINDOW_SCALE_BYTES,
} from '../../wire/tcp.js';
import { MAX_WSCALE, TIMESTAMPS_ALIGNED } from './constants.js';
import { MAX_COOKIE } from './fastopen-cookie.js';

/** Of the experimental option, RFC 6994. */
const FAST_OPEN_MAGIC = 0xf989;

/** The options of the segment that is being processed; one object a namespace, filled anew for each. */
export class ReceivedOptions {
  /** 0: none. */
  mss = 0;
  /** -1: none. Cut to 14 (RFC 7323 2.3). */
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  timestampValue = 0;
  timestampEcho = 0;
  /** SACK blocks (RFC 2018 3): start and end of each. */
  sackCount = 0;
  readonly sack = new Int32Array(8);
  /** Where the digest of the MD5 option stands (RFC 2385); -1: there is none. */
  md5At = -1;
  /** Fast Open (RFC 7413 4.1.1): bytes of the cookie, 0: one is asked for, -1: no such option. */
  fastOpenBytes = -1;
  readonly fastOpenCookie = new Uint8Array(MAX_COOKIE);
  /** It came in the experimental option (RFC 7413 appendix A, RFC 6994). */
  fastOpenExperimental = false;

  /** Reads the options of a checked header. What is malformed ends the reading, as in Linux. */
  parse(v: DataView, at: number, headerBytes: number, syn: boolean): void {
    this.mss = 0;
    this.windowScale = -1;
    this.sackPermitted = false;
    this.hasTimestamps = false;
    this.sackCount = 0;
    this.fastOpenBytes = -1;
    this.md5At = -1;
    if (headerBytes === 20) return;
    let option = at + 20;
    const end = at + headerBytes;
    // Linux: tcp_fast_parse_options(). Nearly all segments have NOP, NOP, timestamps and nothing else.
    if (headerBytes === 32 && v.getUint32(option) === 0x0101_080a) {
      this.#timestamps(v, option + 4);
      return;
    }
    while (option < end) {
      const kind = v.getUint8(option);
      if (kind === OPTION_END) return;
      if (kind === OPTION_NOP) {
        option++;
        continue;
      }
      if (option + 1 >= end) return;
      const length = v.getUint8(option + 1);
      if (length < 2 || option + length > end) return;
      if (kind === OPTION_MD5 && length === 18) this.md5At = option + 2;
      else if (kind === OPTION_TIMESTAMPS && length === OPTION_TIMESTAMPS_BYTES) this.#timestamps(v, option + 2);
      else if (kind === OPTION_SACK && !syn && length >= 10 && (length - 2) % 8 === 0) this.#blocks(v, option + 2, (length - 2) / 8);
      else if (syn) {
        if (kind === OPTION_MSS && length === OPTION_MSS_BYTES) this.mss = v.getUint16(option + 2);
        else if (kind === OPTION_WINDOW_SCALE && length === OPTION_WINDOW_SCALE_BYTES)
          this.windowScale = Math.min(v.getUint8(option + 2), MAX_WSCALE);
        else if (kind === OPTION_FAST_OPEN) this.#fastOpen(v, option + 2, length - 2, false);
        else if (kind === OPTION_EXPERIMENTAL && length >= 4 && v.getUint16(option + 2) === FAST_OPEN_MAGIC)
          this.#fastOpen(v, option + 4, length - 4, true);
        else if (kind === OPTION_SACK_PERMITTED && length === OPTION_SACK_PERMITTED_BYTES) this.sackPermitted = true;
      }
      option += length;
    }
  }

  #fastOpen(v: DataView, at: number, bytes: number, experimental: boolean): void {
    if ((bytes & 1) !== 0 || (bytes !== 0 && (bytes < 4 || bytes > MAX_COOKIE))) return;
    this.fastOpenBytes = bytes;
    this.fastOpenExperimental = experimental;
    for (let i = 0; i < bytes; i++) this.fastOpenCookie[i] = v.getUint8(at + i);
  }

  #blocks(v: DataView, at: number, count: number): void {
    this.sackCount = count;
    for (let i = 0; i < 2 * count; i++) this.sack[i] = v.getInt32(at + 4 * i);
  }

  #timestamps(v: DataView, at: number): void {
    this.hasTimestamps = true;
    this.timestampValue = v.getInt32(at);
    this.timestampEcho = v.getInt32(at + 4);
  }
}

/** What a SYN or SYN-ACK offers. Reused. */
export class SynOptions {
  mss = 0;
  /** -1: none. */
  windowScale = -1;
  sackPermitted = false;
  timestamps = false;
  timestampValue = 0;
  timestampEcho = 0;
  /** The cookie of Fast Open; empty: asks for one; null: no such option. */
  fastOpen: Uint8Array | null = null;
  fastOpenExperimental = false;

  get bytes(): number {
    return 4 + (this.timestamps ? TIMESTAMPS_ALIGNED : this.sackPermitted ? 4 : 0) + (this.windowScale >= 0 ? 4 : 0) + this.#fastOpenBytes;
  }

  /** A multiple of four, NOPs counted. */
  get #fastOpenBytes(): number {
    return this.fastOpen === null ? 0 : (this.fastOpen.length + (this.fastOpenExperimental ? 4 : 2) + 3) & ~3;
  }

  /** Writes them in Linux's order: mss, sackOK, timestamps, wscale, Fast Open; padded by NOPs in front, behind the cookie. */
  write(v: DataView, start: number): void {
    let at = start;
    v.setUint16(at, (OPTION_MSS << 8) | OPTION_MSS_BYTES);
    v.setUint16(at + 2, this.mss);
    at += 4;
    const sack = (OPTION_SACK_PERMITTED << 8) | OPTION_SACK_PERMITTED_BYTES;
    if (this.timestamps) {
      v.setUint16(at, this.sackPermitted ? sack : 0x0101);
      v.setUint16(at + 2, (OPTION_TIMESTAMPS << 8) | OPTION_TIMESTAMPS_BYTES);
      v.setInt32(at + 4, this.timestampValue);
      v.setInt32(at + 8, this.timestampEcho);
      at += TIMESTAMPS_ALIGNED;
    } else if (this.sackPermitted) {
      v.setUint16(at, 0x0101);
      v.setUint16(at + 2, sack);
      at += 4;
    }
    if (this.windowScale >= 0) {
      v.setUint16(at, (OPTION_NOP << 8) | OPTION_WINDOW_SCALE);
      v.setUint16(at + 2, (OPTION_WINDOW_SCALE_BYTES << 8) | this.windowScale);
      at += 4;
    }
    if (this.fastOpen !== null) this.#writeFastOpen(v, at, this.fastOpen);
  }

  #writeFastOpen(v: DataView, start: number, cookie: Uint8Array): void {
    const end = start + this.#fastOpenBytes;
    const base = this.fastOpenExperimental ? 4 : 2;
    v.setUint8(start, this.fastOpenExperimental ? OPTION_EXPERIMENTAL : OPTION_FAST_OPEN);
    v.setUint8(start + 1, base + cookie.length);
    if (this.fastOpenExperimental) v.setUint16(start + 2, FAST_OPEN_MAGIC);
    for (let i = 0; i < cookie.length; i++) v.setUint8(start + base + i, cookie[i]!);
    for (let at = start + base + cookie.length; at < end; at++) v.setUint8(at, OPTION_NOP);
  }
}

/** NOP, NOP, timestamps: twelve bytes. */
export function writeTimestamps(v: DataView, at: number, value: number, echo: number): void {
  v.setUint32(at, 0x0101_080a);
  v.setInt32(at + 4, value);
  v.setInt32(at + 8, echo);
}
