import { AF_INET, AF_INET6 } from '../../../../netlink/constants.js';

// Messages of protocol version 1 (struct ip_vs_sync_mesg):
//   0 zero | 1 sync id | 2 size | 4 number of connections | 5 version | 6 spare
// then connections (struct ip_vs_sync_v4, ip_vs_sync_v6), each padded to four bytes:
//   0 type | 1 protocol | 2 version, size of 12 bits | 4 flags | 8 state | 10 client, 12 virtual, 14 server port
//   16 mark | 20 timeout in seconds | 24 client, virtual, server address
export const HEADER = 8;
export const VERSION = 1;
const STYPE_INET6 = 1;
const ADDRESSES_AT = 24;
const SIZE_MASK = 0x0fff;

/** A connection as messages have it. */
export interface SyncedConnection {
  /** AF_INET or AF_INET6. */
  family: number;
  protocol: number;
  /** IP_VS_CONN_F_*, the lower 16. */
  flags: number;
  state: number;
  clientPort: number;
  virtualPort: number;
  serverPort: number;
  fwmark: number;
  timeoutSeconds: number;
  readonly client: Uint32Array;
  readonly virtual: Uint32Array;
  readonly server: Uint32Array;
}

export const syncedConnection = (): SyncedConnection => ({
  family: AF_INET,
  protocol: 0,
  flags: 0,
  state: 0,
  clientPort: 0,
  virtualPort: 0,
  serverPort: 0,
  fwmark: 0,
  timeoutSeconds: 0,
  client: new Uint32Array(4),
  virtual: new Uint32Array(4),
  server: new Uint32Array(4),
});

const addressWords = (family: number): number => (family === AF_INET ? 1 : 4);
export const entryBytes = (family: number): number => ADDRESSES_AT + 3 * 4 * addressWords(family);

export function writeHeader(v: DataView, syncId: number, bytes: number, count: number): void {
  v.setUint8(0, 0);
  v.setUint8(1, syncId);
  v.setUint16(2, bytes);
  v.setUint8(4, count);
  v.setUint8(5, VERSION);
  v.setUint16(6, 0);
}

/** Writes a connection at `at`; how many bytes that were. */
export function writeEntry(v: DataView, at: number, entry: SyncedConnection): number {
  const bytes = entryBytes(entry.family);
  v.setUint8(at, entry.family === AF_INET ? 0 : STYPE_INET6);
  v.setUint8(at + 1, entry.protocol);
  v.setUint16(at + 2, bytes);
  v.setUint32(at + 4, entry.flags & 0xffff);
  v.setUint16(at + 8, entry.state);
  v.setUint16(at + 10, entry.clientPort);
  v.setUint16(at + 12, entry.virtualPort);
  v.setUint16(at + 14, entry.serverPort);
  v.setUint32(at + 16, entry.fwmark);
  v.setUint32(at + 20, entry.timeoutSeconds);
  const words = addressWords(entry.family);
  let to = at + ADDRESSES_AT;
  for (const address of [entry.client, entry.virtual, entry.server]) for (let i = 0; i < words; i++, to += 4) v.setUint32(to, address[i]!);
  return bytes;
}

/** Reads the connection at `at`; how many bytes that were; 0: it is none. */
export function readEntry(v: DataView, at: number, end: number, into: SyncedConnection): number {
  if (at + ADDRESSES_AT > end) return 0;
  const type = v.getUint8(at);
  const size = v.getUint16(at + 2) & SIZE_MASK;
  into.family = (type & STYPE_INET6) === 0 ? AF_INET : AF_INET6;
  if (size < entryBytes(into.family) || at + size > end || v.getUint16(at + 2) >>> 12 !== 0) return 0;
  into.protocol = v.getUint8(at + 1);
  into.flags = v.getUint32(at + 4);
  into.state = v.getUint16(at + 8);
  into.clientPort = v.getUint16(at + 10);
  into.virtualPort = v.getUint16(at + 12);
  into.serverPort = v.getUint16(at + 14);
  into.fwmark = v.getUint32(at + 16);
  into.timeoutSeconds = v.getUint32(at + 20);
  const words = addressWords(into.family);
  let from = at + ADDRESSES_AT;
  for (const address of [into.client, into.virtual, into.server]) {
    address.fill(0);
    for (let i = 0; i < words; i++, from += 4) address[i] = v.getUint32(from);
  }
  return (size + 3) & ~3;
}
