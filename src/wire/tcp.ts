// TCP, RFC 9293 3.1:
//  0 source port | 2 destination port | 4 sequence number | 8 acknowledgment number
//  12 data offset in words (high four bits) | 13 flags | 14 window | 16 checksum | 18 urgent pointer | 20 options

export const PROTOCOL = 6;
export const HEADER = 20;
/** A data offset of 15 words. */
export const MAX_HEADER = 60;
export const CHECKSUM_OFFSET = 16;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

// Option kinds, IANA "TCP Option Kind Numbers".
export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WINDOW_SCALE = 3;
export const OPTION_SACK_PERMITTED = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;
export const OPTION_MD5 = 19;
export const OPTION_FAST_OPEN = 34;
/** RFC 9768 3.2.3: counters of bytes by their mark, ECT(0) first or ECT(1) first. */
export const OPTION_ACCURATE_ECN0 = 172;
export const OPTION_ACCURATE_ECN1 = 174;
export const OPTION_EXPERIMENTAL = 254;

// Whole lengths of the options of fixed length.
export const OPTION_MSS_BYTES = 4;
export const OPTION_WINDOW_SCALE_BYTES = 3;
export const OPTION_SACK_PERMITTED_BYTES = 2;
export const OPTION_TIMESTAMPS_BYTES = 10;

export const sourcePort = (v: DataView, at: number) => v.getUint16(at);
export const destinationPort = (v: DataView, at: number) => v.getUint16(at + 2);
/** As int32, for the functions that compare sequence numbers; `>>> 0` shows it. */
export const sequence = (v: DataView, at: number) => v.getInt32(at + 4);
export const acknowledgment = (v: DataView, at: number) => v.getInt32(at + 8);
export const headerBytes = (v: DataView, at: number) => (v.getUint8(at + 12) >>> 4) << 2;
export const flags = (v: DataView, at: number) => v.getUint8(at + 13);
export const window = (v: DataView, at: number) => v.getUint16(at + 14);
export const checksum = (v: DataView, at: number) => v.getUint16(at + 16);
export const urgentPointer = (v: DataView, at: number) => v.getUint16(at + 18);

/** Says once whether the `bytes` at `at` hold a whole TCP header. Accessors after it cannot fail. */
export function check(v: DataView, at: number, bytes: number): boolean {
  if (bytes < HEADER) return false;
  const header = headerBytes(v, at);
  return header >= HEADER && header <= bytes;
}

/** Writes the fixed header, checksum zero; `words` is its length with options in 32-bit words. */
export function write(
  v: DataView,
  at: number,
  source: number,
  destination: number,
  seq: number,
  ack: number,
  words: number,
  flagBits: number,
  windowField: number,
  urgent: number,
): void {
  v.setUint16(at, source);
  v.setUint16(at + 2, destination);
  v.setInt32(at + 4, seq);
  v.setInt32(at + 8, ack);
  v.setUint16(at + 12, (words << 12) | flagBits);
  v.setUint16(at + 14, windowField);
  v.setUint16(at + 16, 0);
  v.setUint16(at + 18, urgent);
}
