import { AF_INET } from '../../../../netlink/constants.js';
import { IP_VS_CONN_F_SEQ_MASK } from '../../../../netlink/genl/ip-vs.js';
import type { SyncedConnection } from './message.js';

// Messages of protocol version 0 (struct ip_vs_sync_mesg_v0), for IPv4 alone:
//   0 number of connections | 1 sync id | 2 size
// then connections (struct ip_vs_sync_conn_v0):
//   0 spare | 1 protocol | 2 client, 4 virtual, 6 server port | 8 client, 12 virtual, 16 server address | 20 flags | 22 state
// and behind one whose flags say so the sequence numbers of both directions (struct ip_vs_sync_conn_options).
export const HEADER_V0 = 4;
export const ENTRY_V0 = 24;
const SEQUENCES = 24;

export function writeHeaderV0(v: DataView, syncId: number, bytes: number, count: number): void {
  v.setUint8(0, count);
  v.setUint8(1, syncId);
  v.setUint16(2, bytes);
}

/** Writes a connection at `at`; how many bytes that were. */
export function writeEntryV0(v: DataView, at: number, entry: SyncedConnection): number {
  v.setUint8(at, 0);
  v.setUint8(at + 1, entry.protocol);
  v.setUint16(at + 2, entry.clientPort);
  v.setUint16(at + 4, entry.virtualPort);
  v.setUint16(at + 6, entry.serverPort);
  v.setUint32(at + 8, entry.client[0]!);
  v.setUint32(at + 12, entry.virtual[0]!);
  v.setUint32(at + 16, entry.server[0]!);
  v.setUint16(at + 20, entry.flags);
  v.setUint16(at + 22, entry.state);
  return ENTRY_V0;
}

/** Reads the connection at `at`; how many bytes that were; 0: it is cut off. */
export function readEntryV0(v: DataView, at: number, end: number, into: SyncedConnection): number {
  if (at + ENTRY_V0 > end) return 0;
  into.family = AF_INET;
  into.protocol = v.getUint8(at + 1);
  into.clientPort = v.getUint16(at + 2);
  into.virtualPort = v.getUint16(at + 4);
  into.serverPort = v.getUint16(at + 6);
  into.flags = v.getUint16(at + 20);
  into.state = v.getUint16(at + 22);
  into.fwmark = 0;
  into.timeoutSeconds = 0;
  let from = at + 8;
  for (const address of [into.client, into.virtual, into.server]) {
    address.fill(0);
    address[0] = v.getUint32(from);
    from += 4;
  }
  const bytes = ENTRY_V0 + ((into.flags & IP_VS_CONN_F_SEQ_MASK) === 0 ? 0 : SEQUENCES);
  return at + bytes > end ? 0 : bytes;
}
