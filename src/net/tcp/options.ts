import {
  OPTION_END,
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

  /** Reads the options of a checked header. What is malformed ends the reading, as in Linux. */
  parse(v: DataView, at: number, headerBytes: number, syn: boolean): void {
    this.mss = 0;
    this.windowScale = -1;
    this.sackPermitted = false;
    this.hasTimestamps = false;
    this.sackCount = 0;
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
      if (kind === OPTION_TIMESTAMPS && length === OPTION_TIMESTAMPS_BYTES) this.#timestamps(v, option + 2);
      else if (kind === OPTION_SACK && !syn && length >= 10 && (length - 2) % 8 === 0) this.#blocks(v, option + 2, (length - 2) / 8);
      else if (syn) {
        if (kind === OPTION_MSS && length === OPTION_MSS_BYTES) this.mss = v.getUint16(option + 2);
        else if (kind === OPTION_WINDOW_SCALE && length === OPTION_WINDOW_SCALE_BYTES)
          this.windowScale = Math.min(v.getUint8(option + 2), MAX_WSCALE);
        else if (kind === OPTION_SACK_PERMITTED && length === OPTION_SACK_PERMITTED_BYTES) this.sackPermitted = true;
      }
      option += length;
    }
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

  get bytes(): number {
    return 4 + (this.timestamps ? TIMESTAMPS_ALIGNED : this.sackPermitted ? 4 : 0) + (this.windowScale >= 0 ? 4 : 0);
  }

  /** Writes them in Linux's order: mss, sackOK, timestamps, wscale; padded by NOPs in front. */
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
    }
  }
}

/** NOP, NOP, timestamps: twelve bytes. */
export function writeTimestamps(v: DataView, at: number, value: number, echo: number): void {
  v.setUint32(at, 0x0101_080a);
  v.setInt32(at + 4, value);
  v.setInt32(at + 8, echo);
}
