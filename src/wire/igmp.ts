import { checksum } from './checksum.js';
import { decodeFloat8 } from './group-record.js';

// IGMP. Version 1 and 2, RFC 2236 2:  0 type | 1 max response time in tenths of a second (version 1: 0) | 2 checksum | 4 group
// Query of version 3, RFC 3376 4.1:   ... | 8 suppress flag, querier's robustness | 9 QQIC | 10 number of sources | 12 sources
// Report of version 3, RFC 3376 4.2:  0 type | 1 reserved | 2 checksum | 4 reserved | 6 number of records | 8 records
// Record:                             0 type | 1 auxiliary words | 2 number of sources | 4 group | 8 sources | auxiliary data
export const PROTOCOL = 2;
export const HEADER = 8;
export const CHECKSUM_AT = 2;
export const V3_QUERY = 12;
export const V3_REPORT_HEADER = 8;
export const RECORD_HEADER = 8;
export const SOURCE_BYTES = 4;

export const QUERY = 0x11;
export const V1_REPORT = 0x12;
export const DVMRP = 0x13;
export const PIM = 0x14;
export const TRACE = 0x15;
export const V2_REPORT = 0x16;
export const V2_LEAVE = 0x17;
export const MTRACE_RESPONSE = 0x1e;
export const MTRACE = 0x1f;
export const V3_REPORT = 0x22;

/** Router alert, RFC 2113: the option that all messages but version 1's carry. */
export const ROUTER_ALERT_OPTION = Uint8Array.of(148, 4, 0, 0);

export const ALL_HOSTS = 0xe000_0001;
export const ALL_ROUTERS = 0xe000_0002;
/** 224.0.0.22: where reports of version 3 go. */
export const V3_ROUTERS = 0xe000_0016;

export const type = (v: DataView, at: number): number => v.getUint8(at);
/** Max response time or code, as it stands there. */
export const code = (v: DataView, at: number): number => v.getUint8(at + 1);
export const group = (v: DataView, at: number): number => v.getUint32(at + 4);

/** Tenths of a second that a query of version 3 allows for the answer (RFC 3376 4.1.1). */
export const v3ResponseTime = (v: DataView, at: number): number => decodeFloat8(code(v, at));
/** Routers that hear it leave their timers as they are. */
export const suppress = (v: DataView, at: number): boolean => (v.getUint8(at + 8) & 0x08) !== 0;
export const robustness = (v: DataView, at: number): number => v.getUint8(at + 8) & 0x07;
/** Seconds between the querier's general queries. */
export const queryInterval = (v: DataView, at: number): number => decodeFloat8(v.getUint8(at + 9));
export const querySources = (v: DataView, at: number): number => v.getUint16(at + 10);
export const querySource = (v: DataView, at: number, index: number): number => v.getUint32(at + V3_QUERY + SOURCE_BYTES * index);

/** Which version a query of `bytes` bytes is of (RFC 3376 7.1); 0: no version has such. */
export function queryVersion(v: DataView, at: number, bytes: number): number {
  if (bytes < HEADER) return 0;
  if (bytes === HEADER) return code(v, at) === 0 ? 1 : 2;
  return bytes < V3_QUERY ? 0 : 3;
}

/** Whether the sources that a query of version 3 announces are in its `bytes` bytes. */
export const hasQuerySources = (v: DataView, at: number, bytes: number): boolean =>
  bytes >= V3_QUERY && V3_QUERY + SOURCE_BYTES * querySources(v, at) <= bytes;

export const reportRecords = (v: DataView, at: number): number => v.getUint16(at + 6);
export const recordType = (v: DataView, at: number): number => v.getUint8(at);
export const recordSources = (v: DataView, at: number): number => v.getUint16(at + 2);
export const recordGroup = (v: DataView, at: number): number => v.getUint32(at + 4);
export const recordSource = (v: DataView, at: number, index: number): number => v.getUint32(at + RECORD_HEADER + SOURCE_BYTES * index);
/** Bytes of the record at `at`, sources and auxiliary data included. */
export const recordBytes = (v: DataView, at: number): number =>
  RECORD_HEADER + SOURCE_BYTES * recordSources(v, at) + 4 * v.getUint8(at + 1);

/** Writes a message of eight bytes: a query, report or leave of version 1 or 2. The checksum is writeChecksum()'s. */
export function write(v: DataView, at: number, messageType: number, responseTime: number, groupAddress: number): void {
  v.setUint8(at, messageType);
  v.setUint8(at + 1, responseTime);
  v.setUint16(at + CHECKSUM_AT, 0);
  v.setUint32(at + 4, groupAddress);
}

/** Writes the header of a report of version 3 with `records` records to come. */
export function writeReport(v: DataView, at: number, records: number): void {
  v.setUint16(at, V3_REPORT << 8);
  v.setUint16(at + CHECKSUM_AT, 0);
  v.setUint32(at + 4, records);
}

/** Writes the header of a record with `sources` sources to come. */
export function writeRecord(v: DataView, at: number, kind: number, sources: number, groupAddress: number): void {
  v.setUint16(at, kind << 8);
  v.setUint16(at + 2, sources);
  v.setUint32(at + 4, groupAddress);
}

/** Completes what a query of version 3 has behind its first eight bytes, but for the sources. */
export function writeQueryV3(v: DataView, at: number, suppressed: boolean, qrv: number, qqic: number, sources: number): void {
  v.setUint8(at + 8, (suppressed ? 0x08 : 0) | (qrv > 7 ? 0 : qrv));
  v.setUint8(at + 9, qqic);
  v.setUint16(at + 10, sources);
}

/** Fills in the checksum of the message of `bytes` bytes. */
export function writeChecksum(v: DataView, at: number, bytes: number): void {
  v.setUint16(at + CHECKSUM_AT, 0);
  v.setUint16(at + CHECKSUM_AT, checksum(v, at, bytes, 0));
}
