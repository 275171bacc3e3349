import { decodeFloat16, decodeFloat8 } from './group-record.js';
import { MLD2_REPORT } from './icmpv6.js';
import { type In6, readAddress, writeAddress } from './ipv6.js';

// MLD, messages of ICMPv6. Version 1, RFC 2710 3:  0 type | 1 code | 2 checksum | 4 max response delay in ms | 6 reserved | 8 group
// Query of version 2, RFC 3810 5.1:  ... | 24 suppress flag, querier's robustness | 25 QQIC | 26 number of sources | 28 sources
// Report of version 2, RFC 3810 5.2: 0 type | 1 reserved | 2 checksum | 4 reserved | 6 number of records | 8 records
// Record:                            0 type | 1 auxiliary words | 2 number of sources | 4 group | 20 sources | auxiliary data
export const HEADER = 24;
export const V2_QUERY = 28;
export const V2_REPORT_HEADER = 8;
export const RECORD_HEADER = 20;
export const SOURCE_BYTES = 16;
/** Where the group of a query, a version 1 report or a done message stands. */
export const GROUP_AT = 8;

/** Hop-by-hop options with router alert for MLD (RFC 2711), and two bytes of padding. The first byte is the next header: ICMPv6. */
export const ROUTER_ALERT_HEADER = Uint8Array.of(58, 0, 5, 2, 0, 0, 1, 0);

/** ff02::16: where reports of version 2 go. */
export const V2_ROUTERS: In6 = Uint32Array.of(0xff02_0000, 0, 0, 0x16);

/** Max response delay or code, as it stands there. */
export const code = (v: DataView, at: number): number => v.getUint16(at + 4);
export const group = (v: DataView, at: number, into: In6): In6 => readAddress(v, at + GROUP_AT, into);

/** Milliseconds that a query of version 2 allows for the answer (RFC 3810 5.1.3). */
export const v2ResponseDelay = (v: DataView, at: number): number => decodeFloat16(code(v, at));
export const suppress = (v: DataView, at: number): boolean => (v.getUint8(at + 24) & 0x08) !== 0;
export const robustness = (v: DataView, at: number): number => v.getUint8(at + 24) & 0x07;
/** Seconds between the querier's general queries. */
export const queryInterval = (v: DataView, at: number): number => decodeFloat8(v.getUint8(at + 25));
export const querySources = (v: DataView, at: number): number => v.getUint16(at + 26);
export const querySource = (v: DataView, at: number, index: number, into: In6): In6 =>
  readAddress(v, at + V2_QUERY + SOURCE_BYTES * index, into);

/** Which version a query of `bytes` bytes is of (RFC 3810 8.1); 0: no version has such. */
export const queryVersion = (bytes: number): number => (bytes === HEADER ? 1 : bytes >= V2_QUERY ? 2 : 0);

/** Whether the sources that a query of version 2 announces are in its `bytes` bytes. */
export const hasQuerySources = (v: DataView, at: number, bytes: number): boolean =>
  bytes >= V2_QUERY && V2_QUERY + SOURCE_BYTES * querySources(v, at) <= bytes;

export const reportRecords = (v: DataView, at: number): number => v.getUint16(at + 6);
export const recordType = (v: DataView, at: number): number => v.getUint8(at);
export const recordSources = (v: DataView, at: number): number => v.getUint16(at + 2);
export const recordGroup = (v: DataView, at: number, into: In6): In6 => readAddress(v, at + 4, into);
export const recordSource = (v: DataView, at: number, index: number, into: In6): In6 =>
  readAddress(v, at + RECORD_HEADER + SOURCE_BYTES * index, into);
/** Bytes of the record at `at`, sources and auxiliary data included. */
export const recordBytes = (v: DataView, at: number): number =>
  RECORD_HEADER + SOURCE_BYTES * recordSources(v, at) + 4 * v.getUint8(at + 1);

/** Writes a query, report or done message of version 1, with a checksum of zero. `responseDelay` in milliseconds, or version 2's code. */
export function write(v: DataView, at: number, messageType: number, responseDelay: number, groupAddress: In6): void {
  v.setUint32(at, messageType * 0x100_0000);
  v.setUint32(at + 4, responseDelay * 0x1_0000);
  writeAddress(v, at + GROUP_AT, groupAddress);
}

/** Writes the header of a report of version 2 with `records` records to come. */
export function writeReport(v: DataView, at: number, records: number): void {
  v.setUint32(at, MLD2_REPORT * 0x100_0000);
  v.setUint32(at + 4, records);
}

/** Writes the header of a record with `sources` sources to come. */
export function writeRecord(v: DataView, at: number, kind: number, sources: number, groupAddress: In6): void {
  v.setUint16(at, kind << 8);
  v.setUint16(at + 2, sources);
  writeAddress(v, at + 4, groupAddress);
}

/** Completes what a query of version 2 has behind its first 24 bytes, but for the sources. */
export function writeQueryV2(v: DataView, at: number, suppressed: boolean, qrv: number, qqic: number, sources: number): void {
  v.setUint8(at + 24, (suppressed ? 0x08 : 0) | (qrv > 7 ? 0 : qrv));
  v.setUint8(at + 25, qqic);
  v.setUint16(at + 26, sources);
}
